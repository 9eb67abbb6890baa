"""The model card says what was measured."""

import importlib.util
import json
from types import ModuleType

import pytest

from perturber import paths
from perturber.evaluation.table import accuracies
from perturber.nets import catalog


@pytest.fixture(scope="module")
def card() -> ModuleType:
    specification = importlib.util.spec_from_file_location("card", paths.MODELS / "card.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_card_holds_the_measured_figures(card: ModuleType) -> None:
    """If this fails, `models/card.py` puts the new figures in."""
    text = (paths.MODELS / "README.md").read_text(encoding="utf-8")
    assert card.filled(text) == text
    for name in ("accuracy", "packing", "alignment"):
        assert f"<!-- figures: {name} -->" in text
    assert accuracies(json.loads((paths.MODELS / "evaluation.json").read_text())) in text


def test_the_figures_are_of_the_bundled_networks() -> None:
    bundled = {(entry.variant, entry.checkpoint) for entry in catalog.entries() if entry.base is not None}
    for name, rows in (
        ("packing.json", json.loads((paths.MODELS / "packing.json").read_text())),
        ("alignment.json", json.loads((paths.MODELS / "alignment.json").read_text())["rows"]),
    ):
        assert {(row["variant"], row["checkpoint"]) for row in rows} == bundled, name
    evaluated = json.loads((paths.MODELS / "evaluation.json").read_text())["models"]
    assert {
        entry.variant for entry in catalog.entries() if entry.family == "tiny-imagenet" and entry.final
    } == (set(evaluated))


def test_packing_costs_at_most_half_a_point() -> None:
    for row in json.loads((paths.MODELS / "packing.json").read_text()):
        noise = 0 if row["pictures"] == 10_000 else 0.005
        assert row["before"]["top1"] - row["after"]["top1"] <= 0.005 + noise


def test_all_bundled_weights_fit_into_forty_mebibytes() -> None:
    assert sum(file.stat().st_size for file in paths.MODELS.glob("*.safetensors")) < 40 * 2**20
