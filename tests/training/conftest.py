"""A small data set and a network that has something to learn from it."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from perturber.nets import catalog
from perturber.nets.inception import InceptionV1
from perturber.nets.weights import build, read_safetensors
from perturber.training.data import TILE, Pictures


@pytest.fixture(scope="session")
def standard() -> dict[str, Tensor]:
    """The released standard network's weights."""
    entry = catalog.find("standard")
    return read_safetensors(entry.file, entry.sha256)


@pytest.fixture
def network(standard: dict[str, Tensor]) -> InceptionV1:
    return build(copy.deepcopy(standard), torch.device("cpu"))


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    """Sixteen smooth random pictures with random labels."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(16, 3, 8, 8, generator=generator)
    images = torch.nn.functional.interpolate(noise, (TILE, TILE), mode="bilinear")
    labels = torch.randint(0, 200, (16,), generator=generator)
    return Pictures((images * 255).to(torch.uint8), labels)


def write_mosaics(folder: Path, split: str, count: int, rows: int, columns: int) -> None:
    """Mosaics of `rows` x `columns` tiles, the last one padded: tile i is grey, of brightness 20 i mod 256,
    and has the label 100 + i mod 100."""
    folder.mkdir(exist_ok=True)
    np.save(folder / f"{split}-labels.npy", (100 + np.arange(count) % 100).astype(np.uint8))
    tiles = rows * columns
    for file in range(-(-count // tiles)):
        brightness = (20 * (tiles * file + np.arange(tiles).reshape(rows, columns)) % 256).astype(np.uint8)
        pixels = brightness.repeat(TILE, 0).repeat(TILE, 1)
        Image.fromarray(pixels).convert("RGB").save(folder / f"{split}-{file:03}.jpg", quality=95)


@pytest.fixture
def mosaics(tmp_path: Path) -> Path:
    """A data folder: `train` of eight pictures in two mosaics of 2 rows by 3, `val` of six in one."""
    folder = tmp_path / "data"
    write_mosaics(folder, "train", 8, 2, 3)
    write_mosaics(folder, "val", 6, 2, 3)
    return folder
