"""Normals of a mesh that brings none: smooth over gentle edges, broken at sharp ones."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

CREASE = 40.0
"""Degrees between two faces, above which the edge between them stays sharp."""
_MOST_PAIRS = 24_000_000


def corner_normals(
    points: Floats, corners: Indices, faces: Indices, given: Floats | None
) -> tuple[Indices, Indices, Floats]:
    """Faces, vertices and normals of a mesh, split where a vertex needs several normals.

    `corners` (F, 3) are the points of the faces (those at one place share a number), `faces` (F, 3) their
    vertices, `given` (V, 3) the file's normals or None. Gives the new faces (F, 3), for each new vertex the
    old one (W,), and unit normals (W, 3).
    """
    if given is not None:
        lengths = np.linalg.norm(np.nan_to_num(given, posinf=0.0, neginf=0.0), axis=1)
        if (lengths[np.unique(faces)] > 1e-6).all():
            units = np.nan_to_num(given) / np.maximum(lengths, 1e-6)[:, None]
            return faces, np.arange(len(given)), units
    normals = _smoothed(points, corners)
    return _split(faces, normals)


def _smoothed(points: Floats, corners: Indices) -> Floats:
    """Unit normals (F, 3, 3) of the corners, over the faces around the point less than `CREASE` away."""
    first, second, third = (points[corners[:, i]] for i in range(3))
    weighted = np.cross(second - first, third - first)  # as long as twice the area
    flat = weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-30)
    sums = [np.bincount(corners.ravel(), np.repeat(weighted[:, i], 3), len(points)) for i in range(3)]
    around: Floats = np.column_stack(sums).astype(np.float64)
    around = around / np.maximum(np.linalg.norm(around, axis=1, keepdims=True), 1e-30)
    total = around[corners].reshape(-1, 3)
    # Where no face is more than half the crease off the mean, no two are a whole one apart.
    off = np.einsum("fij,fj->fi", around[corners], flat) < np.cos(np.radians(CREASE / 2.0))
    sharp = np.zeros(len(points), bool)
    sharp[corners[off]] = True
    _break_edges(total, sharp[corners.ravel()], corners.ravel(), flat, weighted)
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    units = np.where(lengths > 1e-30, total / np.maximum(lengths, 1e-30), np.repeat(flat, 3, axis=0))
    units[np.linalg.norm(units, axis=1) < 0.5] = (0.0, 1.0, 0.0)  # of a triangle without an area
    return np.asarray(units.reshape(-1, 3, 3))


def _break_edges(
    total: Floats, chosen: NDArray[np.bool_], corners: Indices, flat: Floats, weighted: Floats
) -> None:
    """For the `chosen` corners the sum of the near faces around their point instead of all of them."""
    places = np.flatnonzero(chosen)
    order = places[np.argsort(corners[places], kind="stable")]
    _, starts, counts = np.unique(corners[order], return_index=True, return_counts=True)
    if int((counts.astype(np.int64) ** 2).sum()) > _MOST_PAIRS:
        return  # a point that thousands of faces share stays smooth
    total[order] = 0.0
    group = np.repeat(np.arange(len(starts)), counts)
    inside = np.arange(len(order)) - starts[group]
    directions, weights = flat[order // 3], weighted[order // 3]
    for lag in range(int(counts.max(initial=0))):
        own = np.flatnonzero(counts[group] > lag)
        other = starts[group[own]] + (inside[own] + lag) % counts[group[own]]
        near = np.einsum("ij,ij->i", directions[own], directions[other]) > np.cos(np.radians(CREASE))
        total[order[own[near]]] += weights[other[near]]


def _split(faces: Indices, normals: Floats) -> tuple[Indices, Indices, Floats]:
    """One vertex for each old vertex and direction."""
    steps = np.round((normals.reshape(-1, 3) + 1.0) * 4095.0).astype(np.int64)
    keys = ((faces.ravel() * 8192 + steps[:, 0]) * 8192 + steps[:, 1]) * 8192 + steps[:, 2]
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return inverse.reshape(-1, 3), faces.ravel()[first], normals.reshape(-1, 3)[first]
