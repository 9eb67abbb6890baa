"""Closes the mouth: the jaw turns about its hinge, then the lips' two margins are laid on one line."""

import numpy as np
from extract import Skin
from scipy.spatial import cKDTree
from surface import fair, smoothstep, spread

HINGE = np.array([0.0, 0.636, 0.349])
JAW_DEGREES = 25.0
_TUCK = np.array([0.0012, 0.0010])  # how far the lower margin hides inside and above the upper, metres
_TIGHT = 0.1  # share of the lips at either corner that needs no lining


def close_mouth(skin: Skin) -> np.ndarray:
    """Positions (P,3) with the mouth closed."""
    upper, lower = lips(skin)
    turned = _turn(skin.positions, JAW_DEGREES * skin.weight("jaw"))
    turned[upper] = _straighten(skin.positions[upper])
    joined = join_lips(turned, upper, lower)
    rim = np.concatenate([upper, lower[1:-1]])
    y, z = skin.positions[:, 1:].T
    still = np.setdiff1d(np.flatnonzero((y > 0.672) | (y < 0.55) | (z < 0.30)), rim)
    held = np.concatenate([rim, still])
    before = _turn(skin.positions, JAW_DEGREES * skin.weight("jaw"))
    closed = before + spread(skin.weld[skin.faces], len(before), held, (joined - before)[held])
    return fair_lips(skin, closed, 0.011, 0.033, 1.0)


def join_lips(positions: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Positions with the lower margin laid on the upper one, a trace inside and above: no gap shows."""
    line = positions[upper]
    targets = np.column_stack(
        [np.interp(_fractions(positions[lower]), _fractions(line), line[:, k]) for k in range(3)]
    )
    side = targets[:, 0] / np.abs(targets[:, 0]).max()
    tuck = np.clip(np.sin(np.pi * _fractions(positions[lower])), 0, 1) ** 0.25
    targets -= (tuck * _TUCK[0])[:, None] * np.column_stack([side, np.zeros_like(side), 1 - np.abs(side)])
    targets[:, 1] += tuck * _TUCK[1]
    result = positions.copy()
    result[lower[1:-1]] = targets[1:-1]
    return result


def fair_lips(skin: Skin, positions: np.ndarray, reach: float, slide: float, width: float) -> np.ndarray:
    """Positions with smooth skin within `reach` metres of the lips.

    `width` below 1 shortens the mouth's line; the skin within `slide` metres follows.
    """
    upper, lower = lips(skin)
    rim = np.concatenate([upper, lower[1:-1]])
    line, at = positions[upper], _fractions(positions[upper])
    goal = positions.copy()
    goal[upper] = np.column_stack([np.interp(0.5 + (at - 0.5) * width, at, line[:, k]) for k in range(3)])
    goal = join_lips(goal, upper, lower)
    distance = cKDTree(goal[rim]).query(positions)[0]
    faces = skin.weld[skin.faces]
    held = np.concatenate([rim, np.setdiff1d(np.flatnonzero(distance > slide), rim)])
    moved = positions + spread(faces, len(positions), held, (goal - positions)[held])
    free = distance < reach
    free[rim] = False
    return fair(faces, moved, free)


def lining(skin: Skin) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A strip that seals the lips from inside: positions' indices (N,), faces (F,3), coordinates (N,2)."""
    upper, lower = lips(skin)
    lower = lower[1:-1]
    above = _fractions(skin.positions[upper])
    below = _fractions(skin.positions[np.concatenate([upper[:1], lower, upper[-1:]])])[1:-1]
    faces, i, j = [(0, 1, len(upper))], 1, 0
    while i < len(upper) - 1 or j < len(lower) - 1:
        if j == len(lower) - 1 or (i < len(upper) - 1 and above[i + 1] <= below[min(j + 1, len(lower) - 1)]):
            faces.append((i, i + 1, len(upper) + j))
            i += 1
        else:
            faces.append((len(upper) + j, i, len(upper) + j + 1))
            j += 1
    along = np.concatenate([above, below])
    faces = np.array(faces)
    faces = faces[np.abs(along[faces].mean(axis=1) - 0.5) < 0.5 - _TIGHT]
    across = np.repeat([1.0, 0.0], [len(upper), len(lower)])
    return np.concatenate([upper, lower]), faces, np.column_stack([0.05 * along, 0.006 * across])


def lips(skin: Skin) -> tuple[np.ndarray, np.ndarray]:
    """The hole's rim as two paths from the left corner of the mouth to the right one: upper, lower."""
    faces = skin.weld[skin.faces]
    edges = np.concatenate([faces[:, :2], faces[:, 1:], faces[:, [2, 0]]])
    _, index, count = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True, return_counts=True)
    rim = edges[count[index.ravel()] == 1]
    following = dict(rim.tolist())
    p = skin.positions
    left = min((v for v in following if p[v, 0] > 0), key=lambda v: p[v, 2])
    loop = [left]
    while (step := following[loop[-1]]) != left:
        loop.append(step)
    half = int(np.argmin([np.linalg.norm(p[v] - p[left] * [-1, 1, 1]) for v in loop]))
    one, other = np.array(loop[: half + 1]), np.array([*loop[half:], left])[::-1]
    return (one, other) if p[one, 1].mean() > p[other, 1].mean() else (other, one)


def _turn(positions: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    angle = np.radians(degrees)
    y, z = (positions[:, 1:] - HINGE[1:]).T
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack(
        [positions[:, 0], HINGE[1] + y * cosine + z * sine, HINGE[2] + z * cosine - y * sine]
    )


def _fractions(path: np.ndarray) -> np.ndarray:
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    return lengths / lengths[-1]


def _straighten(upper: np.ndarray) -> np.ndarray:
    """The upper margin, straightened towards the corners that the open mouth pulls down."""
    goal = upper.copy()
    back = smoothstep(0.404, 0.384, upper[:, 2])
    goal[:, 1] += back * (0.6335 - upper[:, 1])
    goal[:, 2] -= 0.004 * back
    return goal
