"""Lays the tail, a tube around the tail bones, along another centre line."""

import numpy as np
from extract import Skin
from surface import smoothstep

_SOURCE = np.array(  # (z, y) of the tail bones Ca_1 ... Ca_21 and the tip
    [
        (-0.285, 0.512), (-0.315, 0.507), (-0.329, 0.503), (-0.341, 0.498), (-0.355, 0.492), (-0.372, 0.485),
        (-0.388, 0.477), (-0.406, 0.466), (-0.426, 0.450), (-0.449, 0.433), (-0.474, 0.412), (-0.498, 0.393),
        (-0.521, 0.375), (-0.544, 0.358), (-0.569, 0.344), (-0.592, 0.336), (-0.617, 0.331), (-0.643, 0.329),
        (-0.669, 0.330), (-0.696, 0.334), (-0.716, 0.338), (-0.737, 0.343),
    ]
)  # fmt: skip


def lay_tail(
    skin: Skin, positions: np.ndarray, rest: np.ndarray, line: np.ndarray, girth: np.ndarray
) -> np.ndarray:
    """`rest` (P,3) with the tail moved onto `line`.

    `positions` (P,3) is the source shape, `line` (K,2) the wanted centre line as (z, y) from root to tip,
    `girth` (K,) the factor on the tail's radius there. Blends into `rest` at the root.
    """
    at, offset = _along(positions)
    fine, tangent = _resample(line)
    grow = np.interp(at, np.linspace(0, 1, len(girth)), girth)
    up = np.column_stack([tangent[:, 1], -tangent[:, 0]])  # (z, y) components of the tube's upper side
    up *= np.sign(up[:1, 1])
    place = [np.interp(at, np.linspace(0, 1, len(fine)), fine[:, k]) for k in range(2)]
    frame = [np.interp(at, np.linspace(0, 1, len(fine)), up[:, k]) for k in range(2)]
    length = np.hypot(*frame)
    tail = np.column_stack(
        [
            positions[:, 0] * grow,
            place[1] + offset * grow * frame[1] / length,
            place[0] + offset * grow * frame[0] / length,
        ]
    )
    belongs = smoothstep(0.0, 1.0, skin.weight("Ca_*"))[:, None]
    return rest + belongs * (tail - rest)


def tail_fraction(positions: np.ndarray) -> np.ndarray:
    """How far along the tail each position (P,3) of the source shape lies: 0 at the root, 1 at the tip."""
    return _along(positions)[0]


def _along(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fraction along the source line (P,) and signed distance above it (P,)."""
    fine, tangent = _resample(_SOURCE)
    points = positions[:, [2, 1]]
    nearest = np.argmin(((points[:, None] - fine[None]) ** 2).sum(axis=2), axis=1)
    to = points - fine[nearest]
    along = (to * tangent[nearest]).sum(axis=1)
    step = np.linalg.norm(fine[1] - fine[0])
    at = np.clip((nearest + np.clip(along / step, -0.5, 2.0)) / (len(fine) - 1), 0, None)
    normal = np.column_stack([tangent[nearest, 1], -tangent[nearest, 0]])
    normal *= np.sign(normal[:, 1:])
    return np.minimum(at, 1.0), (to * normal).sum(axis=1)


def _resample(line: np.ndarray, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Evenly spaced points of a smooth curve through `line`, and its unit tangents."""
    from scipy.interpolate import CubicSpline

    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    curve = CubicSpline(lengths / lengths[-1], line)
    dense = curve(np.linspace(0, 1, 4 * count))
    arc = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    at = np.interp(np.linspace(0, arc[-1], count), arc, np.linspace(0, 1, 4 * count))
    tangent = curve(at, 1)
    return curve(at), tangent / np.linalg.norm(tangent, axis=1, keepdims=True)
