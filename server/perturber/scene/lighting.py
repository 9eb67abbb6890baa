"""The light rig: key, fill and rim, as a photographer sets them around the object.

The rig turns with the camera's yaw, so that every side of the object is lit alike and yaw changes the view
and nothing else; it stays upright under pitch and roll, so that light always comes from above.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perturber.scene.camera import orbit_axes
from perturber.scene.gl import Uniform

WRAP = 0.15
"""How far past 90 degrees a light still reaches: softens the edge of the shade."""

SKY = (0.200, 0.210, 0.230)
GROUND = (0.095, 0.090, 0.082)


@dataclass(frozen=True)
class Light:
    """A distant light: where it stands (right, up, towards the camera) and its linear colour."""

    towards: tuple[float, float, float]
    colour: tuple[float, float, float]


KEY = Light((-0.60, 0.90, 0.65), (0.770, 0.740, 0.695))
FILL = Light((0.90, 0.20, 0.60), (0.115, 0.122, 0.140))
RIM = Light((0.55, 0.50, -0.95), (0.250, 0.250, 0.260))


def uniforms(yaw: float) -> dict[str, Uniform]:
    """The rig as `object.frag` reads it, for a camera at `yaw` degrees."""
    lights = (KEY, FILL, RIM)
    towards = np.array([light.towards for light in lights])
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    directions: NDArray[np.float64] = towards @ orbit_axes(yaw, 0.0, 0.0).T
    return {
        "light_direction": directions,
        "light_colour": np.array([light.colour for light in lights]),
        "key_direction": directions[0],
        "light_wrap": WRAP,
        "sky_colour": np.array(SKY),
        "ground_colour": np.array(GROUND),
    }
