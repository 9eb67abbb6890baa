"""What the coats are made of: glass, metal, lacquer, carbon."""

from collections.abc import Callable

import numpy as np
from brush import Texels, fill, put
from lofts import Array


def glass(t: Texels, bottom: float, top: float) -> Array:
    """Dark glass with the sky in its upper part and two slanting reflections."""
    height = np.clip((t.y - bottom) / (top - bottom), 0, 1)
    slant = (t.x + t.z) * 1.4 + 1.2 * t.y
    streak = np.clip(np.sin(2.4 * slant) * 4 - 3, 0, 1) * 0.10
    sky = 0.09 + 0.38 * height**1.8 + streak
    return sky[..., None] * np.array([0.78, 0.97, 1.14]) + 0.01


def metal(t: Texels, shade: float = 0.72) -> Array:
    """Bright metal: the horizon is mirrored as a dark line between ground and sky."""
    lift = t.normal[..., 1]
    tone = shade * (0.80 + 0.25 * lift - 0.18 * np.exp(-((lift - 0.05) ** 2) / 0.02))
    return np.clip(tone, 0, 1)[..., None] * np.array([0.98, 1.0, 1.02])


def lacquer(picture: Array, t: Texels, low: float, high: float) -> None:
    """What lacquer mirrors, in place: light from above, a darker ground below."""
    height = np.clip((t.y - low) / (high - low), 0, 1)
    picture *= (0.86 + 0.14 * height)[..., None]
    put(picture, np.clip(t.normal[..., 1], 0, 1) * 0.10, (1.0, 1.0, 1.0))


def steel(shade: float) -> Callable[[Texels], Array]:
    """A painter of bare metal."""
    return lambda t: metal(t, shade)


def carbon(t: Texels) -> Array:
    """Black carbon fibre with its weave."""
    weave = np.sign(np.sin((t.x + t.z) * 90) * np.sin((t.x - t.z) * 90))
    picture = fill(t, (0.075, 0.078, 0.085)) + 0.012 * weave[..., None]
    put(picture, np.clip(t.normal[..., 1], 0, 1) * 0.12, (0.8, 0.9, 1.0))
    return picture


def wheel_polar(t: Texels, hub_height: float) -> tuple[Array, Array]:
    """Radius in metres and angle of a wheel's texels about its own axle."""
    height, ahead = t.y - hub_height, t.z - (t.z.min() + t.z.max()) / 2
    return np.hypot(height, ahead), np.arctan2(height, ahead)
