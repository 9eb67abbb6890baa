"""What every texel of the layout shows: its triangle and place in it, hence any attribute; and openness."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt


@dataclass(frozen=True)
class Texels:
    """The covered texels of a square texture: `rows`, `columns`, `face` (N,), barycentric `place` (N,3)."""

    size: int
    rows: np.ndarray
    columns: np.ndarray
    face: np.ndarray
    place: np.ndarray

    def sample(self, values: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """Per-vertex `values` (V,) or (V,K) interpolated at every covered texel."""
        corners = values[faces[self.face]]
        weights = self.place if values.ndim == 1 else self.place[:, :, None]
        return (corners * weights).sum(axis=1)

    def picture(self, colours: np.ndarray) -> np.ndarray:
        """An image (size,size,3) uint8 of sRGB `colours` (N,3) in [0, 255]; gaps take the nearest texel's."""
        image = np.zeros((self.size, self.size, 3))
        image[self.rows, self.columns] = colours
        empty = np.ones((self.size, self.size), bool)
        empty[self.rows, self.columns] = False
        nearest = distance_transform_edt(empty, return_distances=False, return_indices=True)
        return np.clip(np.rint(image[tuple(nearest)]), 0, 255).astype(np.uint8)


def rasterise(uv: np.ndarray, faces: np.ndarray, size: int) -> Texels:
    """The texels whose centres (or nearly so) a triangle of the layout covers; v = 1 is the first row."""
    pixels = np.column_stack([uv[:, 0], 1 - uv[:, 1]]) * size - 0.5
    owner = np.full((size, size), -1)
    place = np.zeros((size, size, 3))
    margin = np.full((size, size), -np.inf)
    for index, corners in enumerate(pixels[faces]):
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, size)
        x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
        weights = _barycentric(corners, x, y)
        inside = weights.min(axis=2)
        better = (inside > -0.35) & (inside > margin[low[1] : high[1], low[0] : high[0]])
        rows, columns = y[better], x[better]
        owner[rows, columns], margin[rows, columns] = index, inside[better]
        place[rows, columns] = weights[better]
    rows, columns = np.nonzero(owner >= 0)
    weights = np.clip(place[rows, columns], 0, None)
    weights /= weights.sum(axis=1, keepdims=True)
    return Texels(size, rows, columns, owner[rows, columns], weights)


def _barycentric(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    (ax, ay), (bx, by), (cx, cy) = corners
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    area = area if abs(area) > 1e-9 else 1e-9
    second = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
    third = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
    return np.stack([1 - second - third, second, third], axis=2)


def ambient_occlusion(
    points: np.ndarray, positions: np.ndarray, normals: np.ndarray, directions: int = 96
) -> np.ndarray:
    """Openness (P,) in [0, 1] of `positions` to a hemisphere of light, cosine weighted.

    `points` (N,3) sample the surface densely: they occlude, splatted into one depth map a direction.
    """
    golden = np.pi * (3 - np.sqrt(5))
    height = 1 - 2 * (np.arange(directions) + 0.5) / directions
    flat = np.sqrt(1 - height**2)
    light, total = np.zeros(len(positions)), np.zeros(len(positions))
    for index in range(directions):
        toward = np.array(
            [flat[index] * np.cos(golden * index), height[index], flat[index] * np.sin(golden * index)]
        )
        weight = np.clip(normals @ toward, 0, None)
        total += weight
        light += weight * _sees(points, positions, normals, toward)
    return light / np.maximum(total, 1e-9)


def _sees(points: np.ndarray, positions: np.ndarray, normals: np.ndarray, toward: np.ndarray) -> np.ndarray:
    side = np.cross(toward, [0.0, 1.0, 0.0] if abs(toward[1]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    axes = np.column_stack([side, np.cross(side, toward)])
    cell, bias = 0.004, 0.007
    low = (points @ axes).min(axis=0)
    columns = np.floor((points @ axes - low) / cell).astype(int)
    shape = columns.max(axis=0) + 2
    depth = np.full(shape[0] * shape[1], -np.inf)
    np.maximum.at(depth, columns[:, 0] * shape[1] + columns[:, 1], points @ toward)
    lifted = positions + normals * 0.004
    mine = np.clip(np.floor((lifted @ axes - low) / cell).astype(int), 0, shape - 1)
    return lifted @ toward + bias > depth[mine[:, 0] * shape[1] + mine[:, 1]]
