"""From the hound to a cat: each part's outline is redrawn station by station, bone weights join the parts.

All measures are metres. The head is a loft along z: at each station half width, top, eye line, lip line and
bottom of the hound are carried onto those of a cat. Trunk and legs are a map of (y, z) of the same kind.
"""

import numpy as np
from extract import Skin
from mouth import fair_lips, lips
from scipy.interpolate import PchipInterpolator
from surface import bump, relax, smoothstep
from tail import lay_tail

EYE_DOG = np.array([0.0, 0.704, 0.3585])
EYE_CAT = np.array([0.0, 0.402, 0.245])
_LIPS = 0.6345
HEAD_SCALE = 1.18
CAT_SCALE = 1.35  # of all; a cat as large in the picture as the dog
NOSE = 45
_NECK = {
    "C_7": 0.06,
    "C_6": 0.2,
    "C_5": 0.38,
    "C_4": 0.56,
    "C_3": 0.75,
    "C_2": 0.92,
    "C_1": 1.0,
    "skull": 1.0,
    "jaw": 1.0,
}

# station of the hound (z), then of the cat relative to its eye: z, half width, top, eye line, lips, bottom
_HEAD = np.array(
    [
        (0.200, -0.110, 0.044, 0.010, -0.010, -0.034, -0.060),
        (0.260, -0.072, 0.048, 0.030, 0.000, -0.034, -0.056),
        (0.290, -0.055, 0.055, 0.040, 0.002, -0.034, -0.055),
        (0.320, -0.033, 0.061, 0.045, 0.002, -0.035, -0.056),
        (0.3585, 0.000, 0.057, 0.034, 0.000, -0.034, -0.057),
        (0.385, 0.016, 0.042, 0.018, -0.006, -0.034, -0.053),
        (0.405, 0.024, 0.033, 0.007, -0.010, -0.034, -0.051),
        (0.430, 0.031, 0.027, 0.000, -0.013, -0.034, -0.048),
        (0.450, 0.036, 0.022, -0.005, -0.015, -0.034, -0.046),
        (0.468, 0.040, 0.013, -0.009, -0.017, -0.033, -0.043),
    ]
)
_TAIL = np.array(
    [
        (-0.232, 0.300),
        (-0.285, 0.312),
        (-0.340, 0.345),
        (-0.385, 0.41),
        (-0.410, 0.49),
        (-0.418, 0.57),
        (-0.405, 0.64),
        (-0.37, 0.69),
    ]
)
_TAIL_GIRTH = np.array([0.8, 0.8, 0.85, 1.05, 1.25, 1.3, 1.35, 1.5, 1.5])


def shape_cat(skin: Skin, hound: np.ndarray) -> np.ndarray:
    """The cat's positions (P,3) from the hound with its mouth closed."""
    faces = skin.weld[skin.faces]
    ears = ear_membership(skin)
    head = _head(skin, hound, ears)
    head += ears[:, None] * (_ear(hound) - head)
    trunk = _trunk(hound)
    belongs = sum(share * skin.weight(bone) for bone, share in _NECK.items())[:, None]
    belongs = relax(faces, belongs, 0.7 * smoothstep(0.98, 0.9, belongs[:, 0]), 60)
    cat = lay_tail(skin, hound, trunk + belongs * (head - trunk), _TAIL, _TAIL_GIRTH)
    cat = fair_lips(skin, cat, 0.008, 0.04, 0.74)
    seam = smoothstep(0.02, 0.3, belongs[:, 0]) * smoothstep(1.0, 0.8, belongs[:, 0])
    seam = 0.5 * np.maximum.reduce(
        [seam, 2.5 * bump(hound, (0.036, 0.738, 0.288), 0.026), bump(hound, (0.008, 0.625, 0.43), 0.014)]
    )
    seam = np.minimum(seam, 0.9)
    seam[np.concatenate(lips(skin))] = 0.0
    return CAT_SCALE * (hound + relax(faces, cat - hound, seam, 30))


def ear_membership(skin: Skin) -> np.ndarray:
    """0 to 1 (P,): what moves with the ears; the charts of the ears, softened where they meet the skull."""
    ear = np.zeros(len(skin.positions))
    x, y, z = np.abs(skin.positions[:, 0]), skin.positions[:, 1], skin.positions[:, 2]
    ear[skin.weld[np.isin(skin.chart, [40, 41, 42, 47, 48, 49])]] = 1.0
    ear *= smoothstep(0.685, 0.725, y + 0.25 * (x - 0.05)) * (z < 0.34)
    return relax(skin.weld[skin.faces], ear[:, None], np.full(len(ear), 0.6), 12)[:, 0]


def _head(skin: Skin, p: np.ndarray, ears: np.ndarray) -> np.ndarray:
    """The head's loft, applied to every position (only the head's are used)."""
    z = np.clip(p[:, 2], _HEAD[0, 0], _HEAD[-1, 0])
    station = PchipInterpolator(_HEAD[:, 0], _HEAD[:, 1:])(z)
    depth, half, top, eye, lips, bottom = station.T
    half_dog, top_dog, bottom_dog = _outline(skin, p, ears, z)
    eye_dog = _LIPS + 0.72 * (top_dog - _LIPS)
    y = p[:, 1]
    above = np.where(
        y > eye_dog,
        eye + (y - eye_dog) * (top - eye) / (top_dog - eye_dog),
        lips + (y - _LIPS) * (eye - lips) / (eye_dog - _LIPS),
    )
    below = lips + (y - _LIPS) * (lips - bottom) / (_LIPS - bottom_dog)
    low = np.clip((_LIPS - y) / (_LIPS - bottom_dog), 0, 1)
    result = np.column_stack(
        [p[:, 0] * half / half_dog * np.sqrt(1 - 0.62 * low**2), np.where(y > _LIPS, above, below), depth]
    )
    result[:, 2] += (p[:, 2] - z) * 0.5
    return HEAD_SCALE * _sculpt(skin, result) + EYE_CAT


def _sculpt(skin: Skin, p: np.ndarray) -> np.ndarray:
    """What a loft cannot say, on places (P,3) about the eyes: a round skull, whisker pads, a small nose."""
    p = _round_skull(p)
    x = p[:, 0]
    pads = bump(p, (0.0125, -0.024, 0.036), 0.011)
    p = p + pads[:, None] * np.column_stack(
        [0.0035 * np.sign(x), -0.0015 * np.ones_like(x), 0.0045 * np.ones_like(x)]
    )
    p[:, 1] += 0.0035 * bump(p, (0.0, -0.033, 0.045), 0.007)
    p[:, 2] -= 0.003 * bump(p, (0.0, -0.052, 0.038), 0.014)
    chin = smoothstep(0.006, 0.026, p[:, 2]) * smoothstep(-0.032, -0.050, p[:, 1])
    p[:, 0] *= 1 - 0.30 * chin
    nose = np.array([0.0, p[skin.weld[skin.chart == NOSE], 1].mean(), p[:, 2].max()])
    near = bump(p, tuple(nose), 0.014)[:, None]
    p = p + near * (nose - p) * [0.42, 0.0, 0.0]
    for sign in (-1.0, 1.0):
        socket = np.array([sign * 0.0275, 0.001, 0.004])
        near = np.exp(-(((p - socket) / 0.022) ** 2).sum(axis=1))[:, None]
        p = p + near * ((p - socket) * [-0.30, -0.17, 0.0] + [-0.0065 * sign, 0.0, 0.0025])
        p[:, 1:2] += near * (sign * p[:, :1] - 0.0275) * 0.22
    return p


def _round_skull(p: np.ndarray) -> np.ndarray:
    """Draws the braincase towards an ellipsoid, so that the head is a ball from every side."""
    centre, radii = np.array([0.0, -0.004, -0.022]), np.array([0.060, 0.054, 0.052])
    away = (p - centre) / radii
    length = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    ball = centre + (p - centre) / length
    share = (
        0.65
        * smoothstep(-0.012, 0.016, p[:, 1])
        * smoothstep(0.020, 0.0, p[:, 2])
        * smoothstep(-0.085, -0.05, p[:, 2])
    )
    return p + share[:, None] * (ball - p)


def _outline(
    skin: Skin, p: np.ndarray, ears: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The hound's half width, top and bottom at the stations `z`, measured on the skull and jaw."""
    mine = (skin.weight("skull", "jaw", "C_1", "C_2") > 0.5) & (ears < 0.02)
    knots = np.linspace(0.28, 0.466, 24)
    rows = []
    for knot in knots:
        near = p[mine & (np.abs(p[:, 2] - knot) < 0.007)]
        rows.append((np.abs(near[:, 0]).max(), near[:, 1].max(), near[:, 1].min()))
    rows = np.array(rows)
    rows[knots < 0.31, 2] = rows[np.argmax(knots >= 0.31), 2]
    for _ in range(3):
        rows[1:-1] = (rows[:-2] + 2 * rows[1:-1] + rows[2:]) / 4
    return tuple(PchipInterpolator(knots, rows)(np.clip(z, knots[0], knots[-1])).T)


def _ear(p: np.ndarray) -> np.ndarray:
    """The ears: half as high, as wide, wide-set, tips turned a little outward and forward."""
    side = np.sign(p[:, 0] + 1e-12)[:, None]
    local = np.column_stack([np.abs(p[:, 0]), p[:, 1:]]) - (0.060, 0.715, 0.302)
    axis = np.array([0.32, 0.94, -0.10])
    axis /= np.linalg.norm(axis)
    across = np.array([0.94, -0.32, 0.35])
    across -= axis * (axis @ across)
    across /= np.linalg.norm(across)
    through = np.cross(across, axis)
    u, v, w = local @ axis, local @ across, local @ through
    new_axis, new_across = np.array([0.36, 0.92, 0.10]), np.array([0.82, -0.36, -0.42])
    new_axis /= np.linalg.norm(new_axis)
    new_across -= new_axis * (new_axis @ new_across)
    new_across /= np.linalg.norm(new_across)
    new_through = np.cross(new_across, new_axis)
    shaped = (
        (0.56 * u)[:, None] * new_axis + (0.92 * v)[:, None] * new_across + (0.7 * w)[:, None] * new_through
    )
    shaped += np.array([0.040, 0.026, -0.034])
    shaped *= np.column_stack([side, np.ones_like(side), np.ones_like(side)])
    return HEAD_SCALE * shaped + EYE_CAT


# station of the hound (z), top and bottom of its trunk, then of the cat's: z, top, bottom, factor on x
_TRUNK = np.array(
    [
        (-0.45, 0.520, 0.380, -0.330, 0.325, 0.225, 0.78),
        (-0.36, 0.525, 0.380, -0.275, 0.328, 0.205, 0.78),
        (-0.28, 0.535, 0.375, -0.215, 0.332, 0.185, 0.78),
        (-0.18, 0.535, 0.360, -0.130, 0.325, 0.172, 0.84),
        (-0.05, 0.530, 0.325, -0.030, 0.318, 0.168, 0.84),
        (0.08, 0.535, 0.300, 0.075, 0.328, 0.172, 0.78),
        (0.16, 0.545, 0.300, 0.135, 0.335, 0.178, 0.74),
        (0.26, 0.560, 0.330, 0.200, 0.335, 0.195, 0.74),
    ]
)


def _trunk(p: np.ndarray) -> np.ndarray:
    """Trunk and legs: shorter, lower, slimmer; the hind feet come forward under the body."""
    station = PchipInterpolator(_TRUNK[:, 0], _TRUNK[:, 1:], extrapolate=True)(np.clip(p[:, 2], -0.6, 0.28))
    top_dog, bottom_dog, _, top, bottom, narrow = station.T
    y = np.minimum(p[:, 1], 0.62)
    height = np.where(
        y > bottom_dog,
        bottom + (y - bottom_dog) * (top - bottom) / (top_dog - bottom_dog),
        y * bottom / bottom_dog,
    )
    forward = smoothstep(-0.2, -0.42, p[:, 2]) * np.clip(1 - p[:, 1] / 0.42, 0, 1)
    z = (
        np.interp(p[:, 2], [-0.6, -0.45, *_TRUNK[1:, 0], 0.5], [-0.45, -0.342, *_TRUNK[1:, 3], 0.39])
        + 0.115 * forward
    )
    return np.column_stack([p[:, 0] * narrow, height, z])
