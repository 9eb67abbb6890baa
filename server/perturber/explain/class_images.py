"""Real examples of classes: a folder of the user's with one subfolder of pictures for each class."""

import io
import logging
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageOps

from perturber.errors import PerturberError
from perturber.nets.classes import ClassName

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
MAX_BYTES = 32 * 2**20
MAX_PIXELS = 40_000_000
SIDE = 192
_TRIES = 8

_log = logging.getLogger(__name__)


class ClassImagesError(PerturberError):
    """A folder that can't serve; the message names what was expected."""


class RefusedImageError(PerturberError, ValueError):
    """A file that is no picture within the limits; the message says why."""


class ClassImages:
    """Examples from the subfolders of `folder`, each named after a class: its wnid or one of its names.

    Case doesn't matter, and underscores stand for spaces. Nothing from outside reaches the file system: a
    class is looked up by its own names. Files are read when they are asked for.

    Raises:
        ClassImagesError: no such folder, or it has no subfolders.
    """

    def __init__(self, folder: Path) -> None:
        try:
            found = sorted(path for path in folder.iterdir() if path.is_dir())
        except OSError as error:
            raise ClassImagesError(f"--class-images: expected a folder, got {folder} ({error})") from error
        if not found:
            raise ClassImagesError(
                f"--class-images: expected a subfolder for each class, got none in {folder}"
            )
        self._folders = {_key(path.name): path for path in found}
        self._example = lru_cache(1024)(_first_example)

    def find(self, name: ClassName) -> bytes | None:
        """A square WebP picture of `SIDE` pixels of the class, or None where the folder has none."""
        names = (name.wnid, name.name, *name.name.split(","))
        folder = next((self._folders[key] for key in map(_key, names) if key in self._folders), None)
        return None if folder is None else self._example(folder)


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _first_example(folder: Path) -> bytes | None:
    """The first picture by name, from the first few files if some are refused."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    for path in files[:_TRIES]:
        try:
            return thumbnail(path)
        except RefusedImageError as error:
            _log.warning("class image refused: %s", error)
    return None


def thumbnail(path: Path) -> bytes:
    """The central square of the picture at `path` as WebP of `SIDE` pixels, upright, without metadata.

    Raises:
        RefusedImageError: larger than `MAX_BYTES` or `MAX_PIXELS`, of another format by content, or damaged.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise RefusedImageError(f"{path.name}: expected at most {MAX_BYTES} bytes, got {size}")
        with Image.open(path, formats=FORMATS) as image:
            return _square(path, image)
    except RefusedImageError:
        raise
    except Exception as error:  # what a damaged file makes Pillow's decoders raise is not of one kind
        raise RefusedImageError(f"{path.name}: expected a {', '.join(FORMATS)} file, got: {error}") from error


def _square(path: Path, image: Image.Image) -> bytes:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise RefusedImageError(
            f"{path.name}: expected at most {MAX_PIXELS:,} pixels, got {width} x {height}"
        )
    image.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG: decode no more than is needed
    upright = ImageOps.exif_transpose(image).convert("RGB")
    out = io.BytesIO()
    ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS).save(out, "WEBP", quality=85)
    return out.getvalue()
