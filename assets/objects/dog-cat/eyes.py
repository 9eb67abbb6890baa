"""Eyeballs: two caps per animal behind the lids, on the same topology for both shapes."""

from dataclasses import dataclass

import numpy as np
from extract import Skin
from surface import relax, smoothstep

SOCKETS = {"left": 50, "right": 46}  # charts of the hollow sockets, which the eyeballs replace
RINGS, SEGMENTS = 10, 28
CAP_DEGREES = 88.0
IRIS_DEGREES = {"dog": 40.0, "cat": 50.0}


@dataclass(frozen=True)
class Eye:
    """A ball: `centre` (3,) and `radius` in metres, `gaze` (3,) the unit direction that it looks."""

    centre: np.ndarray
    radius: float
    gaze: np.ndarray


def lid_rims(skin: Skin) -> dict[str, np.ndarray]:
    """Positions' indices on the edge of each eyelid, by side."""
    charts_of = [set() for _ in range(len(skin.positions))]
    for vertex, place in enumerate(skin.weld):
        charts_of[place].add(int(skin.chart[vertex]))
    return {
        side: np.array(
            [place for place, charts in enumerate(charts_of) if chart in charts and len(charts) > 1]
        )
        for side, chart in SOCKETS.items()
    }


def fit_eyes(
    positions: np.ndarray, rims: dict[str, np.ndarray], size: float, outward: float
) -> dict[str, Eye]:
    """Balls that fill the lids' openings: radius `size` times the opening's, gaze `outward` by degrees."""
    eyes = {}
    for side, rim in rims.items():
        points = positions[rim]
        middle = (points.max(axis=0) + points.min(axis=0)) / 2
        _, _, axes = np.linalg.svd(points - points.mean(axis=0))
        normal = axes[2] * np.sign(axes[2][2])
        opening = np.linalg.norm(points - middle, axis=1).max()
        radius = size * opening
        sign = 1.0 if side == "left" else -1.0
        angle = np.radians(outward)
        gaze = np.array([sign * np.sin(angle), 0.0, np.cos(angle)])
        eyes[side] = Eye(middle - normal * radius * 0.93 * np.sqrt(max(1 - 1 / size**2, 0)), radius, gaze)
    return eyes


def seat(
    faces: np.ndarray, positions: np.ndarray, rims: dict[str, np.ndarray], eyes: dict[str, Eye]
) -> np.ndarray:
    """Positions with each lid's edge just inside its ball and the skin around it outside."""
    result = positions.copy()
    for side, eye in eyes.items():
        away = result - eye.centre
        distance = np.linalg.norm(away, axis=1)
        wanted = np.maximum(distance, eye.radius * 1.02)
        wanted = np.where(distance < eye.radius * 1.3, wanted, distance)
        wanted[rims[side]] = eye.radius * 0.975
        result = eye.centre + away * (wanted / np.maximum(distance, 1e-9))[:, None]
        around = np.where((distance < eye.radius * 1.5) & (distance > eye.radius * 0.6), 0.35, 0.0)
        around[rims[side]] = 0.0
        result = relax(faces, result, around, 10)
    return result


def cap(eye: Eye) -> tuple[np.ndarray, np.ndarray]:
    """Positions and unit normals (1 + RINGS * SEGMENTS, 3) of an eyeball's front, pole first."""
    side = np.cross([0.0, 1.0, 0.0], eye.gaze)
    side /= np.linalg.norm(side)
    up = np.cross(eye.gaze, side)
    polar, azimuth = _grid()
    direction = np.sin(polar)[:, None] * (np.cos(azimuth)[:, None] * side + np.sin(azimuth)[:, None] * up)
    direction = direction + np.cos(polar)[:, None] * eye.gaze
    return eye.centre + eye.radius * direction, direction


def cap_faces() -> np.ndarray:
    """Triangles (F,3) of a cap, counter-clockwise from outside."""
    around = np.arange(SEGMENTS)
    after = (around + 1) % SEGMENTS
    faces = [np.column_stack([np.zeros(SEGMENTS, int), 1 + around, 1 + after])]
    for ring in range(RINGS - 1):
        a, b = 1 + ring * SEGMENTS, 1 + (ring + 1) * SEGMENTS
        faces += [
            np.column_stack([a + around, b + around, b + after]),
            np.column_stack([a + around, b + after, a + after]),
        ]
    return np.concatenate(faces)


def cap_disc() -> np.ndarray:
    """The cap's places (N,2) in a texture disc of radius 1: azimuth around the pupil, radius by angle."""
    polar, azimuth = _grid()
    radius = polar / np.radians(CAP_DEGREES)
    return np.column_stack([radius * np.cos(azimuth), radius * np.sin(azimuth)])


def _grid() -> tuple[np.ndarray, np.ndarray]:
    rings = np.radians(CAP_DEGREES) * np.arange(1, RINGS + 1) / RINGS
    polar = np.concatenate([[0.0], np.repeat(rings, SEGMENTS)])
    azimuth = np.concatenate([[0.0], np.tile(2 * np.pi * np.arange(SEGMENTS) / SEGMENTS, RINGS)])
    return polar, azimuth


def paint_iris(kind: str, disc: np.ndarray) -> np.ndarray:
    """sRGB colours (N,3) of an eyeball at the places `disc` (N,2) of its texture disc."""
    x, y = disc.T
    angle, turn = np.hypot(x, y) * CAP_DEGREES, np.arctan2(y, x)
    iris = IRIS_DEGREES[kind]
    streak = np.sin(turn * 37 + 3 * np.sin(turn * 5)) * 0.5 + np.sin(turn * 61 + 2 * np.sin(turn * 11)) * 0.5
    if kind == "dog":
        inner, outer, white = (104, 60, 26), (46, 24, 12), (58, 44, 38)
        pupil = smoothstep(19.0, 15.0, angle)
    else:
        inner, outer, white = (196, 178, 84), (104, 124, 52), (52, 44, 34)
        slit = np.hypot(x * CAP_DEGREES / 12.0, y * CAP_DEGREES / 34.0)
        pupil = smoothstep(1.1, 0.92, slit)
    depth = np.clip(angle / iris, 0, 1)[:, None] ** 1.4
    colour = np.array(inner) * (1 - depth) + np.array(outer) * depth
    colour = colour * (1 + 0.16 * streak * np.clip(angle / iris, 0, 1))[:, None]
    limbus = (smoothstep(iris - 7, iris - 1, angle))[:, None]
    colour = colour * (1 - 0.8 * limbus)
    outside = smoothstep(iris - 1, iris + 3, angle)[:, None]
    colour = colour * (1 - outside) + np.array(white) * outside
    colour = colour * (1 - 0.97 * pupil[:, None])
    lid = 1 - 0.5 * smoothstep(0.15, 0.75, y)  # the upper lid's shadow
    colour = colour * lid[:, None]
    shine = smoothstep(0.125, 0.085, np.hypot(x + 0.16, y - 0.24)) + 0.35 * smoothstep(
        0.07, 0.04, np.hypot(x - 0.2, y + 0.24)
    )
    return colour + (250 - colour) * np.clip(shine, 0, 1)[:, None]
