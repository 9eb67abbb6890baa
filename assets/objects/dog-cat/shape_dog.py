"""From the lean Pharaoh hound to a German shepherd's build: fuller neck, chest and thighs, a bushy low tail."""

import numpy as np
from extract import Skin
from surface import bump, relax, smoothstep, vertex_normals
from tail import lay_tail

_TAIL = np.array([(-0.285, 0.512), (-0.335, 0.497), (-0.385, 0.45), (-0.425, 0.375), (-0.455, 0.285), (-0.49, 0.205), (-0.545, 0.165)])
_TAIL_GIRTH = np.array([1.05, 1.15, 1.5, 2.2, 2.7, 2.7, 2.2, 1.2])


def shape_dog(skin: Skin, closed: np.ndarray) -> np.ndarray:
    """The dog's positions (P,3) from the hound with its mouth closed."""
    faces = skin.weld[skin.faces]
    normals = relax(faces, vertex_normals(closed, faces), np.full(len(closed), 0.5), 20)
    body = closed + normals * _fur(skin, closed)[:, None]
    return lay_tail(skin, body, body, _TAIL, _TAIL_GIRTH)


def _fur(skin: Skin, p: np.ndarray) -> np.ndarray:
    """Depth of the coat in metres: the ruff, the chest, the breeches, a little everywhere but the head."""
    neck = skin.weight("C_7", "C_6", "C_5", "C_4", "C_3") + 0.6 * skin.weight("C_2") + 0.1 * skin.weight("C_1")
    torso = skin.weight("torso", "L_*", "pelvis", "scapula_*", "upper_arm_*")
    thigh = skin.weight("upper_leg_*") + 0.6 * skin.weight("lower_leg_*")
    shank = skin.weight("lower_arm_*", "hand_*", "foot_*") * smoothstep(0.02, 0.06, p[:, 1])
    cheeks = bump(p, (0.055, 0.65, 0.31), 0.035)
    return 0.013 * neck + 0.006 * torso + 0.008 * thigh + 0.003 * shank + 0.006 * cheeks
