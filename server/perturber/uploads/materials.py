"""The colours and texture names of an MTL; in the parser's process only. It opens nothing."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perturber.uploads import limits
from perturber.uploads.bundle import base_name
from perturber.uploads.errors import UploadError

_MAPS = {b"map_kd": "diffuse", b"map_d": "alpha"}


@dataclass
class Material:
    """What is taken of an MTL's material: its colour in linear RGB and the base names of its textures."""

    colour: tuple[float, float, float] | None = None
    maps: dict[str, str] = field(default_factory=dict)


def lines_of(content: bytes, name: str) -> list[bytes]:
    """The lines of a text file, those that end with a backslash joined to the next.

    Raises:
        UploadError: a line that is too long.
    """
    lines = content.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").splitlines()
    longest = max(map(len, lines), default=0)
    if longest > limits.LINE_BYTES:
        raise UploadError(f"{name}: expected lines of at most {limits.LINE_BYTES:,} bytes, got {longest:,}")
    return lines


def read_materials(content: bytes, name: str) -> dict[str, Material]:
    """The materials of an MTL by name.

    Raises:
        UploadError: a reference to a file outside the upload, or numbers that aren't any.
    """
    materials: dict[str, Material] = {}
    current = Material()
    for number, line in enumerate(lines_of(content, name), 1):
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        keyword = words[0].lower()
        if keyword == b"newmtl":
            current = materials.setdefault(text_of(b" ".join(words[1:])), Material())
        elif keyword == b"kd":
            current.colour = _colour(words[1:], f"{name}, line {number}")
        elif keyword.startswith((b"map_", b"bump", b"disp", b"refl", b"decal", b"norm")):
            check_reference(line, f"{name}, line {number}")
            if keyword in _MAPS:
                current.maps[_MAPS[keyword]] = base_name(text_of(words[-1])).lower()
    return materials


def to_linear(encoded: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB in [0, 1] as linear light."""
    clipped = np.clip(np.nan_to_num(encoded), 0.0, 1.0)
    return np.where(clipped <= 0.04045, clipped / 12.92, ((clipped + 0.055) / 1.055) ** 2.4)


def check_reference(line: bytes, where: str) -> None:
    """A file may be named, as one of the upload; an address or a path out of it is refused."""
    text = text_of(line.split(maxsplit=1)[1] if len(line.split(maxsplit=1)) > 1 else b"")
    outside = "://" in text or ".." in text or text.startswith(("/", "\\", "~", "file:")) or text[1:2] == ":"
    if outside:
        raise UploadError(f"{where}: expected the name of a file of this upload, got {text[:60]!r}")


def _colour(words: list[bytes], where: str) -> tuple[float, float, float]:
    try:
        red, green, blue = (float(word) for word in words[:3])
    except ValueError:
        raise UploadError(
            f"{where}: expected Kd with three numbers, got {text_of(b' '.join(words)[:40])!r}"
        ) from None
    return red, green, blue


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").strip()
