"""From the files of one upload to the arrays that are kept; runs in the parser's process only."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from perturber.uploads import limits, materials, models, pictures, sniff, wavefront
from perturber.uploads.bundle import label
from perturber.uploads.errors import UploadError
from perturber.uploads.shape import Shape, finish

_ALPHA_WORDS = ("alpha", "opacity", "transparen", "mask", "cutout")


@dataclass(frozen=True)
class Result:
    """Arrays by name, and what the page says of them."""

    arrays: dict[str, NDArray[Any]]
    about: dict[str, object]


def parse(kind: str, files: list[tuple[str, bytes]]) -> Result:
    """What is kept of `files` (name, content), an upload of `kind`.

    Raises:
        UploadError: not what `kind` asks for, or broken, or too much.
    """
    for name, content in files:
        _check_second_nature(content, label(name))
    if kind == "object":
        return _parse_object(files)
    name, content = files[0]
    shown = label(name)
    found = sniff.kind_of(content, shown)
    if found not in sniff.PICTURES:
        raise UploadError(f"{shown}: expected a picture as {kind}, got {_article(found)} file")
    decoded = pictures.decode(content, found, shown, limits.KEPT_SIDE[kind])
    pixels = pictures.opaque(decoded)
    height, width = pixels.shape[:2]
    about = {"label": shown, "type": found, "width": width, "height": height}
    return Result({"pixels": pixels, "thumbnail": _thumbnail(pixels)}, about)


def _check_second_nature(content: bytes, name: str) -> None:
    """An archive may hang at the end of another file: its directory is there."""
    if b"PK\x05\x06" in content[-65_557:]:
        raise UploadError(f"{name}: expected one kind of file, got one that is a zip archive, too")


def _parse_object(files: list[tuple[str, bytes]]) -> Result:
    kinds = [(sniff.kind_of(content, label(name)), name, content) for name, content in files]
    found = [row for row in kinds if row[0] in sniff.MODELS]
    if len(found) != 1:
        received = ", ".join(kind.upper() for kind, *_ in found) or "none"
        raise UploadError(
            f"expected one model (OBJ, GLB, PLY or STL) with its MTL and textures, got {received}"
        )
    kind, name, content = found[0]
    shown = label(name)
    others = [row for row in kinds if row[0] not in sniff.MODELS]
    if kind == "obj":
        shape = _wavefront(name, content, others)
    elif any(other == "mtl" for other, *_ in others):
        raise UploadError(f"{shown}: expected an MTL only beside an OBJ, got one beside {_article(kind)}")
    else:
        shape = models.read(content, kind, shown)
        shape = _textured(shape, others, {}, shown) if others else shape
    arrays = finish(shape, shown)
    return Result(arrays, _about(arrays, shown, kind))


def _wavefront(name: str, content: bytes, others: list[tuple[str, str, bytes]]) -> Shape:
    known: dict[str, materials.Material] = {}
    for kind, file, text in others:
        if kind == "mtl":
            known |= materials.read_materials(text, label(file))
    shape, maps = wavefront.read_object(content, label(name), known)
    return _textured(shape, [row for row in others if row[0] != "mtl"], maps, label(name))


def _textured(shape: Shape, others: list[tuple[str, str, bytes]], maps: dict[str, str], name: str) -> Shape:
    """With the diffuse and the alpha texture among the pictures `others`."""
    if not others:
        return shape
    roles: dict[str, tuple[str, str, bytes]] = {}
    for row in others:
        role = _role(row[1], maps)
        if role in roles:
            both = f"{label(roles[role][1])} and {label(row[1])}"
            raise UploadError(f"{name}: expected one {role} texture, got {both}")
        roles[role] = row
    if shape.uv is None:
        raise UploadError(f"{name}: expected texture coordinates to go with the texture, got none")
    longest = limits.KEPT_SIDE["texture"]
    decoded = {
        role: pictures.decode(content, kind, label(file), longest)
        for role, (kind, file, content) in roles.items()
    }
    texture = _merged(decoded, shape.texture)
    return Shape(shape.points, shape.faces, shape.vertex_point, shape.uv, shape.normals, shape.paint, texture)


def _role(file: str, maps: dict[str, str]) -> str:
    """What a texture is for: as the MTL says, else by a word in its name."""
    lowered = file.lower()
    for role, named in maps.items():
        if named == lowered:
            return role
    return "alpha" if any(word in PurePosixPath(lowered).stem for word in _ALPHA_WORDS) else "diffuse"


def _merged(decoded: dict[str, pictures.Pixels], own: pictures.Pixels | None) -> pictures.Pixels:
    """Diffuse colours with the alpha texture's brightness (or its own alpha, where it has one) as alpha."""
    diffuse = decoded.get("diffuse", own)
    if "alpha" not in decoded:
        assert diffuse is not None
        return diffuse
    alpha = decoded["alpha"]
    if diffuse is None:
        diffuse = np.full_like(alpha, 255)
    size = (diffuse.shape[1], diffuse.shape[0])
    flat = alpha[..., 3] if (alpha[..., 3] < 255).any() else alpha[..., :3].max(axis=2)
    scaled = np.asarray(Image.fromarray(flat).resize(size, Image.Resampling.BILINEAR))
    return np.dstack([diffuse[..., :3], scaled])


def _about(arrays: dict[str, NDArray[Any]], shown: str, kind: str) -> dict[str, object]:
    texture = arrays.get("texture")
    return {
        "label": shown,
        "type": kind,
        "vertices": len(arrays["points"]),
        "faces": len(arrays["faces"]),
        "texture": None if texture is None else [texture.shape[1], texture.shape[0]],
        "up": "z" if kind == "stl" else "y",
    }


def _thumbnail(pixels: pictures.Pixels) -> pictures.Pixels:
    small = Image.fromarray(pixels)
    small.thumbnail((limits.THUMBNAIL, limits.THUMBNAIL))
    return np.asarray(small)


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind.upper()}"
