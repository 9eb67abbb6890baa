"""A picture on a plane: where it lies, which way it faces, and that its colours are its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from perturber.scene.plane import HALF_SIDE
from perturber.scene.renderer import MOST_OWN, Renderer
from perturber.scene.view import Plane, SceneView
from perturber.scene.worker import RenderWorker

from .synthetic import SIZE

COLOURS = np.array([[(220, 30, 30), (30, 200, 40)], [(40, 60, 220), (230, 220, 40)]], np.uint8)
"""Upper left red, upper right green, lower left blue, lower right yellow."""


def plane_of(pixels: np.ndarray) -> Plane:
    return Plane(len(pixels), pixels.tobytes())


QUARTERS = plane_of(COLOURS.repeat(16, 0).repeat(16, 1))
FRONTAL = SceneView(object=QUARTERS, background="black", lighting_influence=0.0, distance=3.0)
EDGE = HALF_SIDE / (3.0 * np.tan(np.radians(19)))
"""Half the plane's side, in half pictures, seen from the front."""


def quarters(picture: np.ndarray) -> np.ndarray:
    """The colours in the middle of the plane's quarters (2, 2, 3)."""
    places = ((np.array([-EDGE, EDGE]) / 2 + 1) * SIZE / 2).astype(int)
    return picture[places[:, None], places]


@pytest.fixture
def worker(assets: Path) -> Iterator[RenderWorker]:
    with RenderWorker(SIZE, assets=assets) as running:
        yield running


def test_from_the_front_the_plane_shows_the_picture_upright_in_its_own_colours(renderer: Renderer) -> None:
    picture = renderer.render(FRONTAL)
    np.testing.assert_allclose(quarters(picture).astype(int), COLOURS, atol=1)
    covered = (picture > 0).any(-1)
    assert covered.mean() == pytest.approx(EDGE**2, abs=0.02)


def test_from_behind_it_is_mirrored_and_upside_down_it_is_turned(renderer: Renderer) -> None:
    behind, turned = (renderer.render(replace(FRONTAL, **pose)) for pose in ({"yaw": 180.0}, {"roll": 180.0}))
    np.testing.assert_allclose(quarters(behind).astype(int), COLOURS[:, ::-1], atol=1)
    np.testing.assert_allclose(quarters(turned).astype(int), COLOURS[::-1, ::-1], atol=1)


@pytest.mark.parametrize(
    "change",
    [
        {"yaw": 40.0}, {"pitch": 30.0}, {"pan_x": 0.2}, {"lighting_influence": 1.0},
        {"texture_influence": 0.3}, {"texture_blur": 0.8}, {"background": "noise"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_camera_light_texture_and_background_work_on_the_plane(renderer: Renderer, change: dict) -> None:
    difference = renderer.render(replace(FRONTAL, **change)) != renderer.render(FRONTAL)
    assert difference.any(-1).mean() > 0.05


def test_the_morph_of_the_object_does_not_reach_the_plane(renderer: Renderer) -> None:
    morphed = replace(FRONTAL, shape=0.6, texture=0.6)
    np.testing.assert_allclose(renderer.render(morphed).astype(int), renderer.render(FRONTAL), atol=1)


def test_the_worker_shows_planes_and_objects_in_turn(worker: RenderWorker, renderer: Renderer) -> None:
    for view in (FRONTAL, replace(FRONTAL, object="ball"), replace(FRONTAL, yaw=20.0)):
        np.testing.assert_array_equal(worker.render(view), renderer.render(view))


def test_only_the_last_planes_stay_uploaded(renderer: Renderer) -> None:
    for grey in range(0, 200, 10):
        flat = plane_of(np.full((8, 8, 3), grey, np.uint8))
        assert quarters(renderer.render(replace(FRONTAL, object=flat))) == pytest.approx(grey, abs=1)
    planes = [name for name in renderer._objects if isinstance(name, Plane)]
    assert len(planes) <= MOST_OWN
