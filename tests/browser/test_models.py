"""Neurons and predictions."""

from tests.browser.driver import Dashboard


def tile_names(dashboard: Dashboard) -> list[str]:
    return [str(name) for name in dashboard.page.locator(".model1 .tile .tile-name").all_inner_texts()]


def wait_for_tiles(dashboard: Dashboard, expected: list[str]) -> None:
    dashboard.page.wait_for_function(
        """expected => JSON.stringify([...document.querySelectorAll(".model1 .tile .tile-name")]
             .map((node) => node.textContent)) === JSON.stringify(expected)""",
        arg=expected,
    )


def type_units(dashboard: Dashboard, text: str) -> None:
    dashboard.control("view.units").fill(text)
    dashboard.page.keyboard.press("Enter")


def test_typed_units_choose_the_layer_too(dashboard: Dashboard) -> None:
    type_units(dashboard, "mixed3a:5, 6")
    wait_for_tiles(dashboard, ["mixed3a:5", "mixed3a:6"])
    assert dashboard.page.get_by_role("radio", name="mixed3a").is_checked()


def test_a_bad_entry_says_what_was_expected_and_loses_nothing(dashboard: Dashboard) -> None:
    before = tile_names(dashboard)
    error = dashboard.page.locator('[id="view.units.error"]')
    for entry, expected in (
        ("1, x", "one to 8 different unit numbers"),
        ("3, 3", "one to 8 different unit numbers"),
        ("mixed4a:508", "units below 508"),
        ("mixed9z:1", "a layer from conv2d0 to mixed5b"),
    ):
        type_units(dashboard, entry)
        assert expected in error.inner_text()
        assert dashboard.control("view.units").input_value() == entry
        assert tile_names(dashboard) == before
    type_units(dashboard, "7")
    wait_for_tiles(dashboard, ["mixed4a:7"])
    assert error.inner_text() == ""


def test_units_that_the_new_layer_does_not_have_are_replaced(dashboard: Dashboard) -> None:
    type_units(dashboard, "mixed5b:1000, 3, 900, 40")
    dashboard.page.get_by_role("radio", name="conv2d0").check()
    wait_for_tiles(dashboard, ["conv2d0:0", "conv2d0:3", "conv2d0:1", "conv2d0:40"])


def test_stepping_pages_through_the_units_and_around(dashboard: Dashboard) -> None:
    dashboard.page.get_by_role("button", name="Next units").click()
    wait_for_tiles(dashboard, [f"mixed4a:{unit}" for unit in (4, 5, 6, 7)])
    for _ in range(2):
        dashboard.page.get_by_role("button", name="Previous units").click()
    wait_for_tiles(dashboard, [f"mixed4a:{unit}" for unit in (504, 505, 506, 507)])


def test_hovering_a_map_reads_the_value_and_a_click_enlarges_it(dashboard: Dashboard) -> None:
    tile = dashboard.page.locator(".model1 .tile").first
    tile.locator("canvas").hover(position={"x": 3, "y": 3})
    assert tile.locator(".tile-readout").inner_text().startswith("(0, 0) ")
    tile.click()
    dialog = dashboard.page.get_by_role("dialog")
    assert "mixed4a:0" in dialog.inner_text()
    dashboard.page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_the_legend_names_divisor_and_meaning(dashboard: Dashboard) -> None:
    legend = dashboard.page.locator(".model1 .legend")
    assert "4 \N{GREEK SMALL LETTER SIGMA}" in legend.inner_text()
    dashboard.control("view.normalization", ".value").fill("2")
    dashboard.page.wait_for_function(
        """() => { const text = document.querySelector(".model1 .legend").innerText;
                   return text.includes("10^2") && text.includes("+100") && text.includes("\\u2212100"); }"""
    )


def test_switches_stop_maps_models_and_predictions(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.get_by_role("switch", name="Show Activations").uncheck()
    page.wait_for_selector(".tile", state="hidden")
    page.get_by_role("switch", name="Predictions").uncheck()
    page.wait_for_selector(".class-row", state="hidden")
    page.get_by_role("switch", name="Predictions").check()
    page.locator('[id="model2.enabled"]').uncheck()
    page.wait_for_selector("#predictions .model2", state="hidden")
    assert page.locator("#predictions .model1 .class-row").count() == 5
    dashboard.settle()


def test_five_classes_with_logit_and_probability_highest_first(dashboard: Dashboard) -> None:
    rows = dashboard.page.locator("#predictions .model1 .class-row")
    numbers = [row.locator(".class-number").all_inner_texts() for row in rows.all()]
    logits = [float(logit.replace("\N{MINUS SIGN}", "-")) for logit, _ in numbers]
    shares = [float(share.removesuffix(" %")) for _, share in numbers]
    assert len(logits) == 5
    assert logits == sorted(logits, reverse=True)
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 100.3


def test_pointing_at_a_class_shows_its_picture_or_its_name(dashboard: Dashboard) -> None:
    panel = dashboard.page.locator("#predictions .model1")
    third = panel.locator(".class-row").nth(2)
    name = third.locator(".class-name").inner_text()
    third.hover()
    assert panel.locator(".class-title").inner_text() == name
    panel.locator(".model-header").hover()
    assert panel.locator(".class-title").inner_text() == panel.locator(".class-name").first.inner_text()
    third.focus()
    assert panel.locator(".class-title").inner_text() == name


def test_rows_keep_their_place_while_values_stream(dashboard: Dashboard) -> None:
    def boxes() -> list[dict[str, float]]:
        nodes = dashboard.page.locator("#picture, .class-row, .tile canvas").all()
        return [box for node in nodes if (box := node.bounding_box())]

    before, picture = boxes(), dashboard.picture()
    dashboard.drag(50, 20)
    dashboard.wait_for_other_picture(picture)
    dashboard.control("morph.overall").fill("1")
    dashboard.settle()
    assert boxes() == before
