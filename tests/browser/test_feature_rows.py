"""Rows of feature visualizations on the page: they form, wait for play, pause, and grow stale."""

import random
from typing import Any

from playwright.sync_api import expect

from tests.browser.driver import Dashboard


def features(dashboard: Dashboard, slot: str) -> Any:
    return dashboard.page.locator(f".model.{slot} .features")


def pictures(dashboard: Dashboard, slot: str) -> list[str]:
    images = features(dashboard, slot).locator("img:not([hidden])")
    return list(images.evaluate_all("nodes => nodes.map((node) => node.src)"))


def wait_for_state(dashboard: Dashboard, slot: str, state: str) -> None:
    dashboard.page.wait_for_selector(f'.model.{slot} .features[data-state="{state}"]', state="attached")


def new_edit(layer: str) -> str:
    """Weights that no cache has pictures of."""
    mix = f"edited.enabled=true&edit.mix.conv2d0={random.uniform(0.2, 0.8):.4f}"
    return f"#{mix}&view.layer={layer}&view.units=3,7"


def test_rows_form_below_the_maps_and_can_be_switched_off(dashboard: Dashboard) -> None:
    dashboard.open("#view.layer=conv2d1&view.units=3,7,11")
    for slot in ("model1", "model2"):
        wait_for_state(dashboard, slot, "done")
        assert len(set(pictures(dashboard, slot))) == 3
    assert pictures(dashboard, "model1") != pictures(dashboard, "model2")
    fourier = pictures(dashboard, "model1")
    dashboard.control("view.naive").check()
    dashboard.page.wait_for_function(
        """old => { const row = document.querySelector(".model.model1 .features");
          const image = row.querySelector("img:not([hidden])");
          return row.dataset.state === "done" && image && image.src !== old; }""",
        arg=fourier[0],
    )
    assert not set(pictures(dashboard, "model1")) & set(fourier)
    dashboard.control("view.featvis").uncheck()
    assert not features(dashboard, "model1").is_visible()
    dashboard.settle()


def test_the_edited_model_waits_for_its_play_button_and_can_be_paused(dashboard: Dashboard) -> None:
    dashboard.open(new_edit("mixed4c"))
    wait_for_state(dashboard, "edited", "idle")
    assert pictures(dashboard, "edited") == []
    page = dashboard.page
    page.get_by_role("button", name="Make feature visualizations of Edited Model").click()
    page.wait_for_selector('.model.edited .features[data-state="forming"] img:not([hidden])')
    page.get_by_role("button", name="Pause feature visualizations of Edited Model").click()
    wait_for_state(dashboard, "edited", "paused")
    held = pictures(dashboard, "edited")
    assert len(held) == 2
    page.wait_for_timeout(1000)
    assert pictures(dashboard, "edited") == held
    expect(features(dashboard, "edited").get_by_role("status")).to_contain_text("Paused")


def test_an_edit_leaves_the_old_pictures_marked_as_stale(dashboard: Dashboard) -> None:
    dashboard.open(new_edit("conv2d1"))
    wait_for_state(dashboard, "edited", "idle")
    page = dashboard.page
    page.get_by_role("button", name="Make feature visualizations of Edited Model").click()
    wait_for_state(dashboard, "edited", "done")
    made = pictures(dashboard, "edited")
    dashboard.control("edit.mix.mixed5b").fill("0.5")  # behind the layer
    dashboard.settle()
    page.wait_for_timeout(500)
    assert page.locator(".model.edited [data-stale]").count() == 0
    dashboard.control("edit.mix.conv2d0").fill("0.11")
    page.wait_for_selector('.model.edited .features[data-state="idle"][data-stale]')
    assert pictures(dashboard, "edited") == made
    expect(features(dashboard, "edited").get_by_role("status")).to_have_text(
        "Stale: the weights have changed"
    )
    dashboard.settle()


def test_a_picture_opens_large_and_closes(dashboard: Dashboard) -> None:
    dashboard.open("#view.layer=conv2d1&view.units=3,7")
    wait_for_state(dashboard, "model1", "done")
    tile = features(dashboard, "model1").get_by_role("button", name="Feature visualization of conv2d1:7")
    tile.click()
    dialog = dashboard.page.get_by_role("dialog")
    assert dialog.locator("img").get_attribute("src") == pictures(dashboard, "model1")[1]
    expect(dialog).to_contain_text("conv2d1:7")
    expect(dialog).to_contain_text("Fourier")
    dashboard.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_checkpoint_slider_shows_shipped_pictures_while_it_moves(dashboard: Dashboard) -> None:
    dashboard.open("#view.layer=conv2d1&view.units=3,7")
    page = dashboard.page
    wait_for_state(dashboard, "model2", "done")
    final = pictures(dashboard, "model2")
    pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs="
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"1": {"3": pixel, "7": pixel}})

    page.route("**/api/feature-visualizations/**", answer)
    slider = dashboard.control("model2.checkpoint")
    before = dashboard.control("model2.variant").input_value()
    slider.evaluate("node => { node.value = node.min; node.dispatchEvent(new Event('input')); }")
    page.wait_for_function(
        """picture => [...document.querySelectorAll(".model.model2 .features img")]
          .every((image) => image.src === picture)""",
        arg=pixel,
    )
    assert f"/api/feature-visualizations/{before}?layer=conv2d1&units=3%2C7&naive=false" in asked[0]
    assert "checkpoint" not in page.url, "nothing is loaded before the release"
    slider.evaluate("node => node.dispatchEvent(new Event('change'))")
    dashboard.wait_for_hash(r"model2\.checkpoint=1")
    wait_for_state(dashboard, "model2", "done")
    page.wait_for_function(
        """picture => document.querySelector(".model.model2 .features img").src !== picture""", arg=pixel
    )
    # The first iteration is the network that the fine-tuning started from.
    assert pictures(dashboard, "model2") == pictures(dashboard, "model1") != final
    page.unroute("**/api/feature-visualizations/**")
    dashboard.settle()
