"""Closes the mouth: the jaw turns about its hinge, then the lips' two margins are laid on one line."""

import numpy as np
from extract import Skin
from surface import smoothstep, spread

HINGE = np.array([0.0, 0.636, 0.349])
JAW_DEGREES = 25.0
_TUCK = np.array([0.0007, 0.0015])  # how far the lower margin hides inside and above the upper, metres


def close_mouth(skin: Skin) -> tuple[np.ndarray, np.ndarray]:
    """Positions (P,3) with the mouth closed, and the vertices of the upper lip's margin from left to right."""
    upper, lower = _margins(skin)
    turned = _turn(skin.positions, JAW_DEGREES * skin.weight("jaw"))
    line = _lip_line(skin.positions[upper])
    targets = np.concatenate([line(_fractions(turned[upper])), line(_fractions(turned[lower[1:-1]], lower_of=turned[lower]))])
    inner = targets[len(upper) :]
    side = inner[:, 0] / np.abs(inner[:, 0]).max()
    inner[:, 0] -= _TUCK[0] * side
    inner[:, 2] -= _TUCK[0] * (1 - np.abs(side))
    inner[:, 1] += _TUCK[1]
    rim = np.concatenate([upper, lower[1:-1]])
    far = np.flatnonzero(_still(skin.positions))
    far = np.setdiff1d(far, rim)
    held = np.concatenate([rim, far])
    moves = np.concatenate([targets - turned[rim], np.zeros((len(far), 3))])
    return turned + spread(skin.weld[skin.faces], len(turned), held, moves), upper


def _margins(skin: Skin) -> tuple[np.ndarray, np.ndarray]:
    """The hole's rim as two paths from the left corner of the mouth to the right one: upper, lower."""
    faces = skin.weld[skin.faces]
    edges = np.concatenate([faces[:, :2], faces[:, 1:], faces[:, [2, 0]]])
    keys, index, count = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True, return_counts=True)
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
    return np.column_stack([positions[:, 0], HINGE[1] + y * cosine + z * sine, HINGE[2] + z * cosine - y * sine])


def _fractions(path: np.ndarray, lower_of: np.ndarray | None = None) -> np.ndarray:
    whole = path if lower_of is None else lower_of
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(whole, axis=0), axis=1))])
    lengths /= lengths[-1]
    return lengths if lower_of is None else lengths[1:-1]


def _lip_line(upper: np.ndarray):  # noqa: ANN202
    """The closed lips' line by its fraction of length: the upper margin, straightened towards the corners."""
    fractions = _fractions(upper)
    goal = upper.copy()
    back = smoothstep(0.404, 0.384, upper[:, 2])
    goal[:, 1] += back * (0.6335 - upper[:, 1])
    goal[:, 2] -= 0.004 * back
    return lambda at: np.column_stack([np.interp(at, fractions, goal[:, axis]) for axis in range(3)])


def _still(positions: np.ndarray) -> np.ndarray:
    """What the closing mouth doesn't move: brow, nose, neck."""
    x, y, z = positions.T
    return (y > 0.672 + 0.0 * x) | (z < 0.30) | (y < 0.55)
