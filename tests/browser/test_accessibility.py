"""Names, contrast, widths."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.driver import Dashboard, Server

WIDTHS = [390, 800, 1100, 1440]

# WCAG 2.2 relative luminance and contrast ratio, of every visible text against what lies behind it.
CONTRAST = """
() => {
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ({ r, g, b }) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const worst = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(node);
    const background = behind(node);
    let alpha = 1;
    for (let at = node; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    const ink = parse(style.color);
    const [light, dark] = [luminance(over({ ...ink, a: ink.a * alpha }, background)), luminance(background)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) worst.push(`${node.className || node.tagName} "${walker.currentNode.textContent.trim()}": ${ratio.toFixed(2)}`);
  }
  return worst;
}
"""  # noqa: E501


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_text_has_a_contrast_of_at_least_4_5(
    new_page: Callable[..., Page], server: Server, scheme: str
) -> None:
    dashboard = Dashboard(new_page(server.url, color_scheme=scheme), server.url)
    dashboard.open("#morph.overall=0.5&nonsense=1")
    assert dashboard.page.evaluate("document.documentElement.dataset.theme") == scheme
    assert dashboard.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_page(new_page: Callable[..., Page], server: Server, width: int) -> None:
    page = new_page(server.url, viewport={"width": width, "height": 844})
    dashboard = Dashboard(page, server.url)
    dashboard.open("#view.units=222,308,100,101,102,103,104,105")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inner = """[...document.querySelectorAll("main > section, .model, .group-body")]
      .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.id || node.className)"""
    assert page.evaluate(inner) == []


@pytest.mark.parametrize("width", [390, 800])
def test_the_scene_stays_in_view_while_the_page_scrolls(
    new_page: Callable[..., Page], server: Server, width: int
) -> None:
    page = new_page(server.url, viewport={"width": width, "height": 844})
    dashboard = Dashboard(page, server.url)
    dashboard.open()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("scrollY > 0")
    box = page.locator("#scene").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 844


def test_everything_that_takes_input_has_a_name_of_its_own(dashboard: Dashboard) -> None:
    protocol = dashboard.page.context.new_cdp_session(dashboard.page)
    protocol.send("Accessibility.enable")
    nodes = protocol.send("Accessibility.getFullAXTree")["nodes"]
    interactive = {"slider", "spinbutton", "combobox", "textbox", "switch", "checkbox", "radio", "button"}
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node.get("ignored") and node["role"]["value"] in interactive
    ]
    assert len(named) > 60
    assert [role for role, name in named if not name] == []
    sliders = [name for role, name in named if role == "slider"]
    assert len(sliders) == len(set(sliders))


def test_tab_reaches_scene_and_controls_with_a_visible_focus(dashboard: Dashboard) -> None:
    reached = set()
    for _ in range(40):
        dashboard.page.keyboard.press("Tab")
        outline, name = dashboard.page.evaluate(
            """() => [getComputedStyle(document.activeElement).outlineStyle,
                      document.activeElement.id || document.activeElement.className]"""
        )
        assert outline != "none", name
        reached.add(name)
    assert {"scene", "copy-link", "scene.texture_blur", "scene.texture_blur.value"} <= reached
