"""The Edited Model on the page: its switch, its sliders, its files."""

import json
from pathlib import Path

from perturber.nets.edit import EDITABLE, Prune, read_edit
from tests.browser.driver import Dashboard

EDITED_MAPS = ".edited .tile canvas"


def enable(dashboard: Dashboard) -> None:
    dashboard.control("edited.enabled").check()
    dashboard.page.wait_for_selector("#predictions .edited .class-row")
    dashboard.settle()


def edited_maps(dashboard: Dashboard) -> list[str]:
    canvases = dashboard.page.locator(EDITED_MAPS)
    return list(canvases.evaluate_all("nodes => nodes.map((node) => node.toDataURL())"))


def test_the_edited_model_comes_with_its_switch(dashboard: Dashboard) -> None:
    panel = dashboard.page.locator("#weight-editing")
    assert not panel.is_visible()
    assert not dashboard.page.locator("#predictions .edited").is_visible()
    enable(dashboard)
    assert panel.is_visible()
    assert dashboard.page.locator(EDITED_MAPS).count() == 4
    dashboard.wait_for_hash(r"^#edited\.enabled=true$")


def test_mix_sliders_go_one_by_one_all_at_once_and_up_to_a_layer(dashboard: Dashboard) -> None:
    enable(dashboard)
    page = dashboard.page

    def alphas() -> list[float]:
        return [dashboard.number(f"edit.mix.{layer}") for layer in EDITABLE]

    dashboard.control("edit.mix.conv2d0").fill("0.5")
    dashboard.wait_for_hash(r"edit\.mix\.conv2d0=0\.5")
    assert alphas() == [0.5] + [0] * 12
    page.get_by_role("button", name="Up to mixed3a from Model 2").click()
    assert alphas() == [1] * 4 + [0] * 9
    page.get_by_role("button", name="All Model 2").click()
    assert alphas() == [1] * 13
    page.get_by_role("button", name="All Model 1").click()
    assert alphas() == [0] * 13
    dashboard.settle()


def test_a_range_is_moved_by_keyboard_and_its_ends_do_not_cross(dashboard: Dashboard) -> None:
    enable(dashboard)
    dashboard.control("edit.mode").select_option("prune")
    dashboard.settle()
    before = edited_maps(dashboard)
    lower, upper = (
        dashboard.page.get_by_role("slider", name=f"conv2d1, {end} end") for end in ("lower", "upper")
    )
    upper.focus()
    for _ in range(6):
        dashboard.page.keyboard.press("PageDown")
    lower.focus()
    dashboard.page.keyboard.press("End")
    dashboard.settle()
    assert lower.input_value() == upper.input_value()
    dashboard.page.keyboard.press("Home")
    dashboard.settle()
    share = float(upper.input_value())
    assert 0.3 < share < 0.5
    kept = sum(0 < rank < share * 64 for rank in range(64))
    dashboard.page.wait_for_function(
        "percent => document.querySelector('[data-key=\"edit.prune.conv2d1\"] .kept').value === percent",
        arg=f"{kept / 64:.0%}".replace("%", " %"),
    )
    assert edited_maps(dashboard) != before
    dashboard.page.keyboard.press("Delete")
    dashboard.settle()
    assert edited_maps(dashboard) == before


def test_an_edit_is_saved_loaded_and_refused_whole(dashboard: Dashboard, tmp_path: Path) -> None:
    dashboard.open("#edited.enabled=true&edit.mode=prune&edit.prune.conv2d2=0.25,0.75")
    page = dashboard.page
    with page.expect_download() as download:
        page.get_by_role("button", name="Save edit as JSON").click()
    text = download.value.path().read_text()
    edit = read_edit(text)
    assert isinstance(edit, Prune)
    assert edit.by_layer()["conv2d2"] == (0.25, 0.75)
    page.locator("#reset-all").click()
    enable(dashboard)
    chooser = page.get_by_label("Edit file")
    for broken in ("{", '{"mode": "mix"}', text.replace("0.75", "0.15"), text.replace("conv2d2", "conv9")):
        (tmp_path / "broken.json").write_text(broken)
        chooser.set_input_files(tmp_path / "broken.json")
        page.get_by_text("broken.json is not an edit").wait_for()
        page.get_by_role("button", name="Dismiss").click()
        dashboard.wait_for_hash(r"^#edited\.enabled=true$")
    (tmp_path / "edit.json").write_text(json.dumps(json.loads(text)))
    chooser.set_input_files(tmp_path / "edit.json")
    dashboard.wait_for_hash(r"edit\.mode=prune&edit\.prune\.conv2d2=0\.25,0\.75")
    dashboard.settle()
