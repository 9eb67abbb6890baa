"""Scrubbing through a fine-tuning: what the slider says, and when it loads."""

import re
from typing import Any

import pytest

from tests.browser.driver import Dashboard

SLIDER = "model2.checkpoint"


@pytest.fixture
def tuned(dashboard: Dashboard) -> Dashboard:
    """Model 2 is a fine-tuned network with checkpoints."""
    dashboard.control("model2.variant").select_option("adversarial")
    dashboard.settle()
    return dashboard


def iteration(dashboard: Dashboard) -> str:
    return str(dashboard.page.locator(".model2 .iteration").inner_text())


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def move(dashboard: Dashboard, place: int, event: str) -> Any:
    """What the browser does while a thumb is dragged (`input`) and when it is let go (`change`)."""
    script = """(node, [place, event]) => {
        node.value = String(place);
        node.dispatchEvent(new Event(event, {bubbles: true}));
    }"""
    return dashboard.control(SLIDER).evaluate(script, [place, event])


def test_a_tick_for_each_checkpoint_from_the_start_to_the_finished_network(tuned: Dashboard) -> None:
    ticks = tuned.page.locator(".model2 .tick").count()
    assert ticks >= 5
    assert iteration(tuned).endswith("(final)")
    found = []
    for place in range(ticks):
        move(tuned, place, "input")
        found.append(number(iteration(tuned)))
    assert found[0] == 1
    assert found == sorted(set(found))


def test_moving_previews_and_releasing_loads(tuned: Dashboard) -> None:
    tuned.page.evaluate(
        """() => { window.previews = [];
                   addEventListener("checkpointpreview", (event) => previews.push(event.detail)); }"""
    )
    before = tuned.maps()
    move(tuned, 2, "input")
    moved = number(iteration(tuned))
    assert tuned.page.evaluate("previews") == [{"slot": "model2", "checkpoint": moved}]
    tuned.settle()
    assert "checkpoint" not in tuned.page.url
    assert tuned.maps() == before
    move(tuned, 2, "change")
    tuned.wait_for_hash(rf"model2\.checkpoint={moved}\b")
    tuned.settle()
    assert tuned.maps() != before
    assert "(final)" not in iteration(tuned)


def test_the_arrow_keys_go_from_checkpoint_to_checkpoint_and_the_last_is_the_default(
    tuned: Dashboard,
) -> None:
    last = number(iteration(tuned))
    tuned.control(SLIDER).focus()
    tuned.page.keyboard.press("ArrowLeft")
    assert number(iteration(tuned)) < last
    tuned.wait_for_hash(r"model2\.checkpoint=\d+")
    tuned.page.keyboard.press("End")
    tuned.page.wait_for_function("() => !location.hash.includes('checkpoint')")
    assert number(iteration(tuned)) == last


def test_the_first_iteration_answers_as_the_network_it_started_as(tuned: Dashboard) -> None:
    tuned.control("model1.variant").select_option("standard")
    move(tuned, 0, "input")
    move(tuned, 0, "change")
    tuned.wait_for_hash(r"model2\.checkpoint=1\b")
    tuned.settle()
    maps = tuned.maps()
    assert maps[: len(maps) // 2] == maps[len(maps) // 2 :]


def test_a_network_with_one_checkpoint_has_no_slider(tuned: Dashboard) -> None:
    assert tuned.control(SLIDER).is_visible()
    tuned.control("model2.variant").select_option("standard")
    tuned.page.wait_for_selector(f'[id="{SLIDER}"]', state="hidden")
