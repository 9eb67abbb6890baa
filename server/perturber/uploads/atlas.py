"""Several textured parts as one shape with one texture."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from perturber.uploads import limits
from perturber.uploads.errors import UploadError
from perturber.uploads.pictures import Pixels
from perturber.uploads.shape import NEUTRAL, Shape

Floats = NDArray[np.float64]


@dataclass
class Part:
    """A piece of a model with one material; arrays as in `Shape`, `vertex_point` None: all in turn."""

    points: Floats
    faces: NDArray[np.int64]
    uv: Floats | None = None
    normals: Floats | None = None
    paint: Floats | None = None
    picture: Any = None
    vertex_point: NDArray[np.int64] | None = None

    @property
    def on_points(self) -> NDArray[np.int64]:
        """The point (V,) of each vertex."""
        return np.arange(len(self.points)) if self.vertex_point is None else self.vertex_point

    def spread(self) -> None:
        """Give each corner a vertex of its own."""
        self.vertex_point = self.faces.ravel()
        self.faces = np.arange(self.faces.size).reshape(-1, 3)
        self.normals = None if self.normals is None else self.normals[self.vertex_point]


def join(parts: list[Part], name: str) -> Shape:
    """All parts as one shape. Several textures go side by side into one, each scaled to its tile.

    Raises:
        UploadError: a texture with too many pixels.
    """
    offsets = np.cumsum([0] + [len(part.on_points) for part in parts])
    first = np.cumsum([0] + [len(part.points) for part in parts])
    pictures = _distinct([part.picture for part in parts if part.picture is not None])
    texture, tiles = _atlas(pictures, any(part.picture is None for part in parts), name)
    return Shape(
        points=np.concatenate([part.points for part in parts]),
        faces=np.concatenate([part.faces + offset for part, offset in zip(parts, offsets, strict=False)]),
        vertex_point=np.concatenate([part.on_points + n for part, n in zip(parts, first, strict=False)]),
        uv=None if texture is None else np.concatenate([_placed(part, pictures, tiles) for part in parts]),
        normals=_all([part.normals for part in parts]),
        paint=_paint(parts),
        texture=texture,
    )


def _all(arrays: list[Floats | None]) -> Floats | None:
    known = [array for array in arrays if array is not None]
    return np.concatenate(known) if len(known) == len(arrays) else None


def _paint(parts: list[Part]) -> Floats | None:
    pictured = {part.picture is not None for part in parts}
    if len(pictured) == 1 and all(part.paint is None for part in parts):
        return None
    plain = [1.0 if part.picture is not None else NEUTRAL for part in parts]
    rows = zip(parts, plain, strict=True)
    return np.concatenate(
        [
            np.full((len(part.on_points), 3), value) if part.paint is None else part.paint
            for part, value in rows
        ]
    )


def _distinct(pictures: list[Any]) -> list[Any]:
    return list({id(picture): picture for picture in pictures}.values())


def _atlas(pictures: list[Any], with_plain: bool, name: str) -> tuple[Pixels | None, int]:
    """The texture, and how many tiles it has along each side (1: a single picture, which may repeat)."""
    if not pictures:
        return None, 1
    for picture in pictures:
        width, height = picture.size
        if width * height > limits.PIXELS or max(width, height) > limits.SIDE:
            raise UploadError(
                f"{name}: expected textures of at most {limits.PIXELS:,} pixels, got {width} x {height}"
            )
    longest = limits.KEPT_SIDE["texture"]
    if len(pictures) == 1 and not with_plain:
        single = pictures[0].convert("RGBA")
        single.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        return np.asarray(single), 1
    tiles = int(np.ceil(np.sqrt(len(pictures) + 1)))
    side = longest // tiles
    whole = Image.new("RGBA", (side * tiles, side * tiles), "white")
    for index, picture in enumerate(pictures):
        place = (index % tiles * side, index // tiles * side)
        whole.paste(picture.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS), place)
    return np.asarray(whole), tiles


def _placed(part: Part, pictures: list[Any], tiles: int) -> Floats:
    """Texture coordinates (V, 2) in the atlas; plain parts lie in its last, white tile."""
    index = next((i for i, known in enumerate(pictures) if known is part.picture), tiles * tiles - 1)
    if tiles == 1 and part.uv is not None:
        return part.uv
    local = np.full((len(part.on_points), 2), 0.5) if part.uv is None else part.uv
    if part.uv is not None and (local.min() < 0.0 or local.max() > 1.0):
        local = local - np.floor(local)  # a repeat within one triangle is lost
    local = np.clip(local, 0.002, 0.998)
    tile = np.array([index % tiles, tiles - 1 - index // tiles])
    return np.asarray((local + tile) / tiles)
