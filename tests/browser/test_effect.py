"""The custom effect: typed, chosen, refused, stopped, kept in the address."""

from urllib.parse import unquote

from tests.browser.driver import Dashboard

MENU = '[id="post.custom.menu"]'
PROBLEM = '[id="post.custom.error"]'


def write(dashboard: Dashboard, text: str, *, apply: bool = True) -> None:
    dashboard.control("post.custom").fill(text)
    if apply:
        dashboard.page.keyboard.press("Control+Enter")


def wait_for_problem(dashboard: Dashboard, text: str) -> None:
    dashboard.page.wait_for_function(
        "text => document.getElementById('post.custom.error').textContent.includes(text)", arg=text
    )


def marked_line(dashboard: Dashboard) -> list[str]:
    return [str(text) for text in dashboard.page.locator(".code-numbers [data-marked]").all_inner_texts()]


def pixel(dashboard: Dashboard) -> list[int]:
    script = """() => {
      const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      context.drawImage(document.getElementById("picture"), -9, -9);
      return [...context.getImageData(0, 0, 1, 1).data];
    }"""
    return list(dashboard.page.evaluate(script))


def test_the_slider_is_contrast_until_something_is_typed(dashboard: Dashboard) -> None:
    assert dashboard.page.locator(MENU).input_value() == "contrast"
    assert "(color - 0.5)" in dashboard.control("post.custom").input_value()
    dashboard.control("post.custom_value", ".value").fill("0")
    dashboard.settle()
    assert pixel(dashboard) == [128, 128, 128, 255]


def test_a_typed_effect_shows_after_ctrl_enter_and_after_a_pause(dashboard: Dashboard) -> None:
    write(dashboard, "color = vec3(0.0, 1.0, 0.0);")
    dashboard.settle()
    assert pixel(dashboard) == [0, 255, 0, 255]
    before = dashboard.picture()
    write(dashboard, "color = vec3(0.0, 0.0, 1.0);", apply=False)
    dashboard.wait_for_other_picture(before)
    assert pixel(dashboard) == [0, 0, 255, 255]
    assert dashboard.page.locator(MENU).input_value() == "own"


def test_an_error_is_shown_at_its_line_and_the_last_working_picture_stays(dashboard: Dashboard) -> None:
    write(dashboard, "color = color.bgr;")
    dashboard.settle()
    working = dashboard.picture()
    broken = "// swaps red and blue\ncolor = color.bgr;\ncolor *= brightness;"
    write(dashboard, broken)
    wait_for_problem(dashboard, "Line 3: 'brightness' undeclared. The last working effect stays.")
    assert marked_line(dashboard) == ["3"]
    assert dashboard.control("post.custom").input_value() == broken
    dashboard.settle()
    assert dashboard.picture() == working
    dashboard.wait_for_hash("post.custom=color%20%3D%20color.bgr")
    write(dashboard, broken.replace("brightness", "value"))
    dashboard.wait_for_other_picture(working)
    assert dashboard.page.locator(PROBLEM).inner_text() == ""
    assert marked_line(dashboard) == []


def test_a_refused_text_can_be_discarded(dashboard: Dashboard) -> None:
    write(dashboard, "color = ;")
    wait_for_problem(dashboard, "syntax error")
    dashboard.page.get_by_role("button", name="Discard this text").click()
    assert "(color - 0.5)" in dashboard.control("post.custom").input_value()
    assert dashboard.page.locator(PROBLEM).inner_text() == ""


def test_an_effect_without_end_is_switched_off_with_an_explanation(dashboard: Dashboard) -> None:
    before = dashboard.picture()
    write(dashboard, "while (true)\n  color += 0.1;")
    message = dashboard.page.locator(".message", has_text="The custom effect was stopped")
    message.wait_for()
    assert "The effect is switched off" in message.inner_text()
    wait_for_problem(dashboard, "The effect is switched off.")
    dashboard.settle()
    assert dashboard.picture() == before
    assert dashboard.page.locator(MENU).input_value() == ""
    dashboard.control("scene.background_blur", ".value").fill("1")
    dashboard.wait_for_other_picture(before)
    message.get_by_role("button", name="Dismiss").click()


def test_the_menu_offers_every_ready_effect_and_each_changes_the_picture(dashboard: Dashboard) -> None:
    before, seen = dashboard.picture(), set()
    for name in ("posterise", "vignette", "pixelate", "noise", "blur", "edge"):
        dashboard.page.select_option(MENU, name)
        dashboard.settle()
        seen.add(dashboard.picture())
    assert len(seen - {before}) == 6
    dashboard.page.select_option(MENU, "")
    dashboard.wait_for_picture(before)
    assert dashboard.control("post.custom").input_value() == ""


def test_an_effect_travels_in_the_address(dashboard: Dashboard) -> None:
    text = "// halves & more: 100 % #1\ncolor = color * value;"
    write(dashboard, text)
    dashboard.settle()
    shown = dashboard.picture()
    dashboard.wait_for_hash("post.custom=")
    fragment = str(dashboard.page.evaluate("location.hash"))
    assert text in unquote(fragment)
    dashboard.page.goto("about:blank")
    dashboard.open(fragment)
    assert dashboard.picture() == shown
    assert dashboard.control("post.custom").input_value() == text


def test_an_address_with_an_effect_that_never_ends_opens_all_the_same(dashboard: Dashboard) -> None:
    before = dashboard.picture()
    dashboard.page.goto("about:blank")
    dashboard.open("#post.custom=for(%3B%3B)%3B")
    dashboard.page.locator(".message", has_text="The custom effect was stopped").wait_for()
    dashboard.settle()
    assert dashboard.picture() == before
