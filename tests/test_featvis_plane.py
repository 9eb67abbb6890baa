"""Feat. Vis.: the named unit's picture stands in the scene, of Model 1's network, and nobody waits for it."""

import asyncio
import io
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from perturber.explain import class_pictures
from perturber.explain.library import Library, Order
from perturber.explain.visualization import Visualization
from perturber.featvis_plane import FeatureVisualizationPlanes
from perturber.memo import Memo
from perturber.nets.classifier import Classifier
from perturber.parameters import SceneState
from perturber.studio import Studio

FRONT = {
    "scene.featvis": "mixed4a:222",
    "camera.yaw": 0.0,
    "camera.pitch": 0.0,
    "scene.lighting_influence": 0,
}


class Shelf(Library):
    """A library that holds one shipped picture for everything, and counts what is asked."""

    def __init__(self) -> None:
        content = class_pictures.find("standard", 0)
        assert content is not None
        with Image.open(io.BytesIO(content)) as picture:
            self.pixels = np.asarray(picture.convert("RGB"))
        self.asked: list[tuple[Order, int]] = []
        self.open = threading.Event()
        self.open.set()

    def pictures(self, _: Classifier, order: Order, units: list[int]) -> list[Visualization]:
        self.open.wait(20)
        self.asked += [(order, unit) for unit in units]
        return [Visualization(self.pixels, 1.0) for _ in units]


@pytest.fixture
def shelf(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    shelf = Shelf()
    planes = FeatureVisualizationPlanes(studio.pipeline.networks, shelf)
    monkeypatch.setattr(studio.pipeline, "planes", planes)
    return shelf


def picture(studio: Studio, memo: Memo | None = None, **patch: object) -> np.ndarray:
    return studio.make(SceneState.default().changed({**FRONT, **patch}), 1, memo or Memo()).picture


def test_the_units_picture_is_what_stands_in_the_scene(studio: Studio, shelf: Shelf) -> None:
    shown = picture(studio)
    half = int(0.7 / (2.6 * np.tan(np.radians(19))) * 112)
    plane = Image.fromarray(shown[112 - half : 112 + half, 112 - half : 112 + half])
    seen = np.asarray(plane.resize(shelf.pixels.shape[:2], Image.Resampling.BOX)).astype(float)
    correlation = np.corrcoef(seen.ravel(), shelf.pixels.ravel())[0, 1]
    assert correlation > 0.95
    ((order, unit),) = shelf.asked
    assert (order.objective.layer, unit) == ("mixed4a", 222)


def test_another_network_in_model_1_has_another_picture(studio: Studio, shelf: Shelf) -> None:
    memo = Memo()
    picture(studio, memo)
    picture(studio, memo, **{"camera.yaw": 20.0})
    picture(studio, memo, **{"model2.variant": "standard"})
    assert len(shelf.asked) == 1, "the camera and Model 2 ask for nothing"
    shelf.pixels = 255 - shelf.pixels
    inverted = picture(studio, memo, **{"model1.variant": "adversarial"})
    assert len({order.weights for order, _ in shelf.asked}) == 2
    assert (inverted != picture(studio, memo)).mean() > 0.3


@pytest.mark.usefixtures("shelf")
def test_the_effects_work_on_the_plane(studio: Studio) -> None:
    memo = Memo()
    plain = picture(studio, memo).astype(int)
    swapped = picture(studio, memo, **{"post.custom": "color = color.bgr;"})
    np.testing.assert_array_equal(swapped, plain[..., ::-1])


def test_without_the_parameter_or_without_the_scene_no_library_is_asked(studio: Studio, shelf: Shelf) -> None:
    planes = studio.pipeline.planes
    for patch in ({"scene.featvis": ""}, {"scene.source": "webcam"}):
        state = SceneState.default().changed({**FRONT, **patch})
        assert planes.is_at_hand(state)
        assert planes.find(state, None) is None
    assert shelf.asked == []


def test_while_a_picture_is_made_the_session_is_told_and_others_get_their_frames(
    studio: Studio, shelf: Shelf
) -> None:
    shelf.open.clear()
    told: list[dict] = []

    async def notify(text: str) -> None:
        notice = json.loads(text)
        if "mixed4a:222" in notice["message"]:  # networks may be loaded, too
            told.append(notice)

    async def play() -> int:
        state = SceneState.default().changed(FRONT)
        waiting = asyncio.create_task(studio.frame(state, 1, Memo(), notify))
        others, begin = 0, time.monotonic()
        while others < 3 or not told:
            yaw = {"camera.yaw": float(others % 90)}
            await studio.frame(SceneState.default().changed(yaw), others, Memo(), notify)
            others += 1
            assert time.monotonic() - begin < 30
        assert not waiting.done()
        shelf.open.set()
        await waiting
        return others

    with ThreadPoolExecutor(1) as thread:  # this one may have a browser's loop
        assert thread.submit(lambda: asyncio.run(play())).result() >= 3
    assert [notice["code"] for notice in told] == ["loading", "loaded"]


def test_the_units_picture_wakes_it_until_it_is_turned(studio: Studio) -> None:
    """The thesis's figure 5.10: at 60 degrees the strong activation of mixed4a:222 is gone."""
    view = {"view.layer": "mixed4a", "view.units": "222", "scene.background_blur": 1.0}

    def activation(**patch: object) -> float:
        frame = studio.make(SceneState.default().changed({**FRONT, **view, **patch}), 1, Memo())
        return float(frame.models["model1"].activations.max())

    upright = activation()
    assert upright > 3 * activation(**{"scene.featvis": ""})
    assert upright > 2 * activation(**{"camera.roll": 60.0})


def test_the_engine_makes_what_nobody_has(studio: Studio) -> None:
    """The first layer's pictures are 16 pixels wide: made in a moment, and the same every time."""
    shown = [picture(studio, **{"scene.featvis": f"conv2d0:{unit}"}) for unit in (3, 4, 3)]
    assert (shown[0] != shown[1]).mean() > 0.2
    np.testing.assert_array_equal(shown[0], shown[2])
