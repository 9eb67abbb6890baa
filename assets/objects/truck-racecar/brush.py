"""Texels that know where they lie on the vehicle, and the shapes painted on them.

Painting happens in object space: every texel of the shared layout is given its place and normal on the start
or the end shape, so that a stripe runs straight over all parts and no seam shows. Colours are sRGB in [0, 1].
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from lofts import Array
from mesh import Box, Patch
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[float, float, float]
Span = tuple[float, float]
WIDENING = 1.2  # vehicles wear wide letters


@dataclass(frozen=True)
class Texels:
    """A patch's texels: place (h, w, 3) in metres, outward normal (h, w, 3), and which patch of its part."""

    place: Array
    normal: Array
    kind: str

    @property
    def x(self) -> Array:
        return self.place[..., 0]

    @property
    def y(self) -> Array:
        return self.place[..., 1]

    @property
    def z(self) -> Array:
        return self.place[..., 2]

    @property
    def on_side(self) -> Array:
        return np.abs(self.normal[..., 0]) > 0.6


def texels(patch: Patch, box: Box, shape: str, margin: int, fineness: int) -> Texels:
    """The texels of a patch with `margin` texels around it, `fineness` samples for a texel each way."""
    grid = patch.start if shape == "start" else patch.end
    width, height = (np.arange((size + 2 * margin) * fineness) for size in box[2:])
    columns = np.clip(((width + 0.5) / fineness - margin) / box[2], 0, 1)
    rows = np.clip(((height + 0.5) / fineness - margin) / box[3], 0, 1)
    place = _resample(_resample(grid, patch.rows, rows, 0), patch.columns, columns, 1)
    normal = _resample(_resample(_grid_normals(grid), patch.rows, rows, 0), patch.columns, columns, 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
    return Texels(place, normal if patch.outward else -normal, patch.skin[1])


def _resample(grid: Array, knots: Array, at: Array, axis: int) -> Array:
    upper = np.clip(np.searchsorted(knots, at), 1, len(knots) - 1)
    share = (at - knots[upper - 1]) / (knots[upper] - knots[upper - 1])
    share = share.reshape([-1 if i == axis else 1 for i in range(3)])
    return np.take(grid, upper - 1, axis) * (1 - share) + np.take(grid, upper, axis) * share


def _grid_normals(grid: Array) -> Array:
    down, across = np.gradient(grid, axis=0), np.gradient(grid, axis=1)
    normal = np.cross(across, down)
    return normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-12)


def fill(t: Texels, colour: Colour) -> Array:
    """A picture (h, w, 3) of one colour."""
    return np.broadcast_to(np.array(colour, float), t.place.shape).copy()


def put(picture: Array, mask: Array, colour: Colour | Array, strength: float = 1.0) -> None:
    """Paint a colour where the mask (h, w) holds, in place."""
    share = (np.asarray(mask, float) * strength)[..., None]
    picture += share * (np.asarray(colour, float) - picture)


def panel(u: Array, v: Array, us: Span, vs: Span, radius: float = 0.0) -> Array:
    """Inside a rectangle with rounded corners."""
    return rectangle_distance(u, v, us, vs, radius) < 0


def outline(u: Array, v: Array, us: Span, vs: Span, radius: float, width: float) -> Array:
    """On the edge of a rectangle with rounded corners: the gap around a door."""
    return np.abs(rectangle_distance(u, v, us, vs, radius)) < width / 2


def rectangle_distance(u: Array, v: Array, us: Span, vs: Span, radius: float) -> Array:
    """Signed distance to a rounded rectangle, negative inside."""
    du = np.abs(u - sum(us) / 2) - (us[1] - us[0]) / 2 + radius
    dv = np.abs(v - sum(vs) / 2) - (vs[1] - vs[0]) / 2 + radius
    return np.hypot(np.maximum(du, 0), np.maximum(dv, 0)) + np.minimum(np.maximum(du, dv), 0) - radius


def write(
    picture: Array, where: Array, u: Array, v: Array, text: str, centre: Span, height: float, colour: Colour
) -> None:
    """Write capital letters `height` metres high around `centre`, in place; u rightward, v up."""
    put(picture, where & _covered(u - centre[0], v - centre[1], text, height), colour)


def write_on_sides(
    picture: Array, t: Texels, text: str, z: float, y: float, height: float, colour: Colour
) -> None:
    """Write on the left and on the right side, each to be read from outside."""
    rightward = np.where(t.normal[..., 0] > 0, z - t.z, t.z - z)
    put(picture, t.on_side & _covered(rightward, t.y - y, text, height), colour)


def _covered(u: Array, v: Array, text: str, height: float) -> Array:
    letters = _letters(text)
    rows, columns = letters.shape
    column = np.floor(u * rows / height + columns / 2).astype(int)
    row = np.floor(rows / 2 - v * rows / height).astype(int)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    return inside & letters[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]


@cache
def _letters(text: str) -> Array:
    font = ImageFont.load_default(160)
    left, top, right, bottom = font.getbbox(text, stroke_width=5)
    image = Image.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), text, 255, font, stroke_width=5)
    wide = image.resize((round(image.width * WIDENING), image.height))
    return np.asarray(wide) > 127
