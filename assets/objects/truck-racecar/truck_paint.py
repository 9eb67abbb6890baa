"""The fire engine's coat: red with a white stripe, glass, roller doors, lettering and chrome."""

from collections.abc import Callable

import numpy as np
from bodywork import TRUCK_AXLES, WHEEL_RADIUS
from brush import Colour, Texels, fill, glass, lacquer, metal, outline, panel, put, word
from lofts import Array

RED: Colour = (0.76, 0.05, 0.05)
WHITE: Colour = (0.93, 0.93, 0.91)
YELLOW: Colour = (0.96, 0.80, 0.08)
BLACK: Colour = (0.06, 0.06, 0.065)
DARK: Colour = (0.03, 0.03, 0.033)
GAP: Colour = (0.22, 0.02, 0.02)
STRIPE = (1.31, 1.57)


def paint(name: str, t: Texels) -> Array:
    """The colours (h, w, 3) of one patch of the part or skin `name`."""
    for prefix, painter in PAINTERS.items():
        if name.startswith(prefix):
            return painter(t)
    raise KeyError(f"no paint for {name!r}")


def _coat(t: Texels) -> Array:
    picture = fill(t, RED)
    upright = np.abs(t.normal[..., 1]) < 0.5
    put(picture, upright & panel(t.y, t.y, STRIPE, STRIPE), WHITE)
    for edge in STRIPE:
        put(picture, upright & (np.abs(t.y - edge) < 0.018), YELLOW)
    return picture


def _hull(t: Texels) -> Array:
    picture = _coat(t)
    side = t.on_side & (np.abs(t.x) > 1.0)
    for us in ((-1.14, -0.24), (-0.18, 0.72), (0.78, 1.68)):
        put(picture, side & outline(t.z, t.y, us, (0.62, 1.22), 0.04, 0.02), GAP)
        handle = sum(us) / 2
        put(picture, side & panel(t.z, t.y, (handle - 0.09, handle + 0.09), (1.08, 1.13), 0.02), (0.75, 0.76, 0.78))
    for z in (-3.3, -0.7, 0.3, 1.2, 3.3):
        put(picture, side & panel(t.z, t.y, (z - 0.06, z + 0.06), (0.54, 0.6), 0.01), (0.98, 0.55, 0.05))
    for axle in TRUCK_AXLES:
        put(picture, side & (np.hypot(t.z - axle, t.y - WHEEL_RADIUS) < 0.67), BLACK)
    put(picture, side & (t.y < 0.535), BLACK)
    end = np.abs(t.normal[..., 2]) > 0.6
    put(picture, end & (t.z < 0), _chevrons(t))
    put(picture, end & (t.z < 0) & panel(t.x, t.y, (-0.28, 0.28), (0.78, 0.9), 0.02), WHITE)
    put(picture, end & (t.z < 0) & (word(-t.x, t.y, "PT 0112", (0, 0.84), 0.07) > 0.5), DARK)
    lacquer(picture, t, 0.4, 3.0)
    under = (np.abs(t.x) < 1.15) & (t.normal[..., 1] < 0.5) & ~end
    put(picture, under | (t.normal[..., 1] < -0.5), DARK)
    put(picture, (t.normal[..., 1] > 0.7) & (np.abs(t.x) < 1.15), (0.35, 0.36, 0.37))
    return picture


def _chevrons(t: Texels) -> Array:
    phase = np.floor((t.y - np.abs(t.x)) / 0.24)
    return np.where((phase % 2 == 0)[..., None], np.array(RED), np.array(YELLOW))


def _cab(t: Texels) -> Array:
    picture = _coat(t)
    side, front = t.on_side, (t.normal[..., 2] > 0.55)
    for us, window in (((1.24, 2.22), (1.34, 2.12)), ((2.28, 3.26), (2.38, 3.2))):
        put(picture, side & outline(t.z, t.y, us, (1.2, 2.84), 0.1, 0.025), GAP)
        put(picture, side & panel(t.z, t.y, window, (1.92, 2.74), 0.09), BLACK)
        inner = (window[0] + 0.035, window[1] - 0.035)
        put(picture, side & panel(t.z, t.y, inner, (1.955, 2.705), 0.07), glass(t, 1.9, 2.75))
        put(picture, side & panel(t.z, t.y, (us[0] + 0.06, us[0] + 0.24), (1.7, 1.76), 0.02), (0.8, 0.81, 0.83))
    put(picture, side & (word(t.along, t.y, "ENGINE 4", (np.where(t.x > 0, -2.76, 2.76), 1.44), 0.13) > 0.5), RED)
    put(picture, side & (word(t.along, t.y, "PERTURBER", (np.where(t.x > 0, -1.73, 1.73), 1.44), 0.10) > 0.5), RED)
    put(picture, front & panel(t.x, t.y, (-1.13, 1.13), (1.88, 2.80), 0.14), BLACK)
    put(picture, front & panel(t.x, t.y, (-1.09, 1.09), (1.93, 2.76), 0.11), glass(t, 1.85, 2.8))
    for hinge in (-0.75, 0.15):
        blade = np.abs((t.y - 1.95) - 0.25 * (t.x - hinge)) < 0.012
        put(picture, front & blade & (t.x > hinge) & (t.x < hinge + 0.62), DARK)
    put(picture, front & panel(t.y, t.y, STRIPE, STRIPE) & (np.abs(t.x) < 0.98), RED)
    put(picture, front & panel(t.x, t.y, (-0.62, 0.62), (1.3, 1.56), 0.05), BLACK)
    slats = np.sin(t.y * 2 * np.pi / 0.065) > 0.1
    put(picture, front & slats & panel(t.x, t.y, (-0.58, 0.58), (1.33, 1.54), 0.03), (0.78, 0.79, 0.80))
    put(picture, front & (word(t.x, t.y, "FIRE", (0, 1.72), 0.19, 1.5) > 0.5), WHITE)
    put(picture, front & (word(t.x, t.y, "FIRE & RESCUE", (0, 2.865), 0.075) > 0.5), WHITE)
    lacquer(picture, t, 0.4, 3.0)
    return picture


def _tank(t: Texels) -> Array:
    picture = _coat(t)
    side = t.on_side
    for us in ((-3.46, -2.56), (-2.44, -0.76), (-0.64, 0.38)):
        _roller_door(picture, t, side, t.z, us, (1.36, 2.72))
    put(picture, side & (word(t.along, t.y, "FIRE & RESCUE", (np.where(t.x > 0, 1.5, -1.5), 2.93), 0.24, 1.25) > 0.5), WHITE)
    rear = t.normal[..., 2] < -0.6
    put(picture, rear & (t.y < 2.76), _chevrons(t))
    _roller_door(picture, t, rear, t.x, (-0.66, 0.66), (1.36, 2.66))
    put(picture, rear & (word(-t.x, t.y, "FIRE", (0, 2.92), 0.2, 1.4) > 0.5), WHITE)
    lacquer(picture, t, 0.4, 3.0)
    top = t.normal[..., 1] > 0.7
    tread = 0.55 + 0.06 * np.sign(np.sin(t.x * 60) * np.sin(t.z * 60))
    put(picture, top & (np.abs(t.x) < 1.05), tread[..., None] * np.ones(3))
    return picture


def _roller_door(
    picture: Array, t: Texels, where: Array, u: Array, us: tuple[float, float], vs: tuple[float, float]
) -> None:
    put(picture, where & panel(u, t.y, (us[0] - 0.04, us[1] + 0.04), (vs[0] - 0.04, vs[1] + 0.04), 0.04), (0.30, 0.31, 0.33))
    slat = (t.y / 0.075) % 1
    tone = 0.60 + 0.24 * np.sin(np.pi * slat) - 0.22 * (slat < 0.12)
    put(picture, where & panel(u, t.y, us, vs, 0.02), tone[..., None] * np.array([0.98, 1.0, 1.02]))
    bar = (us[0] + 0.1, us[1] - 0.1)
    put(picture, where & panel(u, t.y, bar, (vs[0] + 0.05, vs[0] + 0.11), 0.02), (0.28, 0.28, 0.3))


def _wheel(t: Texels) -> Array:
    centre = (t.z.min() + t.z.max()) / 2
    height, ahead = t.y - WHEEL_RADIUS, t.z - centre
    radius, angle = np.hypot(height, ahead), np.arctan2(height, ahead)
    picture = fill(t, (0.085, 0.085, 0.09))
    put(picture, (radius > 0.47) & (np.sin(angle * 44 + np.abs(t.x) * 40) > 0.55), DARK)
    put(picture, (radius > 0.36) & (radius < 0.38), (0.14, 0.14, 0.145))
    disc = radius < 0.302
    put(picture, disc, (0.80, 0.80, 0.79))
    put(picture, (radius > 0.262) & (radius < 0.275), (0.45, 0.45, 0.45))
    hole = np.hypot(radius * np.cos(_folded(angle, 8)) - 0.195, radius * np.sin(_folded(angle, 8))) < 0.036
    put(picture, hole, DARK)
    nut = np.hypot(radius * np.cos(_folded(angle, 10)) - 0.125, radius * np.sin(_folded(angle, 10))) < 0.014
    put(picture, nut, (0.42, 0.42, 0.44))
    put(picture, radius < 0.092, RED)
    put(picture, radius < 0.05, (0.75, 0.75, 0.76))
    return picture if t.kind != "low" else fill(t, DARK)


def _folded(angle: Array, count: int) -> Array:
    """The angle within its sector, of `count` around the circle."""
    sector = 2 * np.pi / count
    return (angle + sector / 2) % sector - sector / 2


def _bumper(t: Texels) -> Array:
    picture = fill(t, WHITE)
    put(picture, t.y < 0.6, (0.18, 0.18, 0.19))
    front = t.normal[..., 2] > 0.5
    for side in (-1, 1):
        lamp = np.hypot(t.x - side * 0.92, t.y - 0.76)
        put(picture, front & (lamp < 0.1), BLACK)
        put(picture, front & (lamp < 0.08), (0.97, 0.97, 0.88))
    put(picture, front & panel(t.x, t.y, (-0.3, 0.3), (0.7, 0.84), 0.02), BLACK)
    put(picture, front & (word(t.x, t.y, "PT 0112", (0, 0.77), 0.08) > 0.5), WHITE)
    lacquer(picture, t, 0.3, 1.4)
    return picture


def _headlight(t: Texels) -> Array:
    picture = fill(t, (0.16, 0.16, 0.17))
    face = t.normal[..., 2] > 0.5
    for u, colour in ((0.77, (1.0, 0.99, 0.92)), (0.91, (0.98, 0.98, 0.95)), (1.03, (0.99, 0.62, 0.10))):
        spot = np.hypot(np.abs(t.x) - u, t.y - 1.13)
        put(picture, face & (spot < 0.066), (0.6, 0.6, 0.6))
        put(picture, face & (spot < 0.054), colour)
    return picture


def _light_bar(t: Texels) -> Array:
    picture = fill(t, (0.05, 0.16, 0.80))
    cell = (np.abs(t.x) / 0.11) % 1
    put(picture, cell < 0.5, (0.20, 0.42, 1.0))
    put(picture, np.abs(t.x) < 0.26, (0.90, 0.90, 0.88))
    put(picture, t.y < 3.075, (0.16, 0.16, 0.17))
    put(picture, t.normal[..., 1] > 0.8, (0.30, 0.48, 0.95))
    return picture


def _taillight(t: Texels) -> Array:
    picture = fill(t, (0.72, 0.03, 0.03))
    put(picture, t.y > 1.02, (0.98, 0.52, 0.05))
    put(picture, t.y < 0.87, (0.92, 0.92, 0.90))
    return picture


def _pump(t: Texels) -> Array:
    picture = metal(t, 0.62)
    side = t.on_side
    for z, y in ((0.68, 1.42), (0.98, 1.42), (0.68, 2.38), (0.98, 2.38), (0.83, 2.62)):
        dial = np.hypot(t.z - z, t.y - y)
        put(picture, side & (dial < 0.11), (0.18, 0.18, 0.19))
        put(picture, side & (dial < 0.085), WHITE if y > 2 else (0.76, 0.62, 0.2))
    put(picture, side & panel(t.z, t.y, (0.5, 1.18), (1.58, 2.2), 0.03), DARK)
    return picture


def _reel(t: Texels) -> Array:
    picture = fill(t, (0.72, 0.10, 0.07))
    radius = np.hypot(t.y - 1.86, t.z - 0.83)
    put(picture, np.sin(radius * 130) > 0.3, (0.42, 0.05, 0.04))
    put(picture, radius > 0.255, (0.80, 0.80, 0.82))
    put(picture, radius < 0.07, (0.80, 0.80, 0.82))
    return picture


def _mirror(t: Texels) -> Array:
    picture = fill(t, BLACK)
    put(picture, (t.normal[..., 2] < -0.5) & (np.abs(t.y - 2.32) < 0.29), (0.62, 0.70, 0.76))
    return picture


def _chest(t: Texels) -> Array:
    picture = metal(t, 0.66)
    put(picture, np.abs((t.z + 1.25) / 0.9 % 1 - 0.5) < 0.01, DARK)
    return picture


def _steel(shade: float) -> Callable[[Texels], Array]:
    return lambda t: metal(t, shade)


PAINTERS: dict[str, Callable[[Texels], Array]] = {
    "hull": _hull,
    "cab": _cab,
    "tank": _tank,
    "wheel": _wheel,
    "bumper": _bumper,
    "step": _steel(0.5),
    "chest": _chest,
    "headlight": _headlight,
    "taillight": _taillight,
    "light bar": _light_bar,
    "rail": _steel(0.8),
    "handrail": _steel(0.85),
    "ladder": _steel(0.85),
    "rung": _steel(0.85),
    "reel": _reel,
    "mirror": _mirror,
    "arm": _steel(0.3),
    "pump": _pump,
}
