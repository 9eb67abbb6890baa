"""A model as it comes from any format, checked, and made ready to be drawn; in the parser's process only."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perturber.uploads import limits
from perturber.uploads.errors import UploadError
from perturber.uploads.normals import corner_normals
from perturber.uploads.sphere import bounding_sphere

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

NEUTRAL = 0.5
"""Reflectance, in linear light, of a model that brings no colour."""


@dataclass(frozen=True)
class Shape:
    """A triangle mesh of one file.

    `points` (P, 3); `faces` (F, 3) numbers of vertices; `vertex_point` (V,) the point that each vertex lies
    on. Of the vertices, where the file has them: `uv` (V, 2) with v upwards, `normals` (V, 3), `paint` (V, 3)
    linear RGB that the texture is multiplied with. `texture` is (H, W, 4) sRGB with alpha, rows from the top.
    """

    points: Floats
    faces: Indices
    vertex_point: Indices
    uv: Floats | None = None
    normals: Floats | None = None
    paint: Floats | None = None
    texture: NDArray[np.uint8] | None = None


def check_counts(vertices: int, faces: int, name: str, *, least: int = 1) -> None:
    """Refuse counts out of bounds, before anything of that size is made.

    Raises:
        UploadError: none, or too many.
    """
    for count, most, noun in ((vertices, limits.VERTICES, "vertices"), (faces, limits.FACES, "faces")):
        if not least <= count <= most:
            raise UploadError(f"{name}: expected 1 to {most:,} {noun}, got {count:,}")


def finish(shape: Shape, name: str) -> dict[str, NDArray[Any]]:
    """The arrays that are kept of a model: centred, scaled to a bounding sphere of radius 1, with normals.

    `points` float32 (P, 3) in that sphere, `centre` (3,) and `radius` () of it in the file's units; `faces`,
    `vertex_point`, `normals`, and `uv`, `paint`, `texture` where there are any; `closed` and `inside_out` as
    flags.

    Raises:
        UploadError: no or too many triangles, numbers of points that there aren't, coordinates that are not
            finite, or nothing with an area.
    """
    check_counts(len(shape.points), len(shape.faces), name)
    _check_indices(shape, name)
    used = np.unique(shape.vertex_point[shape.faces])
    _check_coordinates(shape.points[used], name)
    centre, radius = bounding_sphere(shape.points[used])
    corners = shape.vertex_point[shape.faces]
    if radius > 0:
        points = np.zeros_like(shape.points)
        points[used] = (shape.points[used] - centre) / radius
        area = np.linalg.norm(np.cross(*_edges(points, corners)), axis=1)
    if radius <= 0 or not area.max() > 1e-12:
        raise UploadError(f"{name}: expected triangles with an area, got {len(shape.faces):,} without")
    welded = _weld(points)[corners]
    faces, vertex, normals = corner_normals(points, welded, shape.faces, shape.normals)
    closed, inside_out = _closedness(points, welded)
    kept: dict[str, NDArray[Any]] = {
        "points": points.astype(np.float32),
        "centre": centre,
        "radius": np.array(radius),
        "faces": faces.astype(np.uint32),
        "vertex_point": shape.vertex_point[vertex].astype(np.uint32),
        "normals": normals.astype(np.float32),
        "closed": np.array(closed),
        "inside_out": np.array(inside_out),
    }
    textured = shape.texture is not None and shape.uv is not None
    if textured and shape.uv is not None and shape.texture is not None:
        kept["uv"] = _finite(shape.uv)[vertex].astype(np.float32)
        kept["texture"] = shape.texture
    if shape.paint is not None:
        kept["paint"] = np.clip(_finite(shape.paint)[vertex], 0.0, 1.0).astype(np.float32)
    elif not textured:
        kept["paint"] = np.full((len(vertex), 3), NEUTRAL, np.float32)
    return kept


def _check_indices(shape: Shape, name: str) -> None:
    for numbers, count, noun in (
        (shape.faces, len(shape.vertex_point), "vertices"),
        (shape.vertex_point, len(shape.points), "points"),
    ):
        low, high = int(numbers.min()), int(numbers.max())
        if low < 0 or high >= count:
            wrong = low if low < 0 else high
            raise UploadError(f"{name}: expected faces of {noun} 0 to {count - 1:,}, got {wrong:,}")


def _check_coordinates(points: Floats, name: str) -> None:
    if not np.isfinite(points).all():
        row = int(np.argmin(np.isfinite(points).all(axis=1)))
        raise UploadError(f"{name}: expected finite coordinates, got {points[row].tolist()}")
    if np.abs(points).max() > limits.COORDINATE:
        most = f"{limits.COORDINATE:g}"
        raise UploadError(f"{name}: expected coordinates within ±{most}, got {np.abs(points).max():g}")


def _finite(values: Floats) -> Floats:
    return np.clip(np.nan_to_num(values, posinf=0.0, neginf=0.0), -1e4, 1e4)


def _edges(points: Floats, corners: Indices) -> tuple[Floats, Floats]:
    first = points[corners[:, 0]]
    return points[corners[:, 1]] - first, points[corners[:, 2]] - first


def _weld(points: Floats) -> Indices:
    """For each point the number of the first one at the same place: a file may repeat points at seams."""
    rows = np.ascontiguousarray(points + 0.0).view(np.dtype((np.void, points.shape[1] * 8))).ravel()
    _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
    return np.asarray(first[inverse.ravel()])


def _closedness(points: Floats, corners: Indices) -> tuple[bool, bool]:
    """Whether the surface is closed and turned one way, and whether that way is inwards."""
    whole = corners[(corners != np.roll(corners, 1, axis=1)).all(axis=1)]
    begin, end = whole.ravel(), np.roll(whole, -1, axis=1).ravel()
    forth = np.sort(begin * len(points) + end)
    back = np.sort(end * len(points) + begin)
    closed = bool((forth == back).all() and (np.diff(forth) > 0).all())
    first, (along, across) = points[whole[:, 0]], _edges(points, whole)
    volume = float(np.einsum("ij,ij->", first, np.cross(along, across)))
    return closed, volume < 0
