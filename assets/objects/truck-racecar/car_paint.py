"""The race car's coat: livery, number, sponsors, dark glass, carbon and slicks."""

from collections.abc import Callable

import numpy as np
from bodywork import CAR_AXLES, WHEEL_RADIUS
from brush import Colour, Texels, fill, outline, panel, put, write, write_on_sides
from lofts import Array
from materials import carbon, glass, lacquer, wheel_polar

BASE: Colour = (0.97, 0.75, 0.05)
WHITE: Colour = (0.95, 0.95, 0.94)
ACCENT: Colour = (0.80, 0.07, 0.06)
STRIPE: Colour = (0.07, 0.07, 0.08)
BLACK: Colour = (0.05, 0.05, 0.055)
DARK: Colour = (0.025, 0.025, 0.03)
GAP: Colour = (0.28, 0.20, 0.02)
NUMBER = "27"
SPONSORS = (  # word, z, y, height, colour
    (NUMBER, 0.3, 0.74, 0.28, DARK),
    ("VISION", -0.46, 0.8, 0.14, DARK),
    ("NEURON", -0.4, 0.62, 0.09, ACCENT),
    ("GRADIENT", -2.95, 0.86, 0.1, DARK),
)


def paint(name: str, t: Texels) -> Array:
    """The colours (h, w, 3) of one patch of the part or skin `name`."""
    for prefix, painter in PAINTERS.items():
        if name.startswith(prefix):
            return painter(t)
    raise KeyError(f"no paint for {name!r}")


def _coat(t: Texels) -> Array:
    """Base colour with two stripes over hood, roof and tail."""
    picture = fill(t, BASE)
    put(picture, (t.normal[..., 1] > 0.15) & (np.abs(np.abs(t.x) - 0.24) < 0.15), STRIPE)
    put(picture, (t.normal[..., 1] > 0.15) & (np.abs(np.abs(t.x) - 0.43) < 0.02), ACCENT)
    return picture


def _hull(t: Texels) -> Array:
    picture = _coat(t)
    side = np.abs(t.normal[..., 0]) > 0.5
    _flank(picture, t, side)
    _lamps(picture, t)
    _nose(picture, t)
    _tail(picture, t)
    lacquer(picture, t, 0.1, 1.4)
    ends = np.abs(t.normal[..., 2]) > 0.6
    under = (np.abs(t.x) < 1.25) & (t.normal[..., 1] < 0.35) & ~ends & (t.y < 1.06) & (np.abs(t.z) < 3.2)
    put(picture, under | (t.normal[..., 1] < -0.5), DARK)
    return picture


def _flank(picture: Array, t: Texels, side: Array) -> None:
    """Black below a rising line between the axles, door, ducts, number and sponsors."""
    sweep = 0.475 + 0.05 * t.z
    between = side & (np.abs(t.z - 0.06) < 1.3)
    put(picture, between & (t.y < sweep), STRIPE)
    put(picture, between & (np.abs(t.y - sweep) < 0.02), ACCENT)
    put(picture, side & (t.y < 0.29), BLACK)
    put(picture, side & outline(t.z, t.y, (-0.85, 0.95), (0.36, 1.3), 0.12, 0.02), GAP)
    put(picture, side & panel(t.z + 0.5 * (t.y - 0.7), t.y, (-1.26, -1.0), (0.52, 0.92), 0.06), DARK)
    put(picture, side & panel(t.z + 0.5 * (t.y - 0.6), t.y, (1.2, 1.32), (0.4, 0.86), 0.05), DARK)
    put(picture, side & (np.hypot(t.z - 0.3, t.y - 0.74) < 0.26), WHITE)
    for text, z, y, height, colour in SPONSORS:
        write_on_sides(picture, t, text, z, y, height, colour)
    for axle in CAR_AXLES:
        put(picture, side & (np.hypot(t.z - axle, t.y - WHEEL_RADIUS) < 0.595), BLACK)


def _lamps(picture: Array, t: Texels) -> None:
    """Headlights in the front wings: dark housings, two lamps each."""
    across, ahead = np.abs(t.x), t.z + 0.45 * (np.abs(t.x) - 0.95)
    upper = (t.normal[..., 1] > 0.05) & (t.z > 2.3)
    put(picture, upper & panel(across, ahead, (0.72, 1.22), (2.66, 3.1), 0.1), BLACK)
    put(picture, upper & panel(across, ahead, (0.76, 1.18), (2.70, 3.06), 0.08), (0.30, 0.34, 0.38))
    for x in (0.87, 1.07):
        spot = np.hypot(across - x, ahead - 2.9)
        put(picture, upper & (spot < 0.095), (0.80, 0.83, 0.86))
        put(picture, upper & (spot < 0.07), (1.0, 1.0, 0.95))


def _nose(picture: Array, t: Texels) -> None:
    front = (t.normal[..., 2] > 0.35) & (t.z > 3.0)
    put(picture, front & panel(np.abs(t.x), t.y, (-0.62, 0.62), (0.28, 0.47), 0.06), DARK)
    put(picture, front & panel(np.abs(t.x), t.y, (0.74, 1.04), (0.28, 0.44), 0.05), DARK)
    put(picture, front & (t.y < 0.27), BLACK)
    hood = (t.normal[..., 1] > 0.3) & (t.z > 1.3)
    put(picture, hood & (np.hypot(t.x, t.z - 2.5) < 0.36), WHITE)
    write(picture, hood, t.x, -t.z, NUMBER, (0, -2.5), 0.4, DARK)
    put(picture, hood & panel(np.abs(t.x), t.z + 0.3 * np.abs(t.x), (0.5, 0.82), (1.85, 2.1), 0.05), DARK)


def _tail(picture: Array, t: Texels) -> None:
    rear = t.normal[..., 2] < -0.5
    put(picture, rear & panel(t.x, t.y, (-1.24, 1.24), (0.93, 1.15), 0.05), BLACK)
    put(picture, rear & (t.y < 0.6), BLACK)
    mesh = 0.04 + 0.05 * (np.sin(t.x * 120) * np.sin(t.y * 120) > 0)
    outlet = panel(np.abs(t.x), t.y, (0.62, 1.12), (0.66, 0.88), 0.05)
    put(picture, rear & outlet, mesh[..., None] * np.ones(3))
    write(picture, rear, -t.x, t.y, "PERTURBER", (0, 0.83), 0.085, DARK)
    deck = (t.normal[..., 1] > 0.5) & (t.z < -2.6)
    louvre = (t.z / 0.09) % 1 < 0.45
    put(picture, deck & louvre & panel(np.abs(t.x), t.z, (0.5, 1.0), (-3.25, -2.75), 0.04), DARK)


def _cab(t: Texels) -> Array:
    picture = _coat(t)
    bearing = np.degrees(np.abs(np.arctan2(t.normal[..., 0], t.normal[..., 2])))
    upright = t.normal[..., 1] < 0.93
    front, rear = upright & (bearing < 50) & (t.z > 0), upright & (bearing > 150) & (t.z < -0.8)
    side = (bearing > 60) & (bearing < 130) & (t.normal[..., 1] < 0.8)
    pane = glass(t, 1.0, 2.0)
    put(picture, front & (t.y < 1.665), BLACK)
    put(picture, front & (t.y < 1.645), pane)
    put(picture, front & (t.y > 1.53) & (t.y < 1.665), ACCENT)
    write(picture, front, t.x, t.y, "PERTURBER", (0, 1.595), 0.085, WHITE)
    glazed = panel(t.z - 0.9 * (1.3 - t.y) * (t.z > 0), t.y, (-1.35, 0.95), (1.1, 1.62), 0.1)
    put(picture, side & glazed, BLACK)
    inner = panel(t.z - 0.9 * (1.3 - t.y) * (t.z > 0), t.y, (-1.3, 0.9), (1.13, 1.59), 0.08)
    put(picture, side & inner & (np.abs(t.z + 0.55) > 0.04), pane)
    put(picture, rear & (np.abs(t.x) < 0.74) & (t.y > 1.28) & (t.y < 1.64), BLACK)
    put(picture, rear & (np.abs(t.x) < 0.70) & (t.y > 1.31) & (t.y < 1.61), pane)
    lacquer(picture, t, 0.1, 1.9)
    return picture


def _wing(t: Texels) -> Array:
    picture = carbon(t)
    rear = t.normal[..., 2] < -0.5
    write(picture, t.normal[..., 1] > 0.3, -t.x, t.z, "PERTURBER", (0, -3.24), 0.24, BASE)
    put(picture, rear, ACCENT)
    return picture


def _flap(t: Texels) -> Array:
    picture = fill(t, ACCENT)
    lacquer(picture, t, 1.8, 2.2)
    return picture


def _endplate(t: Texels) -> Array:
    picture = fill(t, BASE)
    put(picture, t.y < 1.62 + 0.12 * (t.z + 3.7), STRIPE)
    write_on_sides(picture, t, NUMBER, -3.28, 1.86, 0.22, DARK)
    put(picture, ~t.on_side, ACCENT)
    return picture


def _wheel(t: Texels) -> Array:
    radius, angle = wheel_polar(t, WHEEL_RADIUS)
    picture = fill(t, (0.075, 0.075, 0.08))
    band = (radius > 0.405) & (radius < 0.445)
    put(picture, band & (np.abs(np.sin(angle)) < 0.5) & (np.sin(angle * 36) > -0.2), (0.95, 0.80, 0.10))
    put(picture, radius < 0.378, (0.70, 0.71, 0.73))
    dish = radius < 0.345
    put(picture, dish, (0.07, 0.07, 0.075))
    caliper = (radius > 0.17) & (radius < 0.29) & (np.abs(angle - 0.4) < 0.5)
    put(picture, dish & caliper, (0.80, 0.08, 0.05))
    spoke = np.abs(np.sin(4 * angle)) * radius < 0.34 * (0.11 + 0.35 * radius)
    put(picture, dish & spoke, (0.74, 0.75, 0.77))
    put(picture, radius < 0.11, (0.60, 0.61, 0.63))
    put(picture, radius < 0.05, ACCENT)
    return picture if t.kind != "low" else fill(t, DARK)


def _splitter(t: Texels) -> Array:
    picture = carbon(t)
    put(picture, t.normal[..., 2] > 0.5, ACCENT)
    return picture


def _taillight(t: Texels) -> Array:
    picture = fill(t, (0.80, 0.03, 0.03))
    core = (t.normal[..., 2] < -0.5) & panel(np.abs(t.x), t.y, (0.6, 1.15), (1.015, 1.065), 0.02)
    put(picture, core, (1.0, 0.30, 0.22))
    return picture


def _exhaust(t: Texels) -> Array:
    picture = fill(t, BLACK)
    pipe = np.hypot(np.abs(t.x) - 0.16, t.y - 0.66)
    rear = t.normal[..., 2] < -0.5
    put(picture, rear & (pipe < 0.085), (0.7, 0.7, 0.72))
    put(picture, rear & (pipe < 0.065), DARK)
    return picture


def _scoop(t: Texels) -> Array:
    picture = fill(t, STRIPE)
    put(picture, np.abs(t.x) < 0.09, BASE)
    lacquer(picture, t, 0.1, 1.9)
    put(picture, (t.normal[..., 2] > 0.6) & panel(t.x, t.y, (-0.17, 0.17), (1.75, 1.84), 0.03), DARK)
    return picture


def _mirror(t: Texels) -> Array:
    picture = fill(t, ACCENT)
    put(picture, t.normal[..., 2] < -0.6, (0.6, 0.68, 0.74))
    return picture


def _diffuser(t: Texels) -> Array:
    picture = fill(t, BLACK)
    put(picture, (t.normal[..., 2] < -0.5) & (np.abs((t.x / 0.22) % 1 - 0.5) > 0.42), (0.22, 0.22, 0.23))
    return picture


PAINTERS: dict[str, Callable[[Texels], Array]] = {
    "hull": _hull,
    "cab": _cab,
    "tank": _wing,
    "wheel": _wheel,
    "bumper": _splitter,
    "step": _diffuser,
    "chest": _exhaust,
    "headlight": carbon,
    "taillight": _taillight,
    "light bar": _scoop,
    "rail": _endplate,
    "handrail": carbon,
    "ladder": _flap,
    "rung": carbon,
    "reel": carbon,
    "mirror": _mirror,
    "arm": carbon,
    "pump": carbon,
}
