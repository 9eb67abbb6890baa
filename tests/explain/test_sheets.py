"""The shipped sheets: made, listed, found again by what they are of."""

import json
from pathlib import Path

import numpy as np
import pytest

from perturber import paths
from perturber.explain import sheet_maker, sheets
from perturber.explain.library import Library, order
from perturber.explain.visualization_cache import VisualizationCache
from perturber.nets import catalog
from perturber.nets.zoo import Zoo

UNITS = {"conv2d0": (3, 5), "conv2d1": (0, 60)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small sheets of the standard network, as `perturber featurevis --sheets` makes them."""
    folder = tmp_path_factory.mktemp("sheets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERTURBER_CACHE", str(folder / "cache"))
        patch.setattr(sheets, "FOLDER", folder / "out")
        patch.setattr(sheet_maker, "shown_units", lambda _: UNITS)
        patch.setattr(sheet_maker, "_networks", lambda: [catalog.find("standard")])
        sheet_maker.make(workers=1)
    return folder / "out"


@pytest.fixture
def shipped(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "FOLDER", made)
    for cached in (sheets.load, sheets._by_content, sheets._open):
        cached.cache_clear()
        monkeypatch.setattr(sheets, cached.__name__, cached.__wrapped__)


@pytest.mark.usefixtures("shipped")
def test_every_tile_is_the_engines_picture_of_its_unit(tmp_path: Path) -> None:
    network = Zoo("cpu").load("standard")
    fresh = Library(VisualizationCache(tmp_path), shipped=False)
    for naive in (False, True):
        for layer, units in UNITS.items():
            asked = order(network, layer, naive=naive)
            for unit, exact in zip(units, fresh.pictures(network, asked, units), strict=True):
                tile = sheets.find(asked.weights, asked.objective, asked.recipe, unit)
                assert tile is not None
                assert tile.activation == pytest.approx(exact.activation, abs=1e-3)
                difference = tile.pixels.astype(float) - exact.pixels
                assert np.abs(difference).mean() < 25, "WebP loses colour detail of 16 px pictures, no more"


@pytest.mark.usefixtures("shipped")
def test_what_is_not_just_the_same_is_not_found() -> None:
    standard, adversarial = (Zoo("cpu").load(variant) for variant in ("standard", "adversarial"))
    asked = order(standard, "conv2d0")
    assert sheets.find(asked.weights, asked.objective, asked.recipe, 3) is not None
    assert sheets.find(asked.weights, asked.objective, asked.recipe, 4) is None
    others = [
        order(adversarial, "conv2d0"),
        order(standard, "conv2d2"),
        order(standard, "conv2d0", kind="channel"),
        order(standard, "conv2d0", diversity=True),
    ]
    for other in others:
        assert sheets.find(other.weights, other.objective, other.recipe, 3) is None


@pytest.mark.usefixtures("shipped")
def test_a_checkpoint_that_is_the_same_file_has_the_same_pictures() -> None:
    start = catalog.find("adversarial", 1)
    assert start.sha256 == catalog.find("standard").sha256, "a fine-tuning starts as the standard network"
    found = sheets.of_checkpoint(start, "conv2d1", [60, 61], naive=False)
    assert list(found) == [60]
    assert sheets.of_checkpoint(catalog.find("adversarial"), "conv2d1", [60], naive=False) == {}


def test_the_shipped_sheets_are_of_the_shipped_networks_and_small() -> None:
    folder = paths.MODELS / "feature-visualizations"
    if not (folder / "index.json").is_file():
        pytest.skip("no sheets are shipped: `perturber featurevis --sheets` makes them")
    known = {entry.sha256 for entry in catalog.entries()}
    listed = json.loads((folder / "index.json").read_text())["sheets"]
    assert {row["sha256"] for row in listed} <= known
    assert {row["file"] for row in listed} == {path.name for path in folder.glob("*.webp")}
    assert sum(path.stat().st_size for path in folder.iterdir()) < 10 * 2**20
