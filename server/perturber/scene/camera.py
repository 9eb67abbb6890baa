"""The orbit camera: angles, distance and pan around the object's focus give a pose and a projection."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perturber.scene.view import SceneView

Array = NDArray[np.float64]

FIELD_OF_VIEW = 38.0
"""Of the whole picture, in degrees: a portrait lens, close enough for depth, far enough for proportions."""

NEAR, FAR = 0.02, 40.0


@dataclass(frozen=True)
class Camera:
    """A pose in the world: `position` (3,), and `axes` (3, 3) whose columns are right, up and backward."""

    position: Array
    axes: Array

    @staticmethod
    def orbit(view: SceneView, focus: Array, radius: float = 1.0) -> "Camera":
        """The camera of `view` that looks at `focus` (3,); distance and pan count in `radius`.

        Yaw 0 stands at +z and +90 at +x; positive pitch stands above; positive roll turns the camera
        counter-clockwise about its line of sight, so the picture turns clockwise. Pan shifts the camera and
        what it looks at along the picture's own right and up.
        """
        axes = orbit_axes(view.yaw, view.pitch, view.roll)
        target = focus + radius * (axes @ np.array([view.pan_x, view.pan_y, 0.0]))
        return Camera(target + radius * view.distance * axes[:, 2], axes)

    def view_matrix(self) -> Array:
        """World to camera, (4, 4)."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.axes.T
        matrix[:3, 3] = -self.axes.T @ self.position
        return matrix


def orbit_axes(yaw: float, pitch: float, roll: float) -> Array:
    """Right, up and backward as columns (3, 3), for angles in degrees; defined at the poles too."""
    sin_yaw, cos_yaw = _sin_cos(yaw)
    sin_pitch, cos_pitch = _sin_cos(pitch)
    sin_roll, cos_roll = _sin_cos(roll)
    right = np.array([cos_yaw, 0.0, -sin_yaw])
    up = np.array([-sin_yaw * sin_pitch, cos_pitch, -cos_yaw * sin_pitch])
    backward = np.array([sin_yaw * cos_pitch, sin_pitch, cos_yaw * cos_pitch])
    return np.stack([cos_roll * right + sin_roll * up, cos_roll * up - sin_roll * right, backward], axis=1)


def projection_matrix() -> Array:
    """Camera to clip space, (4, 4), for a square picture; y points up."""
    scale = 1.0 / half_extent()
    matrix = np.zeros((4, 4))
    matrix[0, 0] = matrix[1, 1] = scale
    matrix[2, 2] = (FAR + NEAR) / (NEAR - FAR)
    matrix[2, 3] = 2.0 * FAR * NEAR / (NEAR - FAR)
    matrix[3, 2] = -1.0
    return matrix


def half_extent() -> float:
    """Half the picture's width at distance 1."""
    return math.tan(math.radians(FIELD_OF_VIEW) / 2.0)


def _sin_cos(degrees: float) -> tuple[float, float]:
    radians = math.radians(degrees)
    return math.sin(radians), math.cos(radians)
