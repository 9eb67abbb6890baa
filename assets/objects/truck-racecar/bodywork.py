"""The large parts: chassis to hull, cab to cockpit, water tank to rear wing."""

import numpy as np
from lofts import Array, Part, prism, rectangle, rounded_quad
from scipy.interpolate import CubicSpline, PchipInterpolator

HULL_SIDES = (16, 10)
FLOOR_WEIGHT = 0.2  # of the texture; nobody looks at the floor

# The race car is drawn at one and a half times its size, as a toy box would: it then fills the picture as the
# truck does, and its wheels are as large as the truck's.
TRUCK_AXLES = (2.4, -1.9)
CAR_AXLES = (2.08, -2.0)
WHEEL_RADIUS = 0.5
TRUCK_FRONT, TRUCK_REAR = 3.6, -3.6
TRUCK_HALF_WIDTH = 1.22


def parts() -> list[Part]:
    """Hull, cab and tank."""
    return [_hull(), _cab(), _tank()]


def _hull() -> Part:
    """The truck's lower body with its wheel arches; the whole lower body of the car."""
    truck = _stations(TRUCK_FRONT - 0.06, TRUCK_REAR + 0.05, TRUCK_AXLES, arch=0.6, sill=0.5)
    car = _stations(3.44, -3.42, CAR_AXLES, arch=0.57, sill=0.24)
    floor_half = np.full(HULL_SIDES[0], FLOOR_WEIGHT)
    columns = np.concatenate([floor_half, np.ones(2 * HULL_SIDES[1] + HULL_SIDES[0])])
    start = np.stack([_truck_section(z, arch) for z, arch in truck])
    end = np.stack([_car_section(z, arch) for z, arch in car])
    return Part("hull", start, end, HULL_SIDES, columns=columns, crown=(0.0, 0.05))


def _stations(
    front: float, rear: float, axles: tuple[float, float], arch: float, sill: float
) -> list[tuple[float, float]]:
    """(z, height of the lower edge) from the tail to the nose, over both wheel arches."""
    angles = np.linspace(np.pi, 0, 12)
    over = [(arch * np.cos(angle), WHEEL_RADIUS + arch * np.sin(angle)) for angle in angles]
    over = [(-arch - 0.03, sill), *over, (arch + 0.03, sill)]
    reach = arch + 0.03
    stations = [(z, sill) for z in _spread(rear, axles[1] - reach, 6)]
    stations += [(axles[1] + z, y) for z, y in over]
    stations += [(z, sill) for z in np.linspace(axles[1] + reach, axles[0] - reach, 9)[1:-1]]
    stations += [(axles[0] + z, y) for z, y in over]
    return stations + [(z, sill) for z in _spread(front, axles[0] + reach, 8)[::-1]]


def _spread(end: float, inner: float, count: int) -> Array:
    """From `end` to just before `inner`, denser near the end, where the body is rounded."""
    return end + (inner - end) * (np.arange(count) / count) ** 1.6


def _floor(half: float, inner: float, arch: float, floor: float) -> Array:
    """The underside of a section, from left to right: wheel wells outside, the floor between them."""
    well = [half, half - 0.04, (half + inner) / 2, inner]
    xs = np.array([*well, *np.linspace(inner - 0.06, 0, 5)])
    ys = np.where(np.arange(9) < 4, arch, floor)
    left = np.stack([-xs, ys], axis=1)
    return np.concatenate([left, left[-2::-1] * [-1, 1]])


def _truck_section(z: float, arch: float) -> Array:
    half, top = TRUCK_HALF_WIDTH, 1.28
    rounding = np.clip((abs(z) - 3.42) / 0.13, 0, 1)
    half -= 0.06 * rounding**2
    floor = _floor(half, 0.66, arch, 0.5)
    corner = np.linspace(0, np.pi / 2, 4)
    climb = np.stack([np.full(7, half), np.linspace(arch, top - 0.04, 8)[1:]], axis=1)
    bend = np.stack([half - 0.04 + 0.04 * np.cos(corner), top - 0.04 + 0.04 * np.sin(corner)], axis=1)[1:]
    side = np.concatenate([climb, bend])
    across = np.linspace(side[-1, 0], -side[-1, 0], HULL_SIDES[0] + 1)
    deck = np.stack([across, np.full(len(across), top)], axis=1)
    return _at(np.concatenate([floor, side, deck[1:], (side * [-1, 1])[-2::-1]]), z)


CAR_TABLE = np.array(
    # z, half width, height of the waist, of the shoulder, of the crest, of the valley, of the middle
    [
        [-3.42, 1.28, 0.72, 1.02, 1.20, 1.21, 1.23],
        [-3.0, 1.42, 0.74, 1.06, 1.25, 1.24, 1.26],
        [-2.0, 1.48, 0.74, 1.10, 1.26, 1.20, 1.20],
        [-1.0, 1.43, 0.66, 0.98, 1.12, 1.13, 1.14],
        [0.0, 1.37, 0.62, 0.90, 1.05, 1.10, 1.12],
        [1.0, 1.38, 0.64, 0.94, 1.07, 1.09, 1.11],
        [2.08, 1.45, 0.72, 1.02, 1.18, 1.02, 1.03],
        [2.7, 1.40, 0.62, 0.90, 1.05, 0.90, 0.93],
        [3.2, 1.25, 0.48, 0.70, 0.80, 0.76, 0.79],
        [3.38, 1.12, 0.44, 0.60, 0.68, 0.67, 0.69],
        [3.44, 1.02, 0.42, 0.54, 0.61, 0.62, 0.63],
    ]
)
CAR_PROFILE = PchipInterpolator(CAR_TABLE[:, 0], CAR_TABLE[:, 1:])


def _car_section(z: float, arch: float) -> Array:
    half, waist, shoulder, crest, valley, middle = CAR_PROFILE(z)
    waist = max(waist, arch + 0.2 * (crest - arch))
    shoulder = max(shoulder, arch + 0.6 * (crest - arch))
    flank = [(half - 0.03, arch), (half, waist), (0.985 * half, shoulder), (0.84 * half, crest)]
    right = np.array([*flank, (0.55 * half, valley), (0.0, middle)])
    outline = np.concatenate([right, right[-2::-1] * [-1, 1]])
    length = np.insert(np.cumsum(np.linalg.norm(np.diff(outline, axis=0), axis=1) ** 0.5), 0, 0)
    curve = CubicSpline(length, outline)
    up = curve(np.linspace(length[0], length[3], HULL_SIDES[1] + 1))[1:]
    over = curve(np.linspace(length[3], length[-4], HULL_SIDES[0] + 1))[1:]
    down = curve(np.linspace(length[-4], length[-1], HULL_SIDES[1] + 1))[1:-1]
    return _at(np.concatenate([_floor(half - 0.03, 0.78, arch, 0.24), up, over, down]), z)


def _at(points: Array, z: float) -> Array:
    return np.column_stack([points, np.full(len(points), z)])


CAB_EDGES, CAB_ARC = (6, 6), 4


def _cab() -> Part:
    """The truck's crew cab; the car's cockpit with windscreen, side windows, roof and rear window."""
    truck = [_truck_cab_ring(inset, y) for _, inset, y in _cab_levels(1.25, 3.02, 0.14)]
    car = [_car_cab_ring(t, inset, y) for t, inset, y in _cab_levels(0.92, 1.74, 0.12)]
    sides = (CAB_EDGES[0] + CAB_ARC, CAB_EDGES[1] + CAB_ARC)
    crown = (0.03, 0.05)
    return Part("cab", np.stack(truck), np.stack(car), sides, cap_density=(0.1, 0.8), crown=crown)


def _cab_levels(base: float, top: float, rounding: float) -> list[tuple[float, float, float]]:
    """(share of the height, inset, y): straight walls, then the rounding to the roof."""
    walls = [(t, 0.0, base + t * (top - rounding - base)) for t in np.linspace(0, 1, 13)]
    angles = np.linspace(0, np.pi / 2, 6)[1:]
    return walls + [(1.0, rounding * (1 - np.cos(a)), top - rounding * (1 - np.sin(a))) for a in angles]


def _truck_cab_ring(inset: float, y: float) -> Array:
    rake = 0.24 * max(0.0, (y - 1.85) / 1.15) ** 1.1
    half = TRUCK_HALF_WIDTH - 0.05 * max(0.0, (y - 1.85) / 1.15) - inset
    front, rear = TRUCK_FRONT - rake - inset, 1.15 + inset
    corners = np.array([[-half, rear], [half, rear], [half, front], [-half, front]])
    ring = rounded_quad(corners, np.array([0.07, 0.07, 0.3, 0.3]), CAB_EDGES, CAB_ARC)
    bow = 0.07 * np.clip((ring[:, 1] - 2.6) / 0.8, 0, 1) * (1 - (ring[:, 0] / half) ** 2)
    return np.stack([ring[:, 0], np.full(len(ring), y), ring[:, 1] + bow], axis=1)


def _car_cab_ring(t: float, inset: float, y: float) -> Array:
    front = 1.62 - 1.02 * t**1.15 - 1.9 * inset
    rear = -2.75 + 1.15 * t**1.5 + 2.6 * inset
    half = 1.17 - 0.27 * t**1.3 - 1.1 * inset
    tail = half * (0.80 - 0.06 * t)
    corners = np.array([[-tail, rear], [tail, rear], [half, front], [-half, front]])
    ring = rounded_quad(corners, np.array([0.35, 0.35, 0.62, 0.62]), CAB_EDGES, CAB_ARC)
    along = (ring[:, 1] - rear) / (front - rear)
    belly = 0.06 * np.sin(np.pi * np.clip(along, 0, 1)) * np.clip(np.abs(ring[:, 0]) / half, 0, 1)
    bow = 0.14 * np.clip((along - 0.6) / 0.4, 0, 1) * (1 - (ring[:, 0] / half) ** 2)
    x = ring[:, 0] * (1 + belly)
    return np.stack([x, np.full(len(ring), y), ring[:, 1] + bow], axis=1)


TANK_EDGES, TANK_ARC = (10, 6), 4


def _tank() -> Part:
    """The truck's body with the water tank and its lockers; the main plane of the car's rear wing."""

    def lockers(inset: float) -> Array:
        return rounded_quad(rectangle((TRUCK_REAR, 0.5), (1.25, 3.16), inset), 0.07, TANK_EDGES, TANK_ARC)

    def plane(inset: float) -> Array:
        corners = np.array([[-3.62, 1.865], [-2.86, 1.76], [-2.86, 1.85], [-3.62, 1.91]])
        centre = corners.mean(0)
        ring = rounded_quad(corners, np.array([0.018, 0.042, 0.042, 0.018]), TANK_EDGES, TANK_ARC)
        along = (ring[:, 0] + 3.62) / 0.76
        ring[:, 1] -= 0.05 * 4 * along * (1 - along)
        return centre + (ring - centre) * (1 - inset / 0.76 * 1.5)

    start = prism(lockers, (-TRUCK_HALF_WIDTH - 0.02, TRUCK_HALF_WIDTH + 0.02), 0.06, 3, 6)
    end = prism(plane, (-1.36, 1.36), 0.02, 3, 6)
    sides = (TANK_EDGES[0] + TANK_ARC, TANK_EDGES[1] + TANK_ARC)
    return Part("tank", start, end, sides, density=0.5, cap_density=(2.0, 2.0))
