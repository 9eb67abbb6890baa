"""Packs the charts anew: the head gets most texels, the mouth's scraps are gone, the eyes get discs."""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import binary_dilation
from scipy.signal import fftconvolve

GRID = 256
_HEAD, _PAWS = (
    {39, 40, 41, 42, 43, 44, 45, 47, 48, 49},
    {*range(8, 15), *range(20, 27), *range(28, 33), *range(34, 39)},
)
_EAR_BACKS = {41, 48}


def density(chart: int) -> float:
    """Texels per length, relative to the wheel's own layout."""
    if chart in _HEAD:
        return 1.5 if chart in _EAR_BACKS else 2.5
    return 1.35 if chart in _PAWS else 0.9


def pack(uv: np.ndarray, chart: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Texture coordinates (V,2) in [0, 1] where no two charts touch; the largest common scale that fits."""
    charts = np.unique(chart)
    local = {c: (uv[chart == c] - uv[chart == c].min(axis=0)) * density(c) for c in charts}
    triangles = {}
    for c in charts:
        renumber = np.cumsum(chart == c) - 1
        triangles[c] = renumber[faces[chart[faces[:, 0]] == c]]
    low, high, best = 0.6, 1.4, None
    for _ in range(6):
        scale = (low + high) / 2
        placed = _place(local, triangles, scale)
        low, high = (scale, high) if placed else (low, scale)
        best = placed or best
    if best is None:
        raise RuntimeError("the charts do not fit the texture")
    result = np.empty_like(uv)
    for c in charts:
        result[chart == c] = best[c]
    return result


def _place(local: dict, triangles: dict, scale: float) -> dict | None:
    taken = np.zeros((GRID, GRID))
    taken[[0, -1]] = taken[:, [0, -1]] = 1
    result = {}
    for c in sorted(local, key=lambda c: -np.prod(np.ptp(local[c], axis=0))):
        best = None
        for turned in (local[c], local[c][:, ::-1] * [1, -1]):
            points = (turned - turned.min(axis=0)) * scale
            mask = _mask(points, triangles[c])
            spot = _lowest(taken, mask)
            if spot is not None and (best is None or spot < best[0]):
                best = (spot, points, mask)
        if best is None:
            return None
        (row, column), points, mask = best
        taken[row : row + mask.shape[0], column : column + mask.shape[1]] += mask
        result[c] = points + (np.array([column, row]) + 1.5) / GRID
    return result


def _mask(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    size = np.ceil(points.max(axis=0) * GRID).astype(int) + 4
    image = Image.new("1", tuple(size.tolist()))
    draw = ImageDraw.Draw(image)
    for corners in points[triangles] * GRID + 1.0:
        draw.polygon([tuple(corner) for corner in corners], fill=1, outline=1)
    return binary_dilation(np.asarray(image)).astype(float)


def _lowest(taken: np.ndarray, mask: np.ndarray) -> tuple[int, int] | None:
    if mask.shape[0] > GRID or mask.shape[1] > GRID:
        return None
    overlap = fftconvolve(taken, mask[::-1, ::-1], mode="valid")
    free = np.argwhere(overlap < 0.5)
    return None if len(free) == 0 else tuple(int(v) for v in free[0])
