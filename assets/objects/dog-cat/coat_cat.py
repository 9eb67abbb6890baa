"""A brown mackerel tabby: stripes, the forehead's M, ringed legs and tail, pale muzzle, chest and belly."""

import numpy as np
from coat import INNER_EARS, NOSE, Surface, finish, fur, mix, nostrils, wander
from shape_cat import CAT_SCALE, EYE_CAT, HEAD_SCALE
from surface import bump, smoothstep

GROUND, WARM, STRIPE, PALE = (158, 138, 112), (170, 132, 92), (52, 42, 34), (226, 214, 194)
NOSE_LEATHER, RIM, SKIN = (158, 98, 88), (44, 34, 30), (190, 146, 132)


def paint_cat(s: Surface) -> np.ndarray:
    """sRGB colours (N,3)."""
    grain = fur(s, 0.0024, 0.0013, 71) * (1 - 0.2 * s.parts["head"])
    colour = np.tile(np.array(GROUND, float), (len(s.rest), 1))
    colour = mix(colour, WARM, 0.5 * smoothstep(-0.5, 0.7, wander(s, 0.09, 31)))
    stripes = np.maximum.reduce([_trunk(s), _legs(s), _tail(s), _head(s)])
    colour = mix(colour, STRIPE, 0.88 * stripes * (1 - 0.12 * grain))
    colour = _pale(s, colour)
    colour = _details(s, colour)
    return finish(s, colour, grain, 0.29)


def _band(phase: np.ndarray, share: float) -> np.ndarray:
    """Soft stripes (N,): 1 in the middle of a band that takes `share` of each unit of `phase`."""
    off = np.abs(phase - np.round(phase))
    return smoothstep(share / 2 + 0.11, share / 2 - 0.09, off)


def _trunk(s: Surface) -> np.ndarray:
    x, y, z = np.abs(s.shape[:, 0]) / CAT_SCALE, s.shape[:, 1] / CAT_SCALE, s.shape[:, 2] / CAT_SCALE
    bend = 0.35 * (0.30 - y)
    phase = (z + bend) * 27 + 0.55 * wander(s, 0.07, 41)
    broken = smoothstep(-0.75, -0.1, wander(s, 0.045, 47))
    body = np.clip(s.parts["torso"] + s.parts["thigh"] + s.parts["upper_arm"] + 0.9 * s.parts["neck"], 0, 1)
    flank = _band(phase, 0.36) * broken * smoothstep(0.175, 0.215, y) * body
    spine = (
        smoothstep(0.016, 0.007, x + 0.003 * wander(s, 0.03, 43))
        * smoothstep(0.3, 0.7, s.normal[:, 1])
        * body
    )
    return np.maximum(flank, 0.9 * spine * smoothstep(0.2, 0.14, z))


def _legs(s: Surface) -> np.ndarray:
    legs = np.clip(
        s.parts["fore_leg"] + s.parts["shank"] + s.parts["hind_foot"] + 0.7 * s.parts["thigh"], 0, 1
    ) * (1 - 0.8 * s.parts["toes"])
    phase = s.shape[:, 1] / CAT_SCALE * 34 + 0.4 * wander(s, 0.05, 51)
    return (
        0.85
        * _band(phase, 0.36)
        * legs
        * smoothstep(-0.6, 0.2, s.normal[:, 0] * np.sign(s.shape[:, 0]) + 0.3)
    )


def _tail(s: Surface) -> np.ndarray:
    rings = _band(s.tail * 11 + 0.12 * wander(s, 0.03, 53), 0.45)
    return np.clip(s.parts["tail"], 0, 1) * np.maximum(
        rings * smoothstep(0.05, 0.15, s.tail), smoothstep(0.9, 0.94, s.tail)
    )


def _head(s: Surface) -> np.ndarray:
    local = (s.shape / CAT_SCALE - EYE_CAT) / HEAD_SCALE
    x, y, z = np.abs(local[:, 0]), local[:, 1], local[:, 2]
    head = np.clip(s.parts["head"], 0, 1) * (1 - s.parts["ear"])
    x = x + 0.0012 * wander(s, 0.012, 61)
    fore = smoothstep(0.012, 0.020, y) * smoothstep(0.022, 0.012, z)
    lines = [
        smoothstep(0.0030, 0.0014, np.abs(x - at - 0.10 * (y - 0.02))) for at in (0.0045, 0.0145, 0.0245)
    ]
    m = fore * np.maximum.reduce(lines)
    cheek = np.maximum(
        smoothstep(0.0038, 0.0012, np.abs(y + 0.004 + 0.42 * (x - 0.038))) * smoothstep(0.033, 0.041, x),
        smoothstep(0.0038, 0.0012, np.abs(y + 0.022 + 0.30 * (x - 0.038))) * smoothstep(0.031, 0.040, x),
    ) * smoothstep(0.014, 0.004, z)
    liner = (
        0.9
        * smoothstep(0.0032, 0.0012, np.abs(y - 0.10 * (x - 0.03)))
        * smoothstep(0.036, 0.039, x)
        * (x < 0.05)
    )
    return head * np.maximum.reduce([m, 0.85 * cheek, 0.7 * liner])


def _pale(s: Surface, colour: np.ndarray) -> np.ndarray:
    local = (s.shape / CAT_SCALE - EYE_CAT) / HEAD_SCALE
    y, z = local[:, 1], local[:, 2]
    head = np.clip(s.parts["head"], 0, 1)
    soft = 0.003 * wander(s, 0.015, 65)
    muzzle = head * smoothstep(0.012, 0.024, z + soft) * smoothstep(-0.013, -0.021, y + soft)
    chin = head * smoothstep(-0.031, -0.043, y + soft) * smoothstep(-0.045, 0.005, z + 2 * soft)
    spectacles = head * np.maximum(
        bump(local, (0.024, 0.013, 0.008), 0.007), 0.8 * bump(local, (0.028, -0.015, 0.004), 0.007)
    )
    throat = s.parts["neck"] * smoothstep(0.1, 0.7, s.normal[:, 2] - 0.4 * s.normal[:, 1]) * 0.7
    belly = s.parts["torso"] * smoothstep(
        0.195, 0.172, s.shape[:, 1] / CAT_SCALE + 0.006 * wander(s, 0.05, 67)
    )
    toes = 0.55 * s.parts["toes"]
    return mix(colour, PALE, 0.9 * np.maximum.reduce([muzzle, chin, spectacles, throat, belly, toes]))


def _details(s: Surface, colour: np.ndarray) -> np.ndarray:
    inner = np.isin(s.chart, INNER_EARS)
    colour = mix(colour, SKIN, 0.45 * inner)
    colour = mix(colour, PALE, 0.6 * inner * smoothstep(-0.1, 0.6, wander(s, 0.02, 83)))
    colour = mix(colour, (92, 64, 56), 0.8 * inner * smoothstep(0.75, 0.3, s.openness))
    colour = mix(colour, STRIPE, 0.45 * s.parts["ear"] * ~inner)
    colour = mix(colour, RIM, 0.95 * s.parts["lid"])
    colour = mix(colour, (70, 50, 44), 0.85 * smoothstep(0.0028, 0.0008, s.lip))
    nose = (s.chart == NOSE) * 1.0
    colour = mix(colour, NOSE_LEATHER, nose)
    spots = np.sin(s.rest[:, 2] * 800) * np.sin((s.rest[:, 1] + 0.3 * s.rest[:, 2]) * 800)
    pad = bump((s.shape / CAT_SCALE - EYE_CAT) / HEAD_SCALE, (0.015, -0.024, 0.034), 0.011)
    colour = mix(colour, STRIPE, 0.4 * smoothstep(0.7, 0.95, spots) * smoothstep(0.3, 0.6, pad) * (1 - nose))
    edge = nose * smoothstep(0.010, 0.016, np.abs(s.rest[:, 0]))
    colour = mix(colour, (88, 52, 48), 0.7 * edge)
    colour = mix(colour, (46, 26, 26), nostrils(s))
    gaps = s.parts["toes"] * smoothstep(0.55, 0.25, s.openness)
    sole = s.parts["toes"] * smoothstep(-0.6, -0.85, s.normal[:, 1])
    colour = mix(colour, (84, 66, 54), 0.6 * gaps)
    return mix(colour, (96, 70, 64), 0.8 * sole)
