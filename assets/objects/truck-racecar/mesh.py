"""From parts to one mesh: patches, the shared texture layout, faces, and normals that keep hard edges."""

from dataclasses import dataclass

import numpy as np
from lofts import Array, Part, cap

CREASE = np.cos(np.radians(42.0))


@dataclass(frozen=True)
class Patch:
    """A grid of a part: its skin (the band around it, or a cap), both shapes (H, W, 3), its size in the texture."""

    skin: tuple[str, str]
    start: Array
    end: Array
    rows: Array  # place of each grid row and column in the patch's texture, in [0, 1]
    columns: Array
    size: tuple[float, float]  # (width, height) in metres times density
    outward: bool  # rows run so that columns x rows points out of the vehicle


def patches(part: Part) -> list[Patch]:
    """Band and both caps of a part, their faces outward where the ring runs that way."""
    closed = [np.concatenate([rings, rings[:, :1]], axis=1) for rings in (part.start, part.end)]
    lower = [cap(rings[0], part.sides, -crown) for rings, crown in zip((part.start, part.end), part.crown, strict=True)]
    upper = [cap(rings[-1], part.sides, crown) for rings, crown in zip((part.start, part.end), part.crown, strict=True)]
    name, outward = part.skin or part.name, _outward(part)
    return [
        _patch((name, "band"), *closed, outward, part.density, part.columns),
        _patch((name, "low"), *(grid[:, ::-1] for grid in lower), outward, part.density),
        _patch((name, "high"), *upper, outward, part.density),
    ]


def _patch(skin: tuple[str, str], start: Array, end: Array, outward: bool, density: float, weights: Array | None = None) -> Patch:
    def lengths(axis: int) -> Array:
        steps = [np.linalg.norm(np.diff(grid, axis=axis), axis=-1).mean(1 - axis) for grid in (start, end)]
        return np.maximum((steps[0] + steps[1]) / 2, 1e-3)

    across, down = lengths(1), lengths(0)
    if weights is not None:
        across = across * weights
    places = [np.insert(np.cumsum(steps), 0, 0) / steps.sum() for steps in (down, across)]
    return Patch(skin, start, end, places[0], places[1], (across.sum() * density, down.sum() * density), outward)


Box = tuple[int, int, int, int]


def layout(sizes: dict[tuple[str, str], tuple[float, float]], side: int, gap: int) -> dict[tuple[str, str], Box]:
    """Place (x, y, width, height) of each patch in a square texture, as large as fits, on shelves."""
    low, high = 10.0, 1000.0
    while high - low > 0.5:
        scale = (low + high) / 2
        low, high = (scale, high) if _shelves(sizes, side, gap, scale) else (low, scale)
    return _shelves(sizes, side, gap, low)


def _shelves(sizes: dict[tuple[str, str], tuple[float, float]], side: int, gap: int, scale: float) -> dict[tuple[str, str], Box]:
    placed: dict[tuple[str, str], Box] = {}
    x, y, shelf = gap, gap, 0
    extents = {k: (max(6, round(w * scale)), max(6, round(h * scale))) for k, (w, h) in sizes.items()}
    for key in sorted(extents, key=lambda k: (-extents[k][1], k)):
        width, height = extents[key]
        if x + width + gap > side:
            x, y, shelf = gap, y + shelf + 2 * gap, 0
        if width + 2 * gap > side or y + height + gap > side:
            return {}
        placed[key] = (x, y, width, height)
        x, shelf = x + width + 2 * gap, max(shelf, height)
    return placed


def assemble(parts: list[Part], side: int, gap: int) -> tuple[dict[str, Array], dict[tuple[str, str], Box], list[Patch]]:
    """The mesh's arrays (without the normals' names scaled), the layout, and every patch."""
    grids = [patch for part in parts for patch in patches(part)]
    boxes = layout({patch.skin: patch.size for patch in grids}, side, gap)
    start, end, uv, faces, count = [], [], [], [], 0
    for patch in grids:
        x, y, width, height = boxes[patch.skin]
        u, v = np.meshgrid((x + patch.columns * width) / side, 1 - (y + patch.rows * height) / side)
        faces.append(_grid_faces(patch) + count)
        start.append(patch.start.reshape(-1, 3))
        end.append(patch.end.reshape(-1, 3))
        uv.append(np.stack([u, v], axis=-1).reshape(-1, 2))
        count += len(uv[-1])
    mesh = {"start_positions": np.concatenate(start), "end_positions": np.concatenate(end)}
    mesh |= {"uv": np.concatenate(uv), "faces": np.concatenate(faces)}
    return with_normals(mesh), boxes, grids


def _outward(part: Part) -> bool:
    """Whether the band's rows times columns point outward (the same for both shapes, or the morph turns inside out)."""
    signs = [_band_volume(rings) > 0 for rings in (part.start, part.end)]
    if signs[0] != signs[1]:
        raise ValueError(f"{part.name}: start and end have opposite orientation")
    return signs[0]


def _band_volume(rings: Array) -> float:
    centred = rings - rings.mean((0, 1))
    turned = np.roll(centred, -1, axis=1)
    return float(np.einsum("mnk,mnk->", centred[:-1], np.cross(turned[:-1], centred[1:])))


def _grid_faces(patch: Patch) -> Array:
    """Two triangles for each cell, split along the diagonal that is shorter at the start."""
    height, width = patch.start.shape[:2]
    index = np.arange(height * width).reshape(height, width)
    a, b, c, d = (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1])
    points = patch.start.reshape(-1, 3) + patch.end.reshape(-1, 3)
    rising = np.linalg.norm(points[a] - points[c], axis=-1) <= np.linalg.norm(points[b] - points[d], axis=-1)
    one = np.where(rising[..., None], np.stack([a, b, c], -1), np.stack([a, b, d], -1))
    two = np.where(rising[..., None], np.stack([a, c, d], -1), np.stack([b, c, d], -1))
    faces = np.concatenate([one.reshape(-1, 3), two.reshape(-1, 3)])
    return faces if patch.outward else faces[:, ::-1]


def with_normals(mesh: dict[str, Array]) -> dict[str, Array]:
    """Split vertices at hard edges and give each a normal for both shapes.

    A corner's normal is the mean, weighted by area, of the faces around its place whose direction lies within
    the crease angle of its own face's: flat panels stay flat and bevels carry the roundness.
    """
    faces = mesh["faces"].astype(int)
    key = np.round(np.concatenate([mesh["start_positions"], mesh["end_positions"]], axis=1), 5)
    _, weld = np.unique(key, axis=0, return_inverse=True)
    corner = weld.ravel()[faces].ravel()
    order = np.argsort(corner, kind="stable")
    bounds = np.searchsorted(corner[order], np.arange(corner.max() + 2))
    normals = [_corner_normals(mesh[f"{shape}_positions"][faces], order, bounds) for shape in ("start", "end")]
    signature = np.round(np.concatenate([faces.reshape(-1, 1), *normals], axis=1), 3)
    _, first, inverse = np.unique(signature, axis=0, return_index=True, return_inverse=True)
    vertex = faces.ravel()[first]
    split = {name: mesh[name][vertex] for name in ("start_positions", "end_positions", "uv")}
    split |= {"faces": inverse.reshape(-1, 3), "start_normals": normals[0][first], "end_normals": normals[1][first]}
    return split


def _corner_normals(triangles: Array, order: Array, bounds: Array) -> Array:
    area = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    direction = area / np.linalg.norm(area, axis=1, keepdims=True)
    normals = np.empty((3 * len(triangles), 3))
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        corners = order[low:high]
        around = corners // 3
        near = direction[around] @ direction[around].T >= CREASE
        total = near @ area[around]
        normals[corners] = total / np.linalg.norm(total, axis=1, keepdims=True)
    return normals
