"""Labelled pictures to judge networks by: Tiny ImageNet's mosaics, or anybody's own folder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from perturber.nets.classes import ClassName
from perturber.training.data import TILE, DataError, Pictures, read_pictures

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
_ORDER_SEED = 0


def read_validation(folder: Path, classes: Sequence[ClassName | None]) -> Pictures:
    """The pictures in `folder`, in an order in which the first few are of many classes.

    Either the validation mosaics (`training.data`), or a subfolder for each class, called by its wnid or by
    one of its names ("tabby"; in any case, with spaces or underscores), with image files in it at any depth.
    Of each of those the central square counts, reduced to 64 px as in Tiny ImageNet.

    Raises:
        DataError: neither; a subfolder that names no class or several; a file that is no picture.
    """
    if (folder / "val-labels.npy").is_file():
        return read_pictures(folder, "val")
    if not folder.is_dir():
        raise DataError(f"--data: expected a folder, got {folder}")
    subfolders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    labelled = [
        (file, label)
        for label, subfolder in [(_label(path, classes), path) for path in subfolders]
        for file in sorted(subfolder.rglob("*"))
        if file.suffix.lower() in SUFFIXES
    ]
    if not labelled:
        expected = "Tiny ImageNet's mosaics, or a subfolder of pictures for each class"
        raise DataError(f"--data: expected {expected} in {folder}, got neither")
    order = np.random.default_rng(_ORDER_SEED).permutation(len(labelled))
    images = torch.stack([_tile(labelled[place][0]) for place in order])
    return Pictures(images, torch.tensor([labelled[place][1] for place in order]))


def _label(folder: Path, classes: Sequence[ClassName | None]) -> int:
    """The class that the subfolder is called after: a wnid is one class, a name may be several."""
    wanted = _plain(folder.name)
    named = [
        index
        for index, known in enumerate(classes)
        if known is not None and wanted in (known.wnid, *map(_plain, known.name.split(",")))
    ]
    if len(named) != 1:
        got = "none" if not named else f"{len(named)} of that name; call it by its wnid"
        raise DataError(f"--data: expected a class's wnid or name, got {folder.name[:80]!r}, which is {got}")
    return named[0]


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").lower().split())


def _tile(file: Path) -> Tensor:
    """A file's central square, (3, 64, 64) uint8."""
    try:
        with Image.open(file) as image:
            square = ImageOps.fit(image.convert("RGB"), (TILE, TILE), Image.Resampling.BICUBIC)
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f"--data: expected a picture, got {file}: {error}") from error
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)
