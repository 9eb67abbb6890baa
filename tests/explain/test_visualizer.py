"""The thread in which rows of feature visualizations form."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from perturber.explain.featurevis import Ascent
from perturber.explain.library import Library
from perturber.explain.rows import Wanted
from perturber.explain.visualization_cache import VisualizationCache
from perturber.explain.visualizer import Visualizer
from perturber.nets.classifier import Classifier
from perturber.nets.zoo import Zoo


class Viewer:
    """A session that takes all news."""

    def __init__(self, visualizer: Visualizer) -> None:
        self.visualizer = visualizer
        self.news: list[tuple[str, dict[str, Any]]] = []
        self._came = threading.Condition()

    def show(self, playing: bool = True, **wanted: Wanted) -> None:
        self.visualizer.show(self, wanted, dict.fromkeys(wanted, playing), self._take)

    def _take(self, slot: str) -> None:
        row = self.visualizer.row(self, slot)
        if row is not None:
            with self._came:
                self.news.append((slot, row.take()))
                self._came.notify()

    def wait(self, until: Callable[[str, dict[str, Any]], bool]) -> dict[str, Any]:
        with self._came:
            found = self._came.wait_for(lambda: next((m for s, m in self.news if until(s, m)), None), 60)
        assert found is not None, [message["state"] for _, message in self.news]
        return found


@pytest.fixture(scope="module")
def network() -> Classifier:
    return Zoo("cpu").load("standard")


@pytest.fixture
def visualizer(tmp_path: Path) -> Iterator[Visualizer]:
    visualizer = Visualizer(Library(VisualizationCache(tmp_path), shipped=False))
    yield visualizer
    visualizer.close()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Ascent]:
    """Every step that is made."""
    made: list[Ascent] = []
    advance = Ascent.advance

    def counted(self: Ascent) -> None:
        made.append(self)
        advance(self)

    monkeypatch.setattr(Ascent, "advance", counted)
    return made


def wanted(network: Classifier, layer: str = "conv2d1", units: tuple[int, ...] = (3, 5)) -> Wanted:
    return Wanted(network, layer, units, naive=False, diversity=False)


def test_a_row_forms_and_comes_at_once_the_next_time(
    visualizer: Visualizer, network: Classifier, steps: list[Ascent]
) -> None:
    viewer = Viewer(visualizer)
    viewer.show(model1=wanted(network))
    forming = viewer.wait(lambda _, message: message["state"] == "forming" and message["step"] > 0)
    assert all(picture.startswith("data:image/webp;base64,") for picture in forming["pictures"])
    done = viewer.wait(lambda _, message: message["state"] == "done")
    assert None not in done["pictures"]
    made = len(steps)
    again = Viewer(visualizer)
    again.show(model2=wanted(network, units=(5, 3)))
    kept = again.wait(lambda slot, message: (slot, message["state"]) == ("model2", "done"))
    assert kept["pictures"] == done["pictures"][::-1]
    assert len(steps) == made


def test_rows_of_the_same_are_made_once(
    visualizer: Visualizer, network: Classifier, steps: list[Ascent]
) -> None:
    first, second = Viewer(visualizer), Viewer(visualizer)
    first.show(model1=wanted(network), model2=wanted(network))
    second.show(model1=wanted(network))
    for viewer, slot in ((first, "model1"), (first, "model2"), (second, "model1")):
        viewer.wait(lambda of, message, slot=slot: (of, message["state"]) == (slot, "done"))
    assert len(set(steps)) == 1


@pytest.mark.parametrize("ending", ["units change", "layer changes", "row goes", "viewer goes"])
def test_what_is_no_longer_shown_stops(
    visualizer: Visualizer, network: Classifier, steps: list[Ascent], ending: str
) -> None:
    viewer = Viewer(visualizer)
    viewer.show(model1=wanted(network, "mixed5b", (1, 2, 3, 4)))
    viewer.wait(lambda _, message: message["step"] > 0)
    (old,) = set(steps)
    match ending:
        case "units change":
            viewer.show(model1=wanted(network, "mixed5b", (5,)))
        case "layer changes":
            viewer.show(model1=wanted(network, "conv2d1", (5,)))
        case "row goes":
            viewer.show()
        case "viewer goes":
            visualizer.leave(viewer)
    time.sleep(1.0)
    made = steps.count(old)
    time.sleep(0.5)
    assert steps.count(old) == made < old.recipe.steps


def test_a_row_that_does_not_play_waits_pauses_and_goes_on(
    visualizer: Visualizer, network: Classifier, steps: list[Ascent]
) -> None:
    viewer = Viewer(visualizer)
    viewer.show(playing=False, edited=wanted(network, "mixed4a"))
    idle = viewer.wait(lambda _, message: message["state"] == "idle")
    assert idle["pictures"] == [None, None]
    assert not steps
    visualizer.play(viewer, "edited", True)
    viewer.wait(lambda _, message: message["state"] == "forming" and message["step"] > 0)
    visualizer.play(viewer, "edited", False)
    paused = viewer.wait(lambda _, message: message["state"] == "paused")
    time.sleep(0.5)
    made = len(steps)
    assert 0 < made < paused["steps"]
    time.sleep(0.5)
    assert len(steps) == made
    visualizer.play(viewer, "edited", True)
    viewer.wait(lambda _, message: message["state"] == "done")
    assert len(steps) == paused["steps"]


def test_a_row_that_fails_says_so_and_others_go_on(
    visualizer: Visualizer, network: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Library.keep

    def failing(self: Library, order: Any, unit: int, picture: Any) -> None:
        if unit == 13:
            raise RuntimeError("as wanted by the test")
        keep(self, order, unit, picture)

    monkeypatch.setattr(Library, "keep", failing)
    viewer = Viewer(visualizer)
    viewer.show(model1=wanted(network, units=(13,)), model2=wanted(network, units=(14,)))
    viewer.wait(lambda slot, message: (slot, message["state"]) == ("model1", "failed"))
    viewer.wait(lambda slot, message: (slot, message["state"]) == ("model2", "done"))
