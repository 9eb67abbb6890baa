"""Rings and lofts: the one way in which every part of both vehicles is made.

A part is a stack of closed rings with equal point counts, M rings of N points (M, N, 3), closed by a cap
at either end. A cap is a grid spanned between the four sides of its ring, so `sides` = (a, b) with
2 (a + b) = N: the ring runs along a side of a segments, then b, a, b. Metres; x to the vehicle's left as it
drives towards +z (to the right of a picture taken from the front), y up, ground at y = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
Span = tuple[float, float]


@dataclass(frozen=True)
class Part:
    """A part of the fire truck (`start`) that becomes a part of the race car (`end`).

    `density`: texels for a metre, relative to the other parts; `cap_density`: that of the
    first and the last ring's cap, relative to the band's. `columns`: weights (N,) of the ring's segments
    in the texture. `crown`: how far the two caps bulge, start and end, in metres. `skin`: parts of the same
    skin share their place in the texture.
    """

    name: str
    start: Array
    end: Array
    sides: tuple[int, int]
    density: float = 1.0
    cap_density: tuple[float, float] = (1.0, 1.0)
    columns: Array | None = None
    crown: tuple[float, float] = (0.0, 0.0)
    skin: str = ""

    def __post_init__(self) -> None:
        if self.start.shape != self.end.shape or self.start.shape[1] != 2 * sum(self.sides):
            raise ValueError(f"{self.name}: {self.start.shape}, {self.end.shape}, sides {self.sides}")


def rounded_quad(corners: Array, radius: float | Array, edges: tuple[int, int], arc: int) -> Array:
    """A quadrilateral (4, 2) with rounded corners as a ring, from the middle of corner 0 on.

    `edges`: segments along edge 0-1 (and 2-3) and along 1-2 (and 3-0). `arc`: segments of a corner, even.
    The sides of the ring are then (edges[0] + arc, edges[1] + arc).
    """
    radii = np.broadcast_to(radius, 4)
    arcs = [_corner(corners[i - 1], corners[i], corners[(i + 1) % 4], radii[i], arc) for i in range(4)]
    points = [arcs[0][arc // 2 :]]
    for i in range(4):
        following = arcs[(i + 1) % 4]
        count = edges[i % 2]
        steps = np.linspace(0, 1, count + 1)[1:-1, None]
        points.append(arcs[i][-1] * (1 - steps) + following[0] * steps)
        points.append(following if i < 3 else following[: arc // 2])
    return np.concatenate(points)


def _corner(before: Array, corner: Array, after: Array, radius: float, arc: int) -> Array:
    if arc == 0:
        return corner[None]
    enter = corner + (before - corner) * radius / np.linalg.norm(before - corner)
    leave = corner + (after - corner) * radius / np.linalg.norm(after - corner)
    t = np.linspace(0, 1, arc + 1)[:, None]
    weights = (1 - t) ** 2, np.sqrt(2) * t * (1 - t), t**2  # a quarter circle as a rational Bezier curve
    return (weights[0] * enter + weights[1] * corner + weights[2] * leave) / sum(weights)


def rectangle(u: Span, v: Span, inset: float = 0.0) -> Array:
    """The corners (4, 2) of an axis-aligned rectangle, shrunk by `inset` on every side."""
    u0, u1, v0, v1 = u[0] + inset, u[1] - inset, v[0] + inset, v[1] - inset
    return np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])


def prism(section: Callable[[float], Array], x: Span, bevel: float, arc: int, spans: int) -> Array:
    """Rings along x with rounded ends; `section(inset)` gives the ring's (z, y) points, shrunk by `inset`."""
    angles = np.linspace(0, np.pi / 2, arc + 1)
    inset = bevel * (1 - np.sin(angles))
    lower = x[0] + bevel * (1 - np.cos(angles))
    upper = x[1] - bevel * (1 - np.cos(angles[::-1]))
    middle = np.linspace(lower[-1], upper[0], spans + 1)[1:-1]
    levels = np.concatenate([lower, middle, upper])
    insets = np.concatenate([inset, np.zeros(len(middle)), inset[::-1]])
    return np.stack([upright(section(d), level) for level, d in zip(levels, insets, strict=True)])


def upright(points: Array, x: float) -> Array:
    """A ring (N, 3) from its (z, y) points at one x."""
    return np.stack([np.full(len(points), x), points[:, 1], points[:, 0]], axis=1)


def box(x: Span, y: Span, z: Span, bevel: float = 0.02, arc: int = 2) -> Array:
    """A box with rounded edges as rings along x; sides (1 + arc, 1 + arc)."""
    bevel = min(bevel, 0.24 * min(hi - lo for lo, hi in (x, y, z)))

    def section(inset: float) -> Array:
        return rounded_quad(rectangle(z, y, inset), max(bevel, 1e-4), (1, 1), arc)

    if arc == 0:
        return np.stack([upright(section(0.0), level) for level in x])
    return prism(section, x, bevel, arc, 1)


def lathe(profile: Array, count: int, centre: Span) -> Array:
    """A body of revolution about an axis along x: `profile` (M, 2) of x and radius, centre (y, z)."""
    angles = -np.pi * 0.75 + 2 * np.pi * np.arange(count) / count
    circle = np.stack([np.zeros(count), np.sin(angles), np.cos(angles)], axis=1)
    rings = profile[:, 1, None, None] * circle
    return rings + np.stack([profile[:, 0], *(np.full(len(profile), c) for c in centre)], axis=1)[:, None]


def mirrored(rings: Array) -> Array:
    """The same part on the other side of the vehicle."""
    return rings * np.array([-1.0, 1.0, 1.0])


def cap(ring: Array, sides: tuple[int, int], crown: float) -> Array:
    """The grid (b + 1, a + 1, 3) that closes a ring: a Coons patch, bulging by `crown` along its normal."""
    a, b = sides
    closed = np.concatenate([ring, ring[:1]])
    low, right = closed[: a + 1], closed[a : a + b + 1]
    high, left = closed[a + b : 2 * a + b + 1][::-1], closed[2 * a + b :][::-1]
    s, t = _progress(low, high)[None, :, None], _progress(left, right)[:, None, None]
    ruled = (1 - t) * low[None] + t * high[None] + (1 - s) * left[:, None] + s * right[:, None]
    bilinear = (1 - s) * (1 - t) * low[0] + s * (1 - t) * low[-1] + (1 - s) * t * high[0] + s * t * high[-1]
    grid = ruled - bilinear
    return grid + crown * 16 * (s * (1 - s) * t * (1 - t)) * _normal(ring)


def _progress(one: Array, other: Array) -> Array:
    """How far along, in [0, 1], the points of two opposite sides lie, on average."""
    steps = [np.linalg.norm(np.diff(side, axis=0), axis=1) for side in (one, other)]
    return np.insert(np.cumsum(sum(step / step.sum() for step in steps)) / 2, 0, 0.0)


def _normal(ring: Array) -> Array:
    area = np.cross(ring, np.roll(ring, -1, axis=0)).sum(0)
    return area / np.linalg.norm(area)
