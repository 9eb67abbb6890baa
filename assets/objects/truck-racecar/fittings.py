"""The small parts: wheels, bumpers, lights, mirrors, ladder, reels and their successors on the car."""

import numpy as np
from bodywork import CAR_AXLES, TRUCK_AXLES, WHEEL_RADIUS
from lofts import Array, Part, box, lathe, mirrored, prism, rectangle, rounded_quad, upright

FINE = 4  # segments of a rounded edge where it is seen from near


def parts() -> list[Part]:
    """Everything that is bolted to the bodywork."""
    return [*_wheels(), *_front_and_rear(), *_roof(), *_ladder(), *_sides()]


def _wheels() -> list[Part]:
    found = []
    for axle, (truck_z, car_z) in enumerate(zip(TRUCK_AXLES, CAR_AXLES, strict=True)):
        truck = _wheel(outer=1.2, width=(0.36, 0.6)[axle], rim=0.29, dish=(0.04, 0.13)[axle], z=truck_z)
        car = _wheel(outer=(1.41, 1.44)[axle], width=(0.46, 0.52)[axle], rim=0.37, dish=0.07, z=car_z)
        car = _spokes(car, car_z)
        end = ("front", "rear")[axle]
        shared = {"density": 1.4, "cap_density": (0.2, 1.0), "skin": f"wheel {end}"}
        found += _pair(f"wheel {end}", truck, car, (8, 8), **shared)
    return found


def _wheel(outer: float, width: float, rim: float, dish: float, z: float) -> Array:
    radius = WHEEL_RADIUS
    profile = [
        (outer - width, rim),
        (outer - width, 0.92 * radius),
        (outer - 0.9 * width, 0.99 * radius),
        (outer - 0.72 * width, radius),
        (outer - 0.28 * width, radius),
        (outer - 0.04, 0.985 * radius),
        (outer - 0.01, 0.94 * radius),
        (outer, 0.8 * radius),
        (outer - 0.01, rim + 0.02),
        (outer - 0.005, rim),
        (outer - 0.03, rim - 0.025),
        (outer - dish, 0.8 * rim),
        (outer - dish, 0.36 * rim),
        (outer - dish + 0.02, 0.33 * rim),
        (outer - 0.02, 0.29 * rim),
        (outer - 0.01, 0.2 * rim),
    ]
    return lathe(np.array(profile), 32, (radius, z))


def _spokes(wheel: Array, z: float) -> Array:
    """Eight spokes: the dish between them lies deeper."""
    sunk = wheel.copy()
    angle = np.arctan2(wheel[11, :, 1] - WHEEL_RADIUS, wheel[11, :, 2] - z)
    sunk[11:13, :, 0] -= 0.05 * (0.5 - 0.5 * np.cos(8 * angle)) - 0.035
    return sunk


def _pair(name: str, truck: Array, car: Array, sides: tuple[int, int], **more: object) -> list[Part]:
    """A part on the vehicle's left (+x) and its mirror image."""
    left = Part(f"{name} left", truck, car, sides, **more)  # type: ignore[arg-type]
    return [left, Part(f"{name} right", mirrored(truck), mirrored(car), sides, **more)]  # type: ignore[arg-type]


def _front_and_rear() -> list[Part]:
    sides = (1 + FINE, 1 + FINE)
    bumper = _swept(box((-1.26, 1.26), (0.48, 0.98), (3.3, 3.86), 0.07, FINE), 0.1)
    splitter = _swept(box((-1.3, 1.3), (0.17, 0.235), (2.6, 3.66), 0.02, FINE), 0.42)
    step = box((-1.2, 1.2), (0.5, 0.66), (-3.92, -3.5), 0.04, FINE)
    diffuser = box((-1.05, 1.05), (0.26, 0.5), (-3.58, -2.9), 0.05, FINE)
    chest = box((-1.0, -0.1), (3.12, 3.42), (-2.6, 0.1), 0.04, FINE)
    exhaust = box((-0.34, 0.34), (0.56, 0.76), (-3.56, -3.2), 0.05, FINE)
    headlight = box((0.66, 1.08), (1.02, 1.24), (3.4, 3.6), 0.05)
    dive_plane = box((1.2, 1.42), (0.5, 0.54), (2.75, 3.2), 0.01)
    taillight = box((0.9, 1.14), (0.74, 1.16), (-3.64, -3.5), 0.03)
    tail_bar = box((0.55, 1.2), (0.98, 1.1), (-3.53, -3.3), 0.03)
    return [
        Part("bumper", bumper, splitter, sides, density=1.0, cap_density=(0.6, 0.6)),
        Part("step", step, diffuser, sides, density=0.35),
        Part("chest", chest, exhaust, sides, density=0.35),
        *_pair("headlight", headlight, dive_plane, (3, 3), density=1.8, cap_density=(0.3, 0.3)),
        *_pair("taillight", taillight, tail_bar, (3, 3)),
    ]


def _swept(rings: Array, sweep: float) -> Array:
    """A bar whose front edge runs back by `sweep` metres towards its ends."""
    x, _, z = np.moveaxis(rings, -1, 0)
    moved = rings.copy()
    moved[..., 2] -= np.where(z > (z.min() + z.max()) / 2, sweep * (x / x.max()) ** 4, 0)
    return moved


def _roof() -> list[Part]:
    light_bar = box((-0.98, 0.98), (3.04, 3.24), (2.5, 2.86), 0.06, FINE)
    scoop = box((-0.21, 0.21), (1.66, 1.87), (-1.25, -0.1), 0.05, FINE)
    scoop[..., 1] -= np.clip((-0.3 - scoop[..., 2]) / 0.95, 0, 1) ** 1.5 * 0.2
    rail = box((1.1, 1.16), (3.12, 3.3), (-3.5, 0.42), 0.02)
    corners = np.array([[-3.78, 1.5], [-2.82, 1.56], [-2.78, 1.9], [-3.74, 2.12]])
    endplate = prism(lambda _: rounded_quad(corners, 0.03, (1, 1), 2), (1.35, 1.39), 0.015, 2, 1)
    handrail = box((0.98, 1.02), (1.4, 3.0), (-3.7, -3.6), 0.015)
    strut = box((0.6, 0.64), (1.16, 1.84), (-3.34, -3.1), 0.012)
    return [
        Part("light bar", light_bar, scoop, (1 + FINE, 1 + FINE), density=0.8),
        *_pair("rail", rail, endplate, (3, 3), density=0.3, cap_density=(3.0, 3.0)),
        *_pair("handrail", handrail, strut, (3, 3), density=0.4),
    ]


def _ladder() -> list[Part]:
    """Two rails and twelve rungs on the roof; the upper flap of the wing, the rungs inside its main plane."""
    found = []
    for name, x, span in (("right", 0.2, (-1.36, 0.0)), ("left", 0.72, (0.0, 1.36))):
        rail = box((x, x + 0.07), (3.34, 3.48), (-3.98, 1.0), 0.02)
        flap = box(span, (2.0, 2.04), (-3.78, -3.5), 0.012)
        flap[..., 1] += (-3.5 - flap[..., 2]) * 0.35
        found.append(Part(f"ladder {name}", rail, flap, (3, 3), density=0.3, skin="ladder"))
    for i in range(14):
        z = -3.8 + 4.6 * i / 13
        rung = box((0.24, 0.74), (3.39, 3.44), (z, z + 0.05), arc=0)
        bar = box((-1.2 + 0.17 * i, -1.1 + 0.17 * i), (1.80, 1.82), (-3.2, -3.15), arc=0)
        found.append(Part(f"rung {i}", rung, bar, (1, 1), density=0.2, skin="rung"))
    return found


def _sides() -> list[Part]:
    reel = [(0.9, 0.28), (0.93, 0.29), (0.95, 0.2), (1.17, 0.2), (1.19, 0.29), (1.22, 0.28)]
    skirt_x = (1.28, 1.30, 1.34, 1.40, 1.43, 1.44)
    skirt_inset = (0.03, 0.01, 0.0, 0.0, 0.01, 0.03)
    skirt = [
        upright(rounded_quad(rectangle((-1.32, 1.38), (0.2, 0.36), d), 0.03, (2, 2), 4), x)
        for x, d in zip(skirt_x, skirt_inset, strict=True)
    ]
    mirror = box((1.36, 1.5), (1.98, 2.66), (3.3, 3.42), 0.04)
    door_mirror = box((1.2, 1.5), (1.2, 1.36), (0.62, 0.82), 0.05)
    arm = box((1.1, 1.44), (2.6, 2.64), (3.34, 3.38), 0.01)
    door_arm = box((1.0, 1.3), (1.14, 1.2), (0.68, 0.76), 0.01)
    pump = box((-1.08, 1.08), (1.2, 2.92), (0.4, 1.25), 0.04)
    tunnel = box((-0.5, 0.5), (0.5, 0.8), (-0.8, 0.6), 0.04)
    drum = lathe(np.array(reel), 24, (1.86, 0.83))
    return [
        *_pair("reel", drum, np.stack(skirt), (6, 6), density=0.5, cap_density=(1.6, 1.6)),
        *_pair("mirror", mirror, door_mirror, (3, 3), density=0.8),
        *_pair("arm", arm, door_arm, (3, 3), density=0.3),
        Part("pump", pump, tunnel, (3, 3), density=0.15, cap_density=(5.0, 5.0)),
    ]
