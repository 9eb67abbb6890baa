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

    @property
    def along(self) -> Array:
        """Rightward on a side as seen from outside: from the left end of a word to its right end."""
        return np.where(self.x > 0, -self.z, self.z)


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


def panel(u: Array, v: Array, us: tuple[float, float], vs: tuple[float, float], radius: float = 0.0) -> Array:
    """Inside a rectangle with rounded corners."""
    return rectangle_distance(u, v, us, vs, radius) < 0


def outline(u: Array, v: Array, us: tuple[float, float], vs: tuple[float, float], radius: float, width: float) -> Array:
    """On the edge of a rectangle with rounded corners: the gap around a door."""
    return np.abs(rectangle_distance(u, v, us, vs, radius)) < width / 2


def rectangle_distance(u: Array, v: Array, us: tuple[float, float], vs: tuple[float, float], radius: float) -> Array:
    """Signed distance to a rounded rectangle, negative inside."""
    du = np.abs(u - sum(us) / 2) - (us[1] - us[0]) / 2 + radius
    dv = np.abs(v - sum(vs) / 2) - (vs[1] - vs[0]) / 2 + radius
    return np.hypot(np.maximum(du, 0), np.maximum(dv, 0)) + np.minimum(np.maximum(du, dv), 0) - radius


def word(u: Array, v: Array, text: str, centre: tuple[float, float], height: float, stretch: float = 1.0) -> Array:
    """Coverage in [0, 1] of a word of capital letters `height` metres high, u rightward, v up."""
    letters = _letters(text)
    rows, columns = letters.shape
    scale = rows / height
    column = (u - centre[0]) * scale / stretch + columns / 2
    row = (centre[1] - v) * scale + rows / 2
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    found = letters[np.clip(row, 0, rows - 1).astype(int), np.clip(column, 0, columns - 1).astype(int)]
    return np.where(inside, found, 0.0)


@cache
def _letters(text: str) -> Array:
    font = ImageFont.load_default(160)
    left, top, right, bottom = font.getbbox(text, stroke_width=5)
    image = Image.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), text, 255, font, stroke_width=5)
    return np.asarray(image, float) / 255


def glass(t: Texels, bottom: float, top: float) -> Array:
    """Dark glass with the sky in its upper part and two slanting reflections."""
    height = np.clip((t.y - bottom) / (top - bottom), 0, 1)
    slant = (t.x + t.z) * 1.4 + 1.2 * t.y
    streak = np.clip(np.sin(2.4 * slant) * 4 - 3, 0, 1) * 0.10
    sky = 0.10 + 0.30 * height**2 + streak
    return sky[..., None] * np.array([0.80, 0.97, 1.12]) + 0.01


def metal(t: Texels, shade: float = 0.72) -> Array:
    """Bright metal: the horizon is mirrored as a dark line between ground and sky."""
    lift = t.normal[..., 1]
    tone = shade * (0.80 + 0.25 * lift - 0.18 * np.exp(-((lift - 0.05) ** 2) / 0.02))
    return np.clip(tone, 0, 1)[..., None] * np.array([0.98, 1.0, 1.02])


def lacquer(picture: Array, t: Texels, low: float, high: float) -> None:
    """What lacquer mirrors, in place: light from above, a darker ground below."""
    height = np.clip((t.y - low) / (high - low), 0, 1)
    picture *= (0.86 + 0.14 * height)[..., None]
    put(picture, np.clip(t.normal[..., 1], 0, 1) * 0.10, (1.0, 1.0, 1.0))
