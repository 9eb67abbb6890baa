"""A slot whose network loads goes on with the one it had; the other slot doesn't wait."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from perturber.loading import Loading
from perturber.nets import catalog
from perturber.nets.weights import ModelError
from perturber.nets.zoo import Zoo
from perturber.parameters import SceneState
from perturber.studio import Studio

DEFAULT = SceneState.default()


async def ignore(_: str) -> None:
    """Nobody reads the notices here."""


@pytest.fixture
def absent(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[SceneState]:
    """A state, turned a little, whose second model isn't loaded; the default's networks are."""
    for variant in ("standard", "adversarial"):
        studio.zoo.load(variant)
    zoo = Zoo("cpu")
    for variant in ("standard", "adversarial"):
        zoo.load(variant)
    monkeypatch.setattr(studio, "zoo", zoo)
    other = next(entry for entry in catalog.entries() if entry.base is not None and not entry.final)
    values = {"model2.variant": other.variant, "model2.checkpoint": other.checkpoint, "camera.yaw": 30.0}
    yield DEFAULT.changed(values)


def in_a_loop_of_its_own(run: Callable[[], Coroutine[object, object, None]]) -> None:
    """In another thread: the browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


def test_frames_go_on_with_the_old_network_until_the_new_one_is_there(
    studio: Studio, absent: SceneState, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, load = threading.Event(), studio.zoo.load

    def slow(variant: str, checkpoint: int = 0) -> object:
        assert released.wait(20)
        return load(variant, checkpoint)

    monkeypatch.setattr(studio.zoo, "load", slow)

    async def run() -> None:
        ended = asyncio.Event()
        loading = Loading(studio, ignore, ended.set)
        assert loading.drawable(DEFAULT, 1) == (DEFAULT, 1)
        meanwhile, revision = loading.drawable(absent, 2)
        assert revision == 1
        assert meanwhile == DEFAULT.changed({"camera.yaw": 30.0})
        further = absent.changed({"camera.yaw": 40.0})
        assert loading.drawable(further, 3) == (DEFAULT.changed({"camera.yaw": 40.0}), 1)
        released.set()
        await asyncio.wait_for(ended.wait(), 20)
        assert loading.drawable(further, 3) == (further, 3)
        loading.close()

    in_a_loop_of_its_own(run)


def test_a_load_that_failed_is_left_to_drawing_which_reports_it(
    studio: Studio, absent: SceneState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(variant: str, checkpoint: int = 0) -> object:
        raise ModelError(f"{variant}@{checkpoint}: broken")

    monkeypatch.setattr(studio.zoo, "load", broken)

    async def run() -> None:
        ended = asyncio.Event()
        loading = Loading(studio, ignore, ended.set)
        loading.drawable(DEFAULT, 1)
        assert loading.drawable(absent, 2)[1] == 1
        await asyncio.wait_for(ended.wait(), 20)
        assert loading.drawable(absent, 2) == (absent, 2)

    in_a_loop_of_its_own(run)


def test_the_first_frame_and_an_unknown_network_are_left_to_drawing(
    studio: Studio, absent: SceneState
) -> None:
    loading = Loading(studio, ignore, lambda: None)
    assert loading.drawable(absent, 1) == (absent, 1)
    unknown = DEFAULT.changed({"model2.checkpoint": 999_999})
    assert loading.drawable(unknown, 2) == (unknown, 2)
