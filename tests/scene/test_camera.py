"""The orbit camera against closed forms and scipy's rotations."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from perturber.scene.camera import FIELD_OF_VIEW, Camera, orbit_axes, projection_matrix
from perturber.scene.view import SceneView

ORIGIN = np.zeros(3)


def project(camera: Camera, point: list[float]) -> np.ndarray:
    """Where `point` lies in the picture: x to the right, y upwards, each in [-1, 1]."""
    clip = projection_matrix() @ camera.view_matrix() @ np.array([*point, 1.0])
    return clip[:2] / clip[3]


@pytest.mark.parametrize(
    ("yaw", "pitch", "expected"),
    [
        (0, 0, (0, 0, 2)),
        (90, 0, (2, 0, 0)),
        (-90, 0, (-2, 0, 0)),
        (180, 0, (0, 0, -2)),
        (0, 90, (0, 2, 0)),
        (0, -90, (0, -2, 0)),
        (45, 0, (2**0.5, 0, 2**0.5)),
        (0, 30, (0, 1, 3**0.5)),
    ],
)
def test_the_camera_stands_where_yaw_and_pitch_say(yaw: float, pitch: float, expected: tuple) -> None:
    camera = Camera.orbit(SceneView(yaw=yaw, pitch=pitch, distance=2.0), ORIGIN)
    np.testing.assert_allclose(camera.position, expected, atol=1e-12)


def test_axes_are_the_rotations_of_another_library() -> None:
    angles = np.random.default_rng(0).uniform(-180, 180, (50, 3)) * (1, 0.5, 1)
    for yaw, pitch, roll in [*angles, (40, 90, 10), (-70, -90, 0)]:
        expected = Rotation.from_euler("YXZ", [yaw, -pitch, roll], degrees=True).as_matrix()
        np.testing.assert_allclose(orbit_axes(yaw, pitch, roll), expected, atol=1e-12)


def test_the_focus_is_the_centre_of_the_picture() -> None:
    focus = np.array([0.1, 0.4, -0.2])
    camera = Camera.orbit(SceneView(yaw=33, pitch=-20, roll=70, distance=3), focus)
    np.testing.assert_allclose(project(camera, list(focus)), 0, atol=1e-12)


def test_distance_and_pan_count_in_the_radius() -> None:
    view = SceneView(yaw=33, pitch=-20, roll=70, distance=3, pan_x=0.5, pan_y=-0.25)
    small, large = (Camera.orbit(view, np.zeros(3), radius) for radius in (0.5, 2.0))
    np.testing.assert_allclose(4 * small.position, large.position)


def test_pan_moves_the_focus_the_other_way_whatever_the_roll() -> None:
    for roll in (0.0, 25.0, 180.0):
        camera = Camera.orbit(
            SceneView(yaw=50, pitch=10, roll=roll, distance=3, pan_x=0.5, pan_y=-0.25), ORIGIN
        )
        edge = 3 * np.tan(np.radians(FIELD_OF_VIEW / 2))
        np.testing.assert_allclose(project(camera, [0, 0, 0]), [-0.5 / edge, 0.25 / edge], atol=1e-12)


def test_roll_turns_the_picture_clockwise() -> None:
    up = project(Camera.orbit(SceneView(roll=90, distance=3), ORIGIN), [0, 0.5, 0])
    assert up[0] > 0.1
    assert abs(up[1]) < 1e-12


def test_the_edge_of_the_field_of_view_is_the_edge_of_the_picture() -> None:
    height = 2.6 * np.tan(np.radians(FIELD_OF_VIEW / 2))
    np.testing.assert_allclose(project(Camera.orbit(SceneView(), ORIGIN), [0, height, 0]), [0, 1], atol=1e-12)
