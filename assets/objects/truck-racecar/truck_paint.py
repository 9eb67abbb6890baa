"""The fire engine's coat: red with a white stripe, glass, roller doors, lettering and chrome."""

from collections.abc import Callable

import numpy as np
from bodywork import TRUCK_AXLES, WHEEL_RADIUS
from brush import Colour, Span, Texels, fill, outline, panel, put, write, write_on_sides
from lofts import Array
from materials import glass, lacquer, metal, steel, wheel_polar

RED: Colour = (0.76, 0.05, 0.05)
WHITE: Colour = (0.93, 0.93, 0.91)
YELLOW: Colour = (0.96, 0.80, 0.08)
BLACK: Colour = (0.06, 0.06, 0.065)
DARK: Colour = (0.03, 0.03, 0.033)
GAP: Colour = (0.22, 0.02, 0.02)
CHROME: Colour = (0.78, 0.79, 0.81)
AMBER: Colour = (0.98, 0.56, 0.06)
STRIPE = (1.31, 1.57)
DOORS = ((1.24, 2.22), (2.28, 3.26))  # along z


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
    for us in ((-1.14, -0.34), (-0.28, 0.52)):
        put(picture, side & outline(t.z, t.y, us, (0.62, 1.22), 0.04, 0.02), GAP)
        put(picture, side & panel(t.z - sum(us) / 2, t.y, (-0.09, 0.09), (1.08, 1.13), 0.02), CHROME)
    for z in (-3.3, -0.7, 0.3, 1.2, 3.3):
        put(picture, side & panel(t.z - z, t.y, (-0.06, 0.06), (0.54, 0.6), 0.01), AMBER)
    _doors(picture, t, side)
    for axle in TRUCK_AXLES:
        put(picture, side & (np.hypot(t.z - axle, t.y - WHEEL_RADIUS) < 0.67), BLACK)
    put(picture, side & (t.y < 0.535), BLACK)
    end = (np.abs(t.normal[..., 2]) > 0.6) & (np.abs(t.z) > 3.3)
    put(picture, end & (t.z < 0), _chevrons(t))
    put(picture, end & (t.z < 0) & panel(t.x, t.y, (-0.28, 0.28), (0.78, 0.9), 0.02), WHITE)
    write(picture, end & (t.z < 0), -t.x, t.y, "PT 0112", (0, 0.84), 0.07, DARK)
    lacquer(picture, t, 0.4, 3.0)
    under = (np.abs(t.x) < 1.15) & (t.normal[..., 1] < 0.5) & ~end
    put(picture, under | (t.normal[..., 1] < -0.5), DARK)
    put(picture, (t.normal[..., 1] > 0.7) & (np.abs(t.x) < 1.15), (0.35, 0.36, 0.37))
    return picture


def _doors(picture: Array, t: Texels, side: Array) -> None:
    """The cab's doors reach over cab and hull; a step below each."""
    for us in DOORS:
        put(picture, side & outline(t.z, t.y, us, (0.66, 2.84), 0.1, 0.025), GAP)
        put(picture, side & panel(t.z, t.y, (us[0] + 0.1, us[1] - 0.1), (0.7, 0.82), 0.03), BLACK)
        put(picture, side & panel(t.z, t.y, (us[0] + 0.12, us[1] - 0.12), (0.72, 0.75), 0.01), CHROME)


def _chevrons(t: Texels) -> Array:
    phase = np.floor((t.y - np.abs(t.x)) / 0.24)
    return np.where((phase % 2 == 0)[..., None], np.array(RED), np.array(YELLOW))


def _cab(t: Texels) -> Array:
    picture = _coat(t)
    side, front = t.on_side, (t.normal[..., 2] > 0.55)
    _doors(picture, t, side)
    for us, window in zip(DOORS, ((1.34, 2.12), (2.38, 3.2)), strict=True):
        put(picture, side & panel(t.z, t.y, window, (1.92, 2.74), 0.09), BLACK)
        inner = (window[0] + 0.035, window[1] - 0.035)
        put(picture, side & panel(t.z, t.y, inner, (1.955, 2.705), 0.07), glass(t, 1.9, 2.75))
        put(picture, side & panel(t.z, t.y, (us[0] + 0.06, us[0] + 0.24), (1.7, 1.76), 0.02), CHROME)
    write_on_sides(picture, t, "ENGINE 4", 2.76, 1.44, 0.12, RED)
    write_on_sides(picture, t, "PERTURBER", 1.73, 1.44, 0.09, RED)
    put(picture, front & panel(t.x, t.y, (-1.13, 1.13), (1.88, 2.80), 0.14), BLACK)
    put(picture, front & panel(t.x, t.y, (-1.09, 1.09), (1.93, 2.76), 0.11), glass(t, 1.85, 2.8))
    for hinge in (-0.75, 0.15):
        blade = np.abs((t.y - 1.95) - 0.25 * (t.x - hinge)) < 0.012
        put(picture, front & blade & (t.x > hinge) & (t.x < hinge + 0.62), DARK)
    put(picture, front & panel(t.y, t.y, STRIPE, STRIPE) & (np.abs(t.x) < 0.98), RED)
    put(picture, front & panel(t.x, t.y, (-0.62, 0.62), (1.3, 1.56), 0.05), BLACK)
    slats = np.sin(t.y * 2 * np.pi / 0.065) > 0.1
    put(picture, front & slats & panel(t.x, t.y, (-0.58, 0.58), (1.33, 1.54), 0.03), (0.78, 0.79, 0.80))
    write(picture, front, t.x, t.y, "FIRE", (0, 1.72), 0.2, WHITE)
    write(picture, front, t.x, t.y, "FIRE & RESCUE", (0, 2.865), 0.075, WHITE)
    lacquer(picture, t, 0.4, 3.0)
    return picture


def _tank(t: Texels) -> Array:
    picture = _coat(t)
    side = t.on_side
    for us in ((-3.46, -2.56), (-2.44, -0.76), (-0.64, 0.38)):
        _roller_door(picture, t, side, t.z, us, (1.7, 2.72))
    write_on_sides(picture, t, "FIRE & RESCUE", -1.5, 2.93, 0.24, WHITE)
    rear = t.normal[..., 2] < -0.6
    put(picture, rear & (t.y < 2.76), _chevrons(t))
    _roller_door(picture, t, rear, t.x, (-0.66, 0.66), (1.36, 2.66))
    write(picture, rear, -t.x, t.y, "FIRE", (0, 2.92), 0.21, WHITE)
    lacquer(picture, t, 0.4, 3.0)
    top = t.normal[..., 1] > 0.7
    tread = 0.55 + 0.06 * np.sign(np.sin(t.x * 60) * np.sin(t.z * 60))
    put(picture, top & (np.abs(t.x) < 1.05), tread[..., None] * np.ones(3))
    return picture


def _roller_door(picture: Array, t: Texels, where: Array, u: Array, us: Span, vs: Span) -> None:
    frame = (us[0] - 0.04, us[1] + 0.04), (vs[0] - 0.04, vs[1] + 0.04)
    put(picture, where & panel(u, t.y, *frame, 0.04), (0.30, 0.31, 0.33))
    slat = (t.y / 0.075) % 1
    tone = 0.60 + 0.24 * np.sin(np.pi * slat) - 0.22 * (slat < 0.12)
    put(picture, where & panel(u, t.y, us, vs, 0.02), tone[..., None] * np.array([0.98, 1.0, 1.02]))
    bar = (us[0] + 0.1, us[1] - 0.1)
    put(picture, where & panel(u, t.y, bar, (vs[0] + 0.05, vs[0] + 0.11), 0.02), (0.28, 0.28, 0.3))


def _wheel(t: Texels) -> Array:
    radius, angle = wheel_polar(t, WHEEL_RADIUS)
    picture = fill(t, (0.085, 0.085, 0.09))
    put(picture, (radius > 0.47) & (np.sin(angle * 44 + np.abs(t.x) * 40) > 0.55), DARK)
    put(picture, (radius > 0.36) & (radius < 0.38), (0.14, 0.14, 0.145))
    disc = radius < 0.302
    put(picture, disc, (0.80, 0.80, 0.79))
    put(picture, (radius > 0.262) & (radius < 0.275), (0.45, 0.45, 0.45))
    put(picture, _dots(radius, angle, 8, 0.195, 0.036), DARK)
    put(picture, _dots(radius, angle, 10, 0.125, 0.014), (0.42, 0.42, 0.44))
    put(picture, radius < 0.092, RED)
    put(picture, radius < 0.05, (0.75, 0.75, 0.76))
    return picture if t.kind != "low" else fill(t, DARK)


def _dots(radius: Array, angle: Array, count: int, distance: float, size: float) -> Array:
    """Inside one of `count` discs of radius `size` around the hub."""
    sector = 2 * np.pi / count
    within = (angle + sector / 2) % sector - sector / 2
    return np.hypot(radius * np.cos(within) - distance, radius * np.sin(within)) < size


def _bumper(t: Texels) -> Array:
    picture = fill(t, WHITE)
    put(picture, (t.y < 0.6) | (np.abs(t.y - 0.92) < 0.022), (0.18, 0.18, 0.19))
    front = t.normal[..., 2] > 0.5
    for side in (-1, 1):
        lamp = np.hypot(t.x - side * 0.92, t.y - 0.76)
        put(picture, front & (lamp < 0.1), BLACK)
        put(picture, front & (lamp < 0.08), (0.97, 0.97, 0.88))
    put(picture, front & panel(t.x, t.y, (-0.3, 0.3), (0.7, 0.84), 0.02), BLACK)
    write(picture, front, t.x, t.y, "PT 0112", (0, 0.77), 0.075, WHITE)
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
    put(picture, t.y > 1.02, AMBER)
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


PAINTERS: dict[str, Callable[[Texels], Array]] = {
    "hull": _hull,
    "cab": _cab,
    "tank": _tank,
    "wheel": _wheel,
    "bumper": _bumper,
    "step": steel(0.5),
    "chest": _chest,
    "headlight": _headlight,
    "taillight": _taillight,
    "light bar": _light_bar,
    "rail": steel(0.8),
    "handrail": steel(0.85),
    "ladder": steel(0.85),
    "rung": steel(0.85),
    "reel": _reel,
    "mirror": _mirror,
    "arm": steel(0.3),
    "pump": _pump,
}
