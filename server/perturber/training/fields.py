"""Grey textures by formula: random fields over the unit square, with values in [0, 1]."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
"""(side, side), in [0, 1]."""
Maker = Callable[[np.random.Generator, int], Field]
"""Random numbers and a side, px, to a field."""


def noise(random: np.random.Generator, side: int) -> Field:
    """Clouds: noise whose amplitude falls with the frequency, from rough to smooth."""
    return _spectral(random, side, lambda frequency: frequency ** -random.uniform(0.8, 2.2))


def spots(random: np.random.Generator, side: int) -> Field:
    """Spots and labyrinths, as on animals' skin: noise of one scale, its edges sharpened."""
    centre, width = random.uniform(3, 11), random.uniform(0.5, 1.5)
    field = _spectral(random, side, lambda frequency: np.exp(-(((frequency - centre) / width) ** 2) / 2))
    return equalized(np.tanh(random.uniform(2, 12) * (field - random.uniform(0.3, 0.7))))


def stripes(random: np.random.Generator, side: int) -> Field:
    """Parallel bands, straight to meandering."""
    across, _ = _turned(random, side)
    bend = random.choice([0, 0.1, 0.4]) * _hills(random, side)
    return _wave(random, across + bend, random.uniform(3, 14))


def marble(random: np.random.Generator, side: int) -> Field:
    """Veins: a wave whose phase is turbulent."""
    across, _ = _turned(random, side)
    return np.abs(2 * _wave(random, across + random.uniform(0.3, 2) * _hills(random, side), 3) - 1)


def rings(random: np.random.Generator, side: int) -> Field:
    """Growth rings of wood around a point in or beside the picture."""
    across, down = _turned(random, side)
    radius = np.hypot(across - random.uniform(-1, 1), random.uniform(0.5, 1) * (down - random.uniform(-1, 1)))
    return _wave(random, radius + random.uniform(0, 0.15) * _hills(random, side), random.uniform(4, 14))


def checks(random: np.random.Generator, side: int) -> Field:
    """Tiles or weave: two crossing waves."""
    across, down = _turned(random, side)
    frequency = random.uniform(2, 8)
    one = np.sin(2 * np.pi * frequency * across)
    other = np.sin(2 * np.pi * frequency * random.uniform(0.4, 1) * down)
    field = one * other if random.random() < 0.5 else np.maximum(one, other)
    return equalized(np.tanh(random.uniform(1, 10) * field) + 0.1 * noise(random, side))


def cells(random: np.random.Generator, side: int) -> Field:
    """Pebbles, scales or mosaic: distances to scattered points, or which point is the nearest."""
    points = random.uniform(-0.7, 0.7, (int(random.integers(12, 90)), 2))
    across, down = _turned(random, side)
    distances = np.hypot(across[..., None] - points[:, 0], down[..., None] - points[:, 1])
    nearest, second = np.partition(distances, 1, axis=2)[..., :2].transpose(2, 0, 1)
    match random.integers(3):
        case 0:
            field = nearest
        case 1:
            field = second - nearest
        case _:
            field = random.random(len(points))[distances.argmin(2)]
    return equalized(field + 1e-3 * noise(random, side))


def facets(random: np.random.Generator, side: int) -> Field:
    """Planes broken along straight lines, as the cubists painted."""
    field = np.zeros((side, side))
    for _ in range(int(random.integers(6, 20))):
        across, down = _turned(random, side)
        beyond = across > random.uniform(-0.4, 0.4)
        field += np.where(beyond, random.normal() + random.normal() * down, 0)
    return equalized(field)


def swirls(random: np.random.Generator, side: int) -> Field:
    """Noise stirred by noise: fluid paint."""
    field = noise(random, side)
    reach = random.uniform(0.1, 0.5) * side
    moves = [reach * (noise(random, side) - 0.5) for _ in range(2)]
    rows, columns = np.indices((side, side))
    for _ in range(2):
        field = field[(rows + moves[0]).astype(int) % side, (columns + moves[1]).astype(int) % side]
    return field


def equalized(values: Field) -> Field:
    """Ranks of the values, from 0 to 1: every grey level is equally frequent."""
    ranks = np.empty(values.size)
    ranks[values.argsort(axis=None, kind="stable")] = np.linspace(0, 1, values.size)
    return ranks.reshape(values.shape)


def _hills(random: np.random.Generator, side: int) -> Field:
    return _spectral(random, side, lambda frequency: frequency ** -random.uniform(2, 3))


def _spectral(random: np.random.Generator, side: int, amplitude: Callable[[Field], Field]) -> Field:
    frequency = side * np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side))
    frequency[0, 0] = 1
    spectrum = np.fft.fft2(random.normal(size=(side, side))) * amplitude(frequency)
    return equalized(np.fft.ifft2(spectrum).real)


def _turned(random: np.random.Generator, side: int) -> tuple[Field, Field]:
    """Coordinates from -0.5 to 0.5, along axes of a random direction."""
    angle = random.uniform(0, 2 * np.pi)
    axis = np.linspace(-0.5, 0.5, side)
    down, across = np.meshgrid(axis, axis, indexing="ij")
    turned = np.cos(angle) * across + np.sin(angle) * down
    return turned, np.cos(angle) * down - np.sin(angle) * across


def _wave(random: np.random.Generator, phase: Field, frequency: float) -> Field:
    """From a sine to sharp bands of unequal width, or a saw tooth."""
    turns = frequency * phase + random.random()
    if random.random() < 0.3:
        return np.asarray(turns % 1)
    sine = np.sin(2 * np.pi * turns)
    return equalized(np.tanh(random.uniform(0.5, 8) * (sine - random.uniform(-0.6, 0.6))) + 1e-3 * sine)
