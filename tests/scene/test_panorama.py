"""The background: direction, blur, saturation, seams."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from perturber.scene.panorama import mean_colour
from perturber.scene.renderer import Renderer
from perturber.scene.view import SceneView

from .synthetic import SIZE, encode, panorama_directions

SKY = SceneView(object="speck", background="compass", lighting_influence=0.0)
CENTRE = slice(SIZE // 2 - 1, SIZE // 2 + 1)


def expected_picture(yaw: float, pitch: float, roll: float, rotation: float) -> np.ndarray:
    """The compass seen by a pinhole camera, by scipy's rotations."""
    edge = np.tan(np.radians(19.0))
    places = ((np.arange(SIZE) + 0.5) / SIZE * 2 - 1) * edge
    x, y = np.meshgrid(places, -places)
    rays = np.stack([x, y, -np.ones_like(x)], -1).reshape(-1, 3)
    camera = Rotation.from_euler("YXZ", [yaw, -pitch, roll], degrees=True)
    world = Rotation.from_euler("Y", rotation, degrees=True).apply(camera.apply(rays))
    world /= np.linalg.norm(world, axis=1, keepdims=True)
    return encode(0.5 + 0.4 * world).reshape(SIZE, SIZE, 3)


@pytest.mark.parametrize(
    ("yaw", "pitch", "roll", "rotation"),
    [
        (0, 0, 0, 0), (90, 0, 0, 0), (180, 0, 0, 0), (-37, 0, 0, 0), (0, 45, 0, 0), (0, 90, 0, 0),
        (30, -90, 0, 0),
        (0, 0, 90, 0), (0, 0, -33, 0), (0, 0, 0, 60), (20, 30, -40, 100), (-150, -60, 170, -75),
    ],
)  # fmt: skip
def test_the_background_shows_the_direction_of_view(
    renderer: Renderer, yaw: float, pitch: float, roll: float, rotation: float
) -> None:
    view = replace(SKY, yaw=yaw, pitch=pitch, roll=roll, background_rotation=rotation)
    picture = renderer.render(view).astype(float)
    expected = expected_picture(yaw, pitch, roll, rotation)
    picture[CENTRE, CENTRE] = expected[CENTRE, CENTRE]  # the speck
    np.testing.assert_allclose(picture, expected, atol=2.5)


def test_the_centre_column_stands_behind_the_object(renderer: Renderer) -> None:
    """Contract of the assets: the centre of the panorama is what a camera at yaw 0 looks at."""
    centre = encode(0.5 + 0.4 * panorama_directions(256)[128, 256])
    np.testing.assert_allclose(renderer.render(SKY)[SIZE // 2, SIZE // 2 + 4], centre, atol=8)


def test_full_blur_is_the_mean_colour_of_the_sphere_everywhere(renderer: Renderer) -> None:
    for background in ("compass", "noise"):
        view = replace(SKY, background=background, background_blur=1.0, lighting_influence=1.0)
        pictures = [renderer.render(replace(view, pitch=pitch)) for pitch in (-60.0, 0.0, 60.0)]
        pictures = [picture.reshape(-1, 3) for picture in pictures]
        flat = np.concatenate(pictures)
        flat = flat[(flat == np.median(flat, 0)).all(-1)]
        assert len(flat) >= 3 * SIZE**2 - 12, "one colour, but for the speck"
        if background == "compass":
            np.testing.assert_allclose(flat[0], encode(np.full(3, 0.5)), atol=1)


def test_blur_takes_contrast_away_step_by_step(renderer: Renderer) -> None:
    view = replace(SKY, background="noise")
    contrast = [renderer.render(replace(view, background_blur=blur)).std() for blur in np.linspace(0, 1, 9)]
    assert all(later < earlier for earlier, later in pairwise(contrast))


def test_without_saturation_the_background_is_grey_of_the_same_luminance(renderer: Renderer) -> None:
    grey = renderer.render(replace(SKY, background_saturation=0.0)).astype(float)
    grey[CENTRE, CENTRE] = 0
    assert np.ptp(grey, axis=-1).max() <= 1
    edge = np.tan(np.radians(19.0)) * (1 - 1 / SIZE)
    corner = np.array([-edge, edge, -1]) / np.linalg.norm([edge, edge, 1])
    luminance = (0.5 + 0.4 * corner) @ [0.2126, 0.7152, 0.0722]
    assert grey[0, 0, 0] == pytest.approx(encode(luminance), abs=2)


def test_no_seam_where_the_panorama_wraps_around(renderer: Renderer) -> None:
    """Straight behind, left and right edge of the panorama meet: no step larger than anywhere else."""
    for blur in (0.0, 0.3, 0.6):
        picture = renderer.render(replace(SKY, yaw=180.0, background_blur=blur)).astype(int)
        picture[CENTRE, CENTRE] = picture[CENTRE.start - 2, CENTRE.start - 2]
        steps = np.abs(np.diff(picture[: SIZE // 2 - 4], axis=1)).max((0, 2))
        assert steps[SIZE // 2 - 1] <= 2


def test_the_mean_colour_weighs_rows_by_their_share_of_the_sphere() -> None:
    """The upper third of the rows of a panorama is a quarter of the sphere: (1 - cos 60°) / 2."""
    pixels = np.zeros((300, 600, 3), np.uint8)
    pixels[:100] = 255
    np.testing.assert_allclose(mean_colour(pixels), 0.25, atol=1e-3)
