"""The grid of all units: its orders, its choice, and that only what is in sight exists."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from perturber.client import Client, ClientLayer
from tests.browser.driver import Dashboard, Server
from tests.browser.test_models import wait_for_tiles

PRESSED = """() => [...document.querySelectorAll(".unit-cell:not([hidden])[aria-pressed=true] .unit-number")]
  .map((node) => Number(node.textContent)).sort((a, b) => a - b)"""
NUMBERS = """() => [...document.querySelectorAll(".unit-cell:not([hidden])")]
  .map((node) => { const box = node.getBoundingClientRect(); return [box.top, box.left, node.textContent]; })
  .sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , text]) => text)"""


@pytest.fixture
def grid(dashboard: Dashboard) -> Any:
    dashboard.page.get_by_role("radio", name="mixed5b").check()
    dashboard.settle()
    dashboard.page.get_by_role("button", name="All Units").click()
    dashboard.page.get_by_role("button", name="Unit 0", exact=True).wait_for()
    return dashboard.page.locator("#unit-grid")


@pytest.fixture
def layer(server: Server) -> ClientLayer:
    with Client(f"ws://127.0.0.1:{server.port}/ws") as client:
        client.patch({"view.layer": "mixed5b"})
        return client.layer()


def scroll(dashboard: Dashboard, to: str) -> None:
    dashboard.page.evaluate(f"document.querySelector('.grid-window').scrollTop = {to}")
    dashboard.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")


def test_only_what_is_in_sight_exists_and_the_last_unit_is_reached(dashboard: Dashboard, grid: Any) -> None:
    assert "mixed5b, 1,024 units" in grid.inner_text()
    assert dashboard.page.locator(".unit-cell").count() < 150
    scroll(dashboard, "1e6")
    assert dashboard.page.get_by_role("button", name="Unit 1023", exact=True).is_visible()
    assert dashboard.page.locator(".unit-cell").count() < 150


def test_a_click_puts_a_unit_among_the_shown_ones_or_takes_it_away(dashboard: Dashboard, grid: Any) -> None:
    grid.get_by_role("button", name="Unit 7", exact=True).click()
    grid.get_by_role("button", name="Unit 0", exact=True).click()
    assert dashboard.control("view.units").input_value() == "1, 2, 3, 7"
    assert dashboard.page.evaluate(PRESSED) == [1, 2, 3, 7]
    grid.get_by_role("button", name="Close the grid").click()
    wait_for_tiles(dashboard, [f"mixed5b:{unit}" for unit in (1, 2, 3, 7)])


def test_there_is_no_ninth_unit_and_one_stays(dashboard: Dashboard, grid: Any) -> None:
    for unit in range(4, 9):
        grid.get_by_role("button", name=f"Unit {unit}", exact=True).click()
    assert dashboard.page.evaluate(PRESSED) == list(range(8))
    assert "8 units at most" in grid.inner_text()
    for unit in range(8):
        grid.get_by_role("button", name=f"Unit {unit}", exact=True).click()
    assert dashboard.page.evaluate(PRESSED) == [7]
    assert "One unit stays" in grid.inner_text()


def test_sorted_by_activation_the_strongest_comes_first(
    dashboard: Dashboard, grid: Any, layer: ClientLayer
) -> None:
    grid.get_by_label("Sort by").select_option("activation")
    peaks = layer.peaks("model1")
    strongest = int(peaks.argmax())
    assert dashboard.page.evaluate(NUMBERS)[0].startswith(str(strongest))
    grid.get_by_role("radio", name="Model 2").check()
    second = int(layer.peaks("model2").argmax())
    assert dashboard.page.evaluate(NUMBERS)[0].startswith(str(second))


def test_sorted_by_difference_the_most_different_comes_first(
    dashboard: Dashboard, grid: Any, layer: ClientLayer
) -> None:
    grid.get_by_label("Sort by").select_option("difference")
    differences = np.abs(layer.maps("model1") - layer.maps("model2")).mean(axis=(1, 2))
    most = int(differences.argmax())
    first = dashboard.page.evaluate(NUMBERS)[0]
    assert first == f"{most}{differences[most]:.2f}"


def test_cells_show_the_models_maps(grid: Any, layer: ClientLayer) -> None:
    """Red where the map is positive, blue where it is negative."""
    for unit in (3, 10):
        shot = grid.get_by_role("button", name=f"Unit {unit}", exact=True).screenshot()
        with Image.open(io.BytesIO(shot)) as image:
            pixels = np.asarray(image.convert("RGB")).astype(int)
        side = pixels.shape[1]
        middles = [(2 * place + 1) * side // 8 for place in range(4)]
        rgb = pixels[np.ix_(middles, middles)]
        values = layer.maps("model1")[unit]
        strong = np.abs(values) > 0.1
        np.testing.assert_array_equal((rgb[..., 0] > rgb[..., 2])[strong], (values > 0)[strong])


def test_the_grid_follows_the_picture_and_keeps_its_order(dashboard: Dashboard, grid: Any) -> None:
    grid.get_by_label("Sort by").select_option("activation")
    before = list(dashboard.page.evaluate(NUMBERS))
    dashboard.control("morph.overall").fill("1")
    again = grid.get_by_role("button", name="Sort again")
    again.wait_for()

    def units() -> list[str]:
        script = NUMBERS.replace("node.textContent", "node.querySelector('.unit-number').textContent")
        return list(dashboard.page.evaluate(script))

    kept = units()
    assert all(text.startswith(unit) for text, unit in zip(before, kept, strict=True))
    again.click()
    assert units() != kept


def test_arrow_keys_walk_through_the_grid_and_enter_chooses(dashboard: Dashboard, grid: Any) -> None:
    grid.get_by_role("button", name="Unit 0", exact=True).focus()
    for key in ("ArrowRight", "ArrowRight", "End"):
        dashboard.page.keyboard.press(key)
    focused = "() => document.activeElement.querySelector('.unit-number')?.textContent"
    assert dashboard.page.evaluate(focused) == "1023"
    dashboard.page.keyboard.press("Home")
    assert dashboard.page.evaluate(focused) == "0"
    dashboard.page.keyboard.press("ArrowDown")
    dashboard.page.keyboard.press("Enter")
    chosen = dashboard.page.evaluate(focused)
    assert chosen in dashboard.control("view.units").input_value().split(", ")


def test_another_layer_shows_its_own_units(dashboard: Dashboard, grid: Any) -> None:
    dashboard.page.get_by_role("radio", name="conv2d0").check()
    dashboard.page.get_by_text("conv2d0, 64 units").wait_for()
    assert grid.get_by_role("button", name="Unit 63", exact=True).count() == 1
