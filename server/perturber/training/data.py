"""Tiny ImageNet as mosaics: JPEG files of 64 px tiles, row by row, and one array of their labels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from perturber.errors import PerturberError

TILE = 64
"""Side of a picture, px."""


class DataError(PerturberError):
    """Data that can't be trained on; the message names the folder, what was expected and what came."""


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures: `images` (N, 3, 64, 64) uint8, RGB; `labels` (N,) int64."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def columns(self) -> tuple[Tensor, Tensor]:
        """Images and labels."""
        return self.images, self.labels

    def first(self, count: int) -> "Pictures":
        """The first `count` of them, or all where there are fewer."""
        return Pictures(self.images[:count], self.labels[:count])

    def to(self, device: torch.device) -> "Pictures":
        """The same on `device`."""
        return Pictures(self.images.to(device), self.labels.to(device))


def read_pictures(folder: Path, split: str) -> Pictures:
    """All pictures of `split` (`train` or `val`): `SPLIT-000.jpg`, ... and `SPLIT-labels.npy` in `folder`.

    A mosaic holds its tiles from left to right, then from top to bottom; the last one is padded with tiles
    that have no label.

    Raises:
        DataError: a file is missing or isn't what it should be; fewer tiles than labels.
    """
    try:
        labels = np.load(folder / f"{split}-labels.npy", allow_pickle=False)
        files = sorted(folder.glob(f"{split}-[0-9]*.jpg"))
        images = np.empty((len(labels), 3, TILE, TILE), np.uint8)
        filled = 0
        for file in files:
            tiles = _tiles(file)[: len(labels) - filled]
            images[filled : filled + len(tiles)] = tiles
            filled += len(tiles)
    except (OSError, ValueError) as error:
        raise DataError(f"--data: expected Tiny ImageNet mosaics in {folder}, got: {error}") from error
    if filled < len(labels) or not len(labels):
        raise DataError(f"--data: expected {len(labels)} {split} pictures in {folder}, got {filled}")
    return Pictures(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


def _tiles(file: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The mosaic's tiles (n, 3, 64, 64), row by row."""
    with Image.open(file) as image:
        pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    if height % TILE or width % TILE:
        raise ValueError(f"{file.name} is {width} x {height}, no multiple of {TILE}")
    grid = pixels.reshape(height // TILE, TILE, width // TILE, TILE, 3)
    return grid.transpose(0, 2, 4, 1, 3).reshape(-1, 3, TILE, TILE)
