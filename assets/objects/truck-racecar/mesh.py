"""From parts to one mesh: patches, the shared texture layout, faces, and normals that keep hard edges."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from lofts import Array, Part, cap

Skin = tuple[str, str]  # name of the part, or of the look it shares, and which patch of it
CREASE = np.cos(np.radians(42.0))


@dataclass(frozen=True)
class Patch:
    """A grid of a part: the band around it, or a cap. Both shapes (H, W, 3)."""

    skin: Skin
    start: Array
    end: Array
    rows: Array  # place of each grid row and column in the patch's texture, in [0, 1]
    columns: Array
    size: tuple[float, float]  # (width, height) in metres times density
    outward: bool  # rows run so that columns x rows points out of the vehicle


def patches(part: Part) -> list[Patch]:
    """Band and both caps of a part, their faces outward where the ring runs that way."""
    shapes = (part.start, part.end)
    band = [np.concatenate([rings, rings[:, :1]], axis=1) for rings in shapes]
    low = [
        cap(rings[0], part.sides, -crown)[:, ::-1] for rings, crown in zip(shapes, part.crown, strict=True)
    ]
    high = [cap(rings[-1], part.sides, crown) for rings, crown in zip(shapes, part.crown, strict=True)]
    name, outward = part.skin or part.name, _outward(part)
    densities = [part.density * share for share in part.cap_density]
    return [
        _patch((name, "band"), band, outward, part.density, part.columns),
        _patch((name, "low"), low, outward, densities[0]),
        _patch((name, "high"), high, outward, densities[1]),
    ]


def _patch(
    skin: Skin, grids: list[Array], outward: bool, density: float, weights: Array | None = None
) -> Patch:
    def lengths(axis: int) -> Array:
        steps = [np.linalg.norm(np.diff(grid, axis=axis), axis=-1).mean(1 - axis) for grid in grids]
        return np.maximum(np.maximum(*steps), 1e-3)

    across, down = lengths(1), lengths(0)
    if weights is not None:
        across = across * weights
    places = [np.insert(np.cumsum(steps), 0, 0) / steps.sum() for steps in (down, across)]
    size = (across.sum() * density, down.sum() * density)
    return Patch(skin, grids[0], grids[1], places[0], places[1], size, outward)


Box = tuple[int, int, int, int]
Layout = dict[Skin, Box]
Sizes = dict[Skin, tuple[float, float]]


def layout(sizes: Sizes, side: int, gap: int) -> Layout:
    """Place (x, y, width, height) of each patch in a square texture, all at the largest scale that fits."""
    low, high = 10.0, 1000.0
    while high - low > 0.5:
        scale = (low + high) / 2
        low, high = (scale, high) if _pack(sizes, side, gap, scale) else (low, scale)
    return _pack(sizes, side, gap, low)


def _pack(sizes: Sizes, side: int, gap: int, scale: float) -> Layout:
    """Each patch, the largest first, at the lowest place of the skyline; empty where one does not fit."""
    placed: Layout = {}
    skyline = np.zeros(side, int)
    extents = {k: (max(6, round(w * scale)), max(6, round(h * scale))) for k, (w, h) in sizes.items()}
    for key in sorted(extents, key=lambda k: (-max(extents[k]), k)):
        width, height = (size + 2 * gap for size in extents[key])
        if width > side:
            return {}
        floors = np.lib.stride_tricks.sliding_window_view(skyline, width).max(1)
        x = int(floors.argmin())
        y = int(floors[x])
        if y + height > side:
            return {}
        skyline[x : x + width] = y + height
        placed[key] = (x + gap, y + gap, width - 2 * gap, height - 2 * gap)
    return placed


def assemble(parts: list[Part], side: int, gap: int) -> tuple[dict[str, Array], Layout, list[Patch]]:
    """The mesh's arrays, in metres, the texture's layout, and every patch."""
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
    """Whether columns times rows of the band point outward: alike in both, or the morph turns inside out."""
    signs = [_band_volume(rings) > 0 for rings in (part.start, part.end)]
    if signs[0] != signs[1]:
        raise ValueError(f"{part.name}: start and end have opposite orientation")
    return signs[0]


def _band_volume(rings: Array) -> float:
    centred = rings - rings.mean((0, 1))
    turned = np.roll(centred, -1, axis=1)
    return float(np.einsum("mnk,mnk->", centred[:-1], np.cross(turned[:-1], centred[1:])))


def _grid_faces(patch: Patch) -> Array:
    """Two triangles for each cell, split along the diagonal that folds less, in the worse of both shapes."""
    height, width = patch.start.shape[:2]
    index = np.arange(height * width).reshape(height, width)
    a, b, c, d = (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1])
    rising = _evenness(patch, (a, b, c, d)) >= _evenness(patch, (b, c, d, a))
    one = np.where(rising[..., None], np.stack([a, b, c], -1), np.stack([a, b, d], -1))
    two = np.where(rising[..., None], np.stack([a, c, d], -1), np.stack([b, c, d], -1))
    faces = np.concatenate([one.reshape(-1, 3), two.reshape(-1, 3)])
    return faces if patch.outward else faces[:, ::-1]


def _evenness(patch: Patch, cell: tuple[Array, Array, Array, Array]) -> Array:
    """Cosine between the triangles of each cell (p, q, r, s) cut from p to r, less a bit for a long cut."""
    cosines, cuts = [], []
    for grid in (patch.start, patch.end):
        p, q, r, s = (grid.reshape(-1, 3)[corner] for corner in cell)
        one, two = np.cross(q - p, r - p), np.cross(r - p, s - p)
        lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(two, axis=-1)
        cosines.append((one * two).sum(-1) / np.maximum(lengths, 1e-12))
        cuts.append(np.linalg.norm(r - p, axis=-1))
    return np.minimum(*cosines).round(3) - 1e-4 * (cuts[0] + cuts[1])


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
    shapes = [mesh["start_positions"][faces], mesh["end_positions"][faces]]
    normals = [_corner_normals(triangles, order, bounds) for triangles in shapes]
    signature = np.round(np.concatenate([faces.reshape(-1, 1), *normals], axis=1), 3)
    _, first, inverse = np.unique(signature, axis=0, return_index=True, return_inverse=True)
    vertex = faces.ravel()[first]
    split = {name: mesh[name][vertex] for name in ("start_positions", "end_positions", "uv")}
    split |= {"start_normals": normals[0][first], "end_normals": normals[1][first]}
    return split | {"faces": inverse.reshape(-1, 3)}


def _corner_normals(triangles: Array, order: Array, bounds: Array) -> Array:
    area = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    direction = area / np.linalg.norm(area, axis=1, keepdims=True)
    normals = np.empty((3 * len(triangles), 3))
    for low, high in pairwise(bounds):
        corners = order[low:high]
        around = corners // 3
        near = direction[around] @ direction[around].T >= CREASE
        total = near @ area[around]
        normals[corners] = total / np.linalg.norm(total, axis=1, keepdims=True)
    return normals
