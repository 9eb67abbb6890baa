"""Ambient occlusion, painted into the coats: what other parts hide from sky and ground is darker.

The texels of all parts are the occluders themselves: for each of many directions they are binned into a
depth map seen from there, and a texel has light from there where nothing lies before it (after Zhukov et al.
1998).
"""

import numpy as np
from lofts import Array

DIRECTIONS = 72
CELL = 0.045  # metres; wider than the distance between texels, or light would leak
BIAS = 0.09  # metres behind its cell's foremost texel that still count as seen
GROUND_LIGHT = 0.35  # of the sky's


def openness(places: Array, normals: Array) -> Array:
    """Share in [0, 1] of the light that reaches each of N texels, against a body that stood alone."""
    received, possible = np.zeros(len(places)), np.full(len(places), 1e-9)
    for direction in _sphere(DIRECTIONS):
        light = np.maximum(normals @ direction, 0) * (1.0 if direction[1] > 0 else GROUND_LIGHT)
        received += light * _seen_from(places, direction)
        possible += light
    return received / possible


def _sphere(count: int) -> Array:
    """Evenly spread directions (the Fibonacci lattice)."""
    index = np.arange(count) + 0.5
    height = 1 - 2 * index / count
    turn = np.pi * (1 + 5**0.5) * index
    around = np.sqrt(1 - height**2)
    return np.stack([around * np.cos(turn), height, around * np.sin(turn)], axis=1)


def _seen_from(places: Array, direction: Array) -> Array:
    across = np.cross(direction, [0.0, 0.0, 1.0] if abs(direction[2]) < 0.9 else [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    flat = places @ np.stack([across, np.cross(direction, across)], axis=1)
    column, row = ((flat - flat.min(0)) / CELL).astype(int).T
    cell = row * (column.max() + 1) + column
    depth = places @ direction
    foremost = np.full(cell.max() + 1, -np.inf)
    np.maximum.at(foremost, cell, depth)
    return depth >= foremost[cell] - BIAS
