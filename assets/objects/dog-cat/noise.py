"""Seamless noise: evaluated at 3D positions, so that it knows nothing of charts."""

import numpy as np

_TAPS = 12


def value_noise(points: np.ndarray, cell: float | np.ndarray, seed: int) -> np.ndarray:
    """Trilinear value noise (N,) in [-1, 1] at `points` (N,3) on a lattice of `cell` metres."""
    scaled = points / (cell[:, None] if isinstance(cell, np.ndarray) else cell)
    base = np.floor(scaled).astype(np.int64)
    t = (scaled - base).astype(np.float32)
    t = t * t * (3 - 2 * t)
    total = np.zeros(len(points), np.float32)
    for corner in range(8):
        offset = np.array([corner & 1, corner >> 1 & 1, corner >> 2 & 1])
        weight = np.where(offset, t, 1 - t).prod(axis=1)
        total += weight * _hash(base + offset, seed)
    return total


def fractal(points: np.ndarray, cell: float, seed: int, octaves: int = 4) -> np.ndarray:
    """Sum of octaves of value noise (N,), about [-1, 1]."""
    total = np.zeros(len(points), np.float32)
    for octave in range(octaves):
        total += value_noise(points, cell / 2**octave, seed + octave) / 2 ** (octave + 1)
    return total * 1.6


def strands(points: np.ndarray, flow: np.ndarray, width: float, length: float, seed: int) -> np.ndarray:
    """Noise (N,), mean 0 and deviation 1, smeared along `flow` (N,3): hairs `width` by `length` metres."""
    return _along(points, flow, width, np.ones(_TAPS), length, seed)


def tufts(points: np.ndarray, flow: np.ndarray, width: float, length: float, seed: int) -> np.ndarray:
    """As `strands`, for locks that begin dark in their neighbours' shade and end in a light tip."""
    return _along(points, flow, width, np.linspace(1.0, -1.0, _TAPS), length, seed)


def _along(
    points: np.ndarray, flow: np.ndarray, width: float, kernel: np.ndarray, length: float, seed: int
) -> np.ndarray:
    total = np.zeros(len(points), np.float32)
    for place, weight in zip(np.linspace(-0.5, 0.5, _TAPS), kernel, strict=True):
        total += weight * value_noise(points + flow * (place * length), width, seed)
    return (total - total.mean()) / total.std()


def _hash(cell: np.ndarray, seed: int) -> np.ndarray:
    key = (cell[:, 0] * 73856093) ^ (cell[:, 1] * 19349663) ^ (cell[:, 2] * 83492791) ^ (seed * 2654435761)
    key = key.astype(np.uint64)
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xFF51AFD7ED558CCD)
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xC4CEB9FE1A85EC53)
    key ^= key >> np.uint64(33)
    return (key >> np.uint64(40)).astype(np.float32) / np.float32(2**23) - np.float32(1)
