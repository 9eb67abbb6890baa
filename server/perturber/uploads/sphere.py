"""The smallest sphere around points."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 3000
_ROUNDS = 12


def bounding_sphere(points: Floats) -> tuple[Floats, float]:
    """Centre (3,) and radius of the smallest sphere around `points` (N, 3), to about a thousandth.

    Badoiu and Clarkson 2003, "Smaller core-sets for balls", on the few points that lie outermost.
    """
    middle = (points.min(axis=0) + points.max(axis=0)) / 2.0
    scale = float(np.abs(points - middle).max())
    if scale <= 0.0 or not np.isfinite(scale):
        return middle, 0.0
    local = (points - middle) / scale
    core = {int(i) for axis in range(3) for i in (local[:, axis].argmin(), local[:, axis].argmax())}
    centre = np.zeros(3)
    for _ in range(_ROUNDS):
        centre, radius = _small_ball(local[sorted(core)])
        distances = np.linalg.norm(local - centre, axis=1)
        farthest = int(distances.argmax())
        if distances[farthest] <= radius * 1.0005 or farthest in core:
            break
        core.add(farthest)
    distance = float(np.linalg.norm(local - centre, axis=1).max())
    return middle + scale * centre, scale * distance


def _small_ball(points: Floats) -> tuple[Floats, float]:
    """As `bounding_sphere`, step by step towards the farthest of a few points."""
    centre = points.mean(axis=0)
    for step in range(1, _STEPS):
        away = points - centre
        centre = centre + away[int(np.einsum("ij,ij->i", away, away).argmax())] / (step + 1.0)
    return centre, float(np.linalg.norm(points - centre, axis=1).max())
