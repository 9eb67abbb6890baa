"""A German shepherd: tan, black saddle, black mask, pale chest and legs. Measures on the hound, in metres."""

import numpy as np
from coat import INNER_EARS, NOSE, Surface, finish, fur, mix, nostrils, wander
from surface import bump, smoothstep

TAN, CREAM, RUST = (188, 132, 80), (216, 184, 142), (158, 98, 54)
BLACK, MASK, LEATHER, SKIN = (36, 31, 30), (40, 34, 32), (26, 23, 24), (164, 122, 108)


def paint_dog(s: Surface) -> np.ndarray:
    """sRGB colours (N,3)."""
    grain = fur(s, 0.0022, 0.0012, 11)
    ragged = 0.014 * wander(s, 0.06, 3) + 0.009 * grain
    colour = np.tile(np.array(TAN, float), (len(s.rest), 1))
    colour = mix(colour, RUST, 0.5 * smoothstep(-0.4, 0.8, wander(s, 0.12, 5)))
    colour = _pale(s, colour, ragged)
    colour = _saddle(s, colour, ragged)
    colour = _face(s, colour, 0.5 * ragged)
    colour = _ears(s, colour)
    colour = _paws(s, colour)
    return finish(s, colour, grain, 0.21)


def _pale(s: Surface, colour: np.ndarray, ragged: np.ndarray) -> np.ndarray:
    y = s.rest[:, 1] + ragged
    belly = smoothstep(0.36, 0.31, y) * s.parts["torso"]
    inside = (s.parts["thigh"] + s.parts["shank"] + s.parts["fore_leg"]) * smoothstep(
        0.1, -0.5, s.normal[:, 0] * np.sign(s.rest[:, 0])
    )
    chest = bump(s.rest, (0.0, 0.44, 0.26), 0.09)
    throat = smoothstep(-0.2, -0.7, s.normal[:, 1]) * s.parts["neck"]
    breeches = smoothstep(-0.3, -0.8, s.normal[:, 2]) * s.parts["thigh"]
    return mix(colour, CREAM, 0.75 * np.maximum.reduce([belly, inside, chest, 0.6 * throat, 0.7 * breeches]))


def _saddle(s: Surface, colour: np.ndarray, ragged: np.ndarray) -> np.ndarray:
    y, z = s.rest[:, 1] + ragged, s.rest[:, 2]
    edge = np.interp(
        z, [-0.40, -0.33, -0.22, -0.05, 0.08, 0.16, 0.21], [0.53, 0.475, 0.425, 0.395, 0.41, 0.46, 0.53]
    )
    trunk = smoothstep(edge - 0.02, edge + 0.022, y) * np.clip(
        s.parts["torso"] + s.parts["neck"] + s.parts["thigh"] + s.parts["tail"], 0, 1
    )
    trunk *= smoothstep(0.27, 0.2, z) * (1 - s.parts["head"])
    nape = s.parts["neck"] * smoothstep(-0.05, 0.35, -s.normal[:, 2] + 0.3 * s.normal[:, 1] + 4 * ragged)
    tail = s.parts["tail"] * np.maximum(
        smoothstep(-0.2, 0.4, s.normal[:, 1] - s.normal[:, 2] * 0.6), smoothstep(0.7, 0.9, s.tail)
    )
    return mix(colour, BLACK, np.maximum.reduce([trunk, 0.75 * nape, 0.85 * tail]))


def _face(s: Surface, colour: np.ndarray, ragged: np.ndarray) -> np.ndarray:
    x, y, z = np.abs(s.rest[:, 0]), s.rest[:, 1], s.rest[:, 2]
    head = np.clip(s.parts["head"], 0, 1)
    reach = z + 1.5 * ragged + 0.010 * wander(s, 0.022, 91) + 0.20 * np.clip(y - 0.66, -0.03, 0.03)
    muzzle = smoothstep(0.355, 0.418, reach) ** 1.2
    bridge = smoothstep(0.335, 0.39, z + ragged) * smoothstep(0.030, 0.010, x) * smoothstep(0.672, 0.69, y)
    around = bump(s.rest, (0.027, 0.702, 0.361), 0.017)
    brow = 0.75 * bump(s.rest, (0.022, 0.729, 0.352), 0.009)
    crown = 0.55 * smoothstep(0.034, 0.008, x + 0.6 * ragged) * smoothstep(0.70, 0.725, y)
    colour = mix(colour, MASK, head * np.maximum.reduce([0.93 * muzzle, 0.7 * bridge, 0.85 * around, crown]))
    colour = mix(colour, CREAM, head * np.maximum(brow, 0.5 * bump(s.rest, (0.055, 0.65, 0.335), 0.02)))
    colour = mix(colour, (18, 15, 15), smoothstep(0.0035, 0.0012, s.lip))
    spots = (
        (np.sin(s.rest[:, 2] * 900) * np.sin((y + 0.3 * z) * 900) > 0.75)
        & (z > 0.415)
        & (z < 0.45)
        & (y > 0.64)
        & (y < 0.668)
    )
    colour = mix(colour, (15, 13, 13), 0.5 * spots)
    nose = s.chart == NOSE
    colour = mix(colour, LEATHER, nose * 1.0)
    return mix(colour, (4, 3, 4), nostrils(s))


def _ears(s: Surface, colour: np.ndarray) -> np.ndarray:
    inner = np.isin(s.chart, INNER_EARS)
    back = s.parts["ear"] * ~inner
    colour = mix(colour, BLACK, 0.72 * back)
    colour = mix(colour, SKIN, 0.55 * inner)
    colour = mix(colour, CREAM, 0.5 * inner * smoothstep(-0.1, 0.6, wander(s, 0.02, 83)))
    return mix(colour, (58, 42, 38), inner * smoothstep(0.75, 0.35, s.openness))


def _paws(s: Surface, colour: np.ndarray) -> np.ndarray:
    toes = s.parts["toes"]
    gaps = toes * smoothstep(0.55, 0.25, s.openness)
    claw = toes * smoothstep(0.35, 0.75, s.normal[:, 2]) * smoothstep(0.014, 0.006, s.rest[:, 1])
    sole = toes * smoothstep(-0.6, -0.85, s.normal[:, 1])
    colour = mix(colour, (60, 44, 34), 0.6 * gaps)
    return mix(colour, (32, 28, 28), np.maximum(0.8 * claw, 0.9 * sole))
