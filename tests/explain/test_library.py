"""What is known without being made: by content, on disk, among processes."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch

from perturber.explain.fingerprint import fingerprint
from perturber.explain.library import Library, order
from perturber.explain.visualization import Visualization, tiles
from perturber.explain.visualization_cache import VisualizationCache
from perturber.nets.edit import EDITABLE, Base, Mix
from perturber.nets.editing import Editor
from perturber.nets.zoo import Zoo


def picture(value: int, size: int = 32) -> Visualization:
    noise = np.random.default_rng(value).integers(0, 256, (size, size, 3), dtype=np.uint8)
    return Visualization(noise, value / 3)


def test_what_is_kept_comes_back_exactly(tmp_path: Path) -> None:
    cache = VisualizationCache(tmp_path / "new")
    cache.keep("a", picture(7))
    found = VisualizationCache(tmp_path / "new").find("a")
    assert found is not None
    assert np.array_equal(found.pixels, picture(7).pixels)
    assert found.activation == 7 / 3
    assert cache.find("b") is None


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n", "cut", "no facts"])
def test_a_damaged_file_is_no_picture_and_goes(tmp_path: Path, damage: bytes | str) -> None:
    cache = VisualizationCache(tmp_path)
    cache.keep("a", picture(1))
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    other = content.replace(b"activation", b"activatiom")
    file.write_bytes(
        {"cut": content[: len(content) // 2], "no facts": other}.get(str(damage), b"x")
        if isinstance(damage, str)
        else damage
    )
    assert cache.find("a") is None
    assert not list(tmp_path.iterdir())
    cache.keep("a", picture(1))
    assert cache.find("a") is not None


def test_the_least_recently_used_go_beyond_the_limit(tmp_path: Path) -> None:
    one = len(picture(0).to_png())
    cache = VisualizationCache(tmp_path, limit=40 * one)
    for index in range(120):
        cache.keep(str(index), picture(index))
        assert cache.find("0") is not None  # used all the time
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert size < 60 * one
    assert cache.find("119") is not None
    assert cache.find("1") is None


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = VisualizationCache(tmp_path / "file")
    cache.keep("a", picture(1))
    assert cache.find("a") is None


def _hammer(folder: Path, start: int) -> int:
    cache = VisualizationCache(folder, limit=20_000)
    wrong = 0
    for index in range(start, start + 150):
        key = index % 23
        cache.keep(str(key), picture(key))
        found = cache.find(str((key * 7) % 23))
        wrong += found is not None and not np.array_equal(found.pixels, picture((key * 7) % 23).pixels)
    return wrong


def test_two_processes_share_a_folder_without_half_pictures(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.starmap(_hammer, [(tmp_path, 0), (tmp_path, 11)]) == [0, 0]
    assert not list(tmp_path.glob("*.tmp"))


def test_the_fingerprint_is_of_the_weights_up_to_the_layer() -> None:
    zoo = Zoo("cpu")
    standard, adversarial = zoo.load("standard"), zoo.load("adversarial")
    editor = Editor(zoo)

    def mixed(**alphas: float) -> Mix:
        bases = Base("standard", 0), Base("adversarial", 0)
        return Mix(*bases, tuple(alphas.get(layer, 0.0) for layer in EDITABLE))

    late = editor.load(mixed(mixed5b=0.5)).classifier
    assert fingerprint(late, "mixed5a") == fingerprint(standard, "mixed5a")
    assert fingerprint(late, "mixed5b") != fingerprint(standard, "mixed5b")
    assert fingerprint(late, None) != fingerprint(standard, None)
    assert fingerprint(standard, "mixed4a") != fingerprint(standard, "mixed4b")
    everything = editor.load(mixed(**dict.fromkeys(EDITABLE, 1.0))).classifier
    assert fingerprint(everything, None) == fingerprint(adversarial, None)
    assert fingerprint(Zoo("cpu").load("standard"), "mixed4a") == fingerprint(standard, "mixed4a")


def test_a_picture_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Zoo("cpu").load("standard")
    asked = order(network, "conv2d0")
    library = Library(VisualizationCache(tmp_path), shipped=False)
    first = library.pictures(network, asked, [3, 5])
    monkeypatch.setattr(library, "make", lambda *_: pytest.fail("made again"))
    again = library.pictures(network, asked, [5, 3])
    assert np.array_equal(first[0].pixels, again[1].pixels)
    assert first[1].activation == again[0].activation
    assert library.find(order(network, "conv2d0", naive=True), 3) is None
    assert library.find(order(network, "conv2d1"), 3) is None


def test_facets_stand_in_a_square() -> None:
    pictures = torch.arange(8.0).div(255)[:, None, None, None].expand(-1, 3, 2, 2)
    first, second = tiles(pictures, 4)
    assert first[:, :, 0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]
    assert second[0, 0, 0] == 4
    assert len(tiles(pictures, 1)) == 8
