"""The controls made from the parameter table."""

import pytest

from perturber.parameters import TABLE
from tests.browser.driver import Dashboard


def test_every_parameter_of_the_table_has_a_control(dashboard: Dashboard) -> None:
    keys = "nodes => nodes.map((node) => node.dataset.key)"
    shown = dashboard.page.eval_on_selector_all("[data-key]", keys)
    assert sorted(shown) == sorted(TABLE)


def test_a_slider_changes_the_picture_and_double_click_takes_it_back(
    dashboard: Dashboard,
) -> None:
    default = dashboard.picture()
    dashboard.control("morph.overall").fill("0.5")
    dashboard.wait_for_other_picture(default)
    line = dashboard.page.locator('[data-key="morph.overall"]')
    assert line.get_attribute("data-changed") is not None
    line.locator("label").dblclick()
    dashboard.wait_for_picture(default)
    assert line.get_attribute("data-changed") is None


def test_typed_values_are_taken_into_the_range(dashboard: Dashboard) -> None:
    for key, typed, expected in (
        ("scene.texture_blur", "0.333", 0.333),
        ("scene.texture_blur", "7", 1),
        ("post.hue", "-0.25", -0.25),
        ("post.patch_shuffle", "2.6", 3),
        ("scene.background_rotation", "270", -90),
    ):
        dashboard.control(key, ".value").fill(typed)
        dashboard.page.keyboard.press("Enter")
        assert dashboard.number(key) == expected, (key, typed)


def test_an_emptied_field_goes_back_to_its_value(dashboard: Dashboard) -> None:
    field = dashboard.control("post.alpha", ".value")
    field.fill("")
    field.blur()
    assert field.input_value() == "1.00"


def test_keyboard_steps_a_slider_and_delete_resets_it(dashboard: Dashboard) -> None:
    dashboard.control("post.saturation").focus()
    dashboard.page.keyboard.press("ArrowLeft")
    dashboard.page.keyboard.press("PageDown")
    assert dashboard.number("post.saturation") == pytest.approx(0.89)
    dashboard.page.keyboard.press("Delete")
    assert dashboard.number("post.saturation") == 1


def test_a_group_resets_as_a_whole(dashboard: Dashboard) -> None:
    for key in ("post.alpha", "post.saturation", "morph.shape"):
        dashboard.control(key).fill("0.5")
    group = dashboard.page.locator('[data-group="Post Processing"]')
    assert group.locator(".group-count").inner_text() == "2 changed"
    group.get_by_role("button", name="Reset Post Processing").click()
    assert dashboard.number("post.alpha") == 1
    assert dashboard.number("morph.shape") == 0.5


def test_a_collapsed_group_is_remembered(dashboard: Dashboard) -> None:
    toggle = dashboard.page.get_by_role("button", name="Scene", exact=True)
    assert toggle.get_attribute("aria-expanded") == "true"
    toggle.click()
    assert not dashboard.control("scene.texture_blur").is_visible()
    dashboard.page.reload()
    dashboard.settle()
    assert toggle.get_attribute("aria-expanded") == "false"
    assert not dashboard.control("scene.texture_blur").is_visible()


def test_the_morph_is_named_after_the_object(dashboard: Dashboard) -> None:
    assert dashboard.page.get_by_role("button", name="Catness", exact=True).is_visible()
    assert dashboard.page.get_by_role("slider", name="Texture Catness").is_visible()


def test_help_from_the_table_shows_on_hover_and_is_the_description(dashboard: Dashboard) -> None:
    help_text = TABLE["scene.texture_blur"].help
    dashboard.page.hover('[for="scene.texture_blur"]')
    dashboard.page.wait_for_selector(f'.tooltip:has-text("{help_text}")')
    described = dashboard.control("scene.texture_blur").evaluate(
        "node => document.getElementById(node.getAttribute('aria-describedby')).textContent"
    )
    assert described == help_text
    dashboard.page.keyboard.press("Escape")
    dashboard.page.wait_for_selector(".tooltip", state="hidden")


def test_the_theme_switches_recolours_the_maps_and_is_remembered(dashboard: Dashboard) -> None:
    def background() -> str:
        return str(dashboard.page.evaluate("getComputedStyle(document.body).backgroundColor"))

    # Playwright's browsers prefer light unless told otherwise: the page follows the system first.
    light, maps = background(), dashboard.maps()
    dashboard.page.get_by_role("button", name="Light theme").click()
    dark = background()
    assert dark != light
    assert dashboard.maps() != maps
    dashboard.page.reload()
    dashboard.settle()
    assert background() == dark
