"""Feat. Vis.: a switch and a field put a unit's feature visualization into the scene."""

from tests.browser.driver import Dashboard

KEY = "scene.featvis"


def switch(dashboard: Dashboard) -> object:
    return dashboard.control(KEY, ".shown")


def test_the_switch_shows_the_first_shown_unit_and_hides_it_again(dashboard: Dashboard) -> None:
    dashboard.open("#view.layer=conv2d0&view.units=7,8")
    before = dashboard.picture()
    switch(dashboard).check()
    dashboard.wait_for_other_picture(before)
    assert dashboard.control(KEY).input_value() == "conv2d0:7"
    dashboard.wait_for_hash("scene.featvis=conv2d0:7")
    switch(dashboard).uncheck()
    dashboard.wait_for_picture(before)
    assert dashboard.control(KEY).input_value() == "conv2d0:7", "kept for the next time"


def test_a_typed_unit_shows_at_once_and_a_bad_one_says_what_was_expected(dashboard: Dashboard) -> None:
    before = dashboard.picture()
    dashboard.control(KEY).fill("conv2d0:3")
    dashboard.page.keyboard.press("Enter")
    dashboard.wait_for_other_picture(before)
    dashboard.settle()
    shown = dashboard.picture()
    assert switch(dashboard).is_checked()
    error = dashboard.page.locator(f'[id="{KEY}.error"]')
    for entry, expected in (
        ("dog", "a layer and one of its units such as mixed4a:222"),
        ("mixed9z:1", "a layer from conv2d0 to mixed5b"),
        ("conv2d0:64", "a unit below 64 of conv2d0"),
    ):
        dashboard.control(KEY).fill(entry)
        dashboard.page.keyboard.press("Enter")
        assert expected in error.inner_text()
        assert dashboard.picture() == shown
    dashboard.page.keyboard.press("Escape")
    assert error.inner_text() == ""
    assert dashboard.control(KEY).input_value() == "conv2d0:3"
