"""The menu of neuron groups, the number of neurons, and what the page says of how a group was found."""

import random

from perturber import selection
from perturber.parameters import SceneState
from tests.browser.driver import Dashboard
from tests.browser.test_models import type_units, wait_for_tiles
from tests.browser.test_modules import run

DOG = selection.offered()["tiny-imagenet:mixed4c.dog"]


def names(units: tuple[int, ...]) -> list[str]:
    return [f"mixed4c:{unit}" for unit in units]


def test_a_group_sets_layer_and_units_and_says_how_it_was_found(dashboard: Dashboard) -> None:
    dashboard.control("view.group").select_option(DOG.name)
    wait_for_tiles(dashboard, names(DOG.units[:4]))
    assert dashboard.page.get_by_role("radio", name="mixed4c").is_checked()
    assert dashboard.page.locator("#group-found").inner_text() == DOG.found
    dashboard.wait_for_hash("view.group=tiny-imagenet:mixed4c.dog")


def test_the_number_of_neurons_and_the_arrows_go_through_the_group(dashboard: Dashboard) -> None:
    dashboard.control("view.group").select_option(DOG.name)
    dashboard.control("view.count", ".value").fill("3")
    wait_for_tiles(dashboard, names(DOG.units[:3]))
    for first in (3, 6, 0):
        dashboard.page.get_by_role("button", name="Next units").click()
        wait_for_tiles(dashboard, names(DOG.units[first : first + 3]))
    dashboard.page.get_by_role("button", name="Previous units").click()
    wait_for_tiles(dashboard, names(DOG.units[6:]))
    assert dashboard.control("view.group").input_value() == DOG.name


def test_typed_units_and_another_layer_are_ones_own_choice(dashboard: Dashboard) -> None:
    dashboard.control("view.group").select_option(DOG.name)
    type_units(dashboard, "7, 8")
    wait_for_tiles(dashboard, ["mixed4c:7", "mixed4c:8"])
    assert dashboard.control("view.group").input_value() == "own"
    assert dashboard.number("view.count") == 2
    assert dashboard.page.locator("#group-found").inner_text() == "Own choice of units."
    dashboard.control("view.group").select_option(DOG.name)
    dashboard.page.get_by_role("radio", name="conv2d1").check()
    assert dashboard.control("view.group").input_value() == "own"


def test_the_shown_layers_groups_come_first_in_the_menu(dashboard: Dashboard) -> None:
    dashboard.page.get_by_role("radio", name="conv2d2").check()
    sets = dashboard.control("view.group").locator("optgroup")
    assert sets.first.get_attribute("label") == "conv2d2"
    first = sets.first.locator("option").all_inner_texts()
    assert first == ["Orientation (8)", "Spatial Frequency (8)", "Colour Opponency (8)", "Curvature (8)"]


def test_a_link_to_a_group_opens_it(dashboard: Dashboard) -> None:
    dashboard.page.goto("about:blank")
    dashboard.open(f"#view.group={DOG.name}&view.count=6")
    wait_for_tiles(dashboard, names(DOG.units[:6]))


def test_page_and_server_agree_on_what_follows(dashboard: Dashboard) -> None:
    """The same patches, one after the other, on both sides."""
    body = """const values = new Map(Object.entries(x.start));
      return x.patches.map((patch) => {
        const after = (key) => patch[key] ?? values.get(key);
        const following = m.followSelection(x.groups, after, patch);
        for (const [key, value] of Object.entries({ ...patch, ...following })) values.set(key, value);
        return Object.fromEntries(values); });"""
    chance = random.Random(5)
    patches: list[dict[str, object]] = []
    for _ in range(200):
        patch: dict[str, object] = {}
        if chance.random() < 0.4:
            patch["view.group"] = chance.choice([*selection.offered(), "own"])
        if chance.random() < 0.3:
            patch["view.count"] = chance.randint(1, 8)
        if chance.random() < 0.3:
            patch["view.units"] = ",".join(map(str, chance.sample(range(12), chance.randint(1, 8))))
        patches.append(patch)
    state, keys, expected = SceneState.default(), ["view.group", "view.layer", "view.units", "view.count"], []
    start = {key: state[key] for key in keys}
    for patch in patches:
        state = state.changed(patch)
        expected.append({key: state[key] for key in keys})
    argument = {"start": start, "patches": patches, "groups": selection.describe()}
    assert run(dashboard, "selection", body, argument) == expected
