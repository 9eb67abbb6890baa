"""Mosaics are read tile by tile, in order, and what isn't a data set is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from perturber.training.data import DataError, read_pictures


@pytest.mark.parametrize(("split", "count"), [("train", 8), ("val", 6)])
def test_tiles_are_read_row_by_row_across_files_and_padding_is_left_out(
    mosaics: Path, split: str, count: int
) -> None:
    pictures = read_pictures(mosaics, split)
    assert pictures.images.shape == (count, 3, 64, 64)
    assert pictures.labels.tolist() == [100 + index for index in range(count)]
    brightness = pictures.images.float().mean(dim=(1, 2, 3)).round().int().tolist()
    assert brightness == [20 * index for index in range(count)]


def test_colours_and_orientation_of_a_tile_are_kept(mosaics: Path) -> None:
    pixels = np.zeros((64, 128, 3), np.uint8)
    pixels[:32, 64:, 0] = 255  # the second tile: red above, black below
    Image.fromarray(pixels).save(mosaics / "val-000.jpg", quality=100, subsampling=0)
    np.save(mosaics / "val-labels.npy", np.array([1, 2], np.uint8))
    images = read_pictures(mosaics, "val").images.int()
    assert images[0].max() < 5
    assert images[1, 0, :30].min() > 250
    assert images[1, 1:].max() < 5
    assert images[1, 0, 34:].max() < 5


def test_too_few_tiles_are_named(mosaics: Path) -> None:
    (mosaics / "train-001.jpg").unlink()
    with pytest.raises(DataError, match=r"expected 8 train pictures in .*, got 6"):
        read_pictures(mosaics, "train")


def test_a_folder_without_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"--data: expected Tiny ImageNet mosaics in .*train-labels\.npy"):
        read_pictures(tmp_path, "train")
