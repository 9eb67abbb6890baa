"""Procedural fine structure for the ground of a panorama: what 512 columns of photograph cannot hold.

A panorama's lower half is a plane seen from one camera height above it. The details here live on that plane
and are projected, so that they shrink towards the horizon as the real ones do. Each function returns a field
(H, W) of zero local mean in about [-1, 1]; the photograph keeps its own colours and large shapes.
"""

import numpy as np
from PIL import Image, ImageDraw

SUPERSAMPLING = 3


def grain(width: int, height: int, frequencies: tuple[float, ...], seed: int) -> np.ndarray:
    """Noise on the ground plane: one octave for each frequency, in cells per camera height."""
    depression, azimuth = _ground_directions(width, height)
    radius = 1 / np.tan(depression)
    field = np.zeros_like(radius)
    footprint = np.pi / 2 / len(radius) / np.sin(depression) ** 2
    for octave, frequency in enumerate(frequencies):
        across, along = radius * np.sin(azimuth) * frequency, radius * np.cos(azimuth) * frequency
        field += _value_noise(across, along, seed + octave) / (1 + (footprint * frequency) ** 2)
    field /= np.sqrt(len(frequencies))
    return _below_horizon(_zero_mean(_box_down(field)), height)


def grass(width: int, height: int, seed: int, blades: int = 260_000) -> np.ndarray:
    """Blades of grass standing on the plane, painted from far to near, lighter at the tip."""
    random = np.random.default_rng(seed)
    radius = np.sort(np.exp(random.uniform(np.log(0.25), np.log(40), blades)))[::-1]
    azimuth = random.uniform(0, 2 * np.pi, blades)
    tall = random.uniform(0.03, 0.1, blades)
    scale = SUPERSAMPLING * width / (2 * np.pi)
    foot = np.arctan2(1, radius) * scale
    tip = np.arctan2(1 - tall, radius + random.normal(0, 0.03, blades)) * scale
    lean = random.normal(0, 0.03, blades) / radius * scale
    contrast = 1 / (1 + (radius / 12) ** 2)  # far blades melt into a carpet
    tone = random.normal(0, 28, blades)
    thickness = np.clip(0.012 / radius * scale, 1, 9).astype(int)
    dark, light = 128 + contrast * (tone - 24), 128 + contrast * (tone + 22)
    canvas = Image.new("L", (SUPERSAMPLING * width, SUPERSAMPLING * height // 2), 128)
    draw = ImageDraw.Draw(canvas)
    for x, low, high, bend, root, end, pen in zip(
        azimuth * scale, foot, tip, lean, dark.astype(int), light.astype(int), thickness, strict=True
    ):
        for left in (x, x - canvas.width, x + canvas.width):
            middle = (left + bend * 0.4, (low + high) / 2)
            draw.line([(left, low), middle], fill=int(root), width=int(pen))
            draw.line([middle, (left + bend, high)], fill=int(end), width=int(pen))
    field = np.asarray(canvas, np.float64) / 128 - 1
    return _below_horizon(_zero_mean(_box_down(field)), height)


def _ground_directions(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = SUPERSAMPLING * height // 2, SUPERSAMPLING * width
    depression = (np.arange(rows) + 0.5) / rows * np.pi / 2
    azimuth = (np.arange(columns) + 0.5) / columns * 2 * np.pi
    return np.meshgrid(depression, azimuth, indexing="ij")


def _value_noise(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    table = np.random.default_rng(seed).uniform(-1, 1, (256, 256))
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    s, t = x - column, y - row
    s, t = s * s * (3 - 2 * s), t * t * (3 - 2 * t)
    corner = [[table[(row + j) % 256, (column + i) % 256] for i in (0, 1)] for j in (0, 1)]
    upper = corner[0][0] * (1 - s) + corner[0][1] * s
    lower = corner[1][0] * (1 - s) + corner[1][1] * s
    return upper * (1 - t) + lower * t


def _box_down(field: np.ndarray) -> np.ndarray:
    rows, columns = (size // SUPERSAMPLING for size in field.shape)
    return field.reshape(rows, SUPERSAMPLING, columns, SUPERSAMPLING).mean((1, 3))


def _zero_mean(field: np.ndarray, radius: int = 12) -> np.ndarray:
    """The field without what a box of `radius` texels each way would keep; columns wrap around."""
    framed = np.pad(np.pad(field, ((radius, radius), (0, 0)), "reflect"), ((0, 0), (radius, radius)), "wrap")
    window = 2 * radius + 1
    for axis in (0, 1):
        total = np.insert(np.cumsum(framed, axis), 0, 0, axis)
        upper, lower = np.split(total, [window], axis)[1], np.split(total, [-window], axis)[0]
        framed = (upper - lower) / window
    return field - framed


def _below_horizon(ground: np.ndarray, height: int) -> np.ndarray:
    return np.concatenate([np.zeros((height - len(ground), ground.shape[1])), ground])
