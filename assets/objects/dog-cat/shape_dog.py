"""From the lean hound to a German shepherd's build: fuller neck, chest and thighs, a bushy low tail."""

import numpy as np
from extract import Skin
from shape_cat import ear_membership
from surface import bump, relax, smoothstep, vertex_normals
from tail import lay_tail

_TAIL = np.array(
    [
        (-0.285, 0.512),
        (-0.335, 0.498),
        (-0.39, 0.462),
        (-0.445, 0.412),
        (-0.505, 0.362),
        (-0.565, 0.328),
        (-0.625, 0.318),
    ]
)
_TAIL_GIRTH = np.array([1.05, 1.15, 1.5, 2.2, 2.7, 2.7, 2.2, 1.2])


def shape_dog(skin: Skin, closed: np.ndarray) -> np.ndarray:
    """The dog's positions (P,3) from the hound with its mouth closed."""
    faces = skin.weld[skin.faces]
    normals = relax(faces, vertex_normals(closed, faces), np.full(len(closed), 0.5), 20)
    body = closed + normals * _fur(skin, closed)[:, None]
    body = _head(skin, body)
    return lay_tail(skin, body, body, _TAIL, _TAIL_GIRTH)


def _head(skin: Skin, p: np.ndarray) -> np.ndarray:
    """Smaller, steeper ears, softer flews, narrower eyes."""
    ears = ear_membership(skin)[:, None]
    foot = np.array([0.058, 0.715, 0.302]) * np.column_stack([np.sign(p[:, 0]), np.ones((len(p), 2))])
    local = (p - foot) * [0.86, 0.88, 0.9]
    angle = np.radians(-9.0) * np.sign(p[:, 0])
    turned = np.column_stack(
        [
            local[:, 0] * np.cos(angle) + local[:, 1] * np.sin(angle),
            local[:, 1] * np.cos(angle) - local[:, 0] * np.sin(angle),
            local[:, 2],
        ]
    )
    p = p + ears * (foot + turned - p)
    for sign in (-1.0, 1.0):
        socket = np.array([sign * 0.0265, 0.7045, 0.366])
        near = np.exp(-(((p - socket) / 0.011) ** 2).sum(axis=1))[:, None]
        p = p + near * (p - socket) * [0.10, -0.28, 0.0]
    return p


def _fur(skin: Skin, p: np.ndarray) -> np.ndarray:
    """Depth of the coat in metres: the ruff, the chest, the breeches, a little everywhere but the head."""
    neck = (
        skin.weight("C_7", "C_6", "C_5", "C_4", "C_3") + 0.6 * skin.weight("C_2") + 0.1 * skin.weight("C_1")
    )
    torso = skin.weight("torso", "L_*", "pelvis", "scapula_*", "upper_arm_*")
    thigh = skin.weight("upper_leg_*") + 0.6 * skin.weight("lower_leg_*")
    shank = skin.weight("lower_arm_*", "hand_*", "foot_*") * smoothstep(0.02, 0.06, p[:, 1])
    cheeks = bump(p, (0.055, 0.65, 0.31), 0.035)
    chest = bump(p, (0.0, 0.40, 0.25), 0.10)
    ruff = smoothstep(0.50, 0.60, p[:, 1]) * neck
    return (
        0.012 * neck
        + 0.010 * ruff
        + 0.006 * torso
        + 0.010 * thigh
        + 0.004 * shank
        + 0.006 * cheeks
        + 0.012 * chest
    )
