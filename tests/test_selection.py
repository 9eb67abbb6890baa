"""Group, layer, units and their count agree, whichever of them is set."""

import random

import pytest

from perturber import selection
from perturber.explain.groups import groups
from perturber.parameter import ParameterError
from perturber.parameters import SceneState

GROUPS = selection.offered()
DOG = GROUPS["tiny-imagenet:mixed4c.dog"]
CAT = GROUPS["tiny-imagenet:mixed5a.cat"]


def shown(*patches: dict[str, object]) -> tuple[str, str, tuple[int, ...], int]:
    """Group, layer, units and count after the patches."""
    state = SceneState.default()
    for patch in patches:
        state = state.changed(patch)
    return (
        state.text("view.group"),
        state.text("view.layer"),
        state.units,
        int(state.number("view.count")),
    )


def test_a_group_brings_its_layer_and_its_first_units() -> None:
    assert shown({"view.group": DOG.name}) == (DOG.name, "mixed4c", DOG.units[:4], 4)
    assert shown({"view.group": DOG.name, "view.count": 7}) == (DOG.name, "mixed4c", DOG.units[:7], 7)
    assert shown({"view.group": DOG.name}, {"view.group": CAT.name})[:3] == (
        CAT.name,
        "mixed5a",
        CAT.units[:4],
    )


def test_the_count_follows_the_group_and_stays_for_the_next() -> None:
    assert shown({"view.group": DOG.name}, {"view.count": 2})[2] == DOG.units[:2]
    assert shown({"view.group": DOG.name}, {"view.count": 2}, {"view.group": CAT.name})[2] == CAT.units[:2]


def test_other_units_or_another_layer_make_the_choice_ones_own() -> None:
    assert shown({"view.group": DOG.name}, {"view.units": "5,6"}) == ("own", "mixed4c", (5, 6), 2)
    assert shown({"view.group": DOG.name}, {"view.layer": "mixed5b"})[0] == "own"
    assert shown({"view.group": DOG.name}, {"view.group": "own"}) == ("own", "mixed4c", DOG.units[:4], 4)


def test_a_later_page_of_the_group_stays_the_group() -> None:
    page = ",".join(map(str, DOG.units[4:]))
    assert shown({"view.group": DOG.name}, {"view.units": page}) == (DOG.name, "mixed4c", DOG.units[4:], 4)


def test_a_count_without_a_group_adds_the_lowest_free_units_or_drops_the_last() -> None:
    assert shown({"view.units": "9,1"}, {"view.count": 5})[2] == (9, 1, 0, 2, 3)
    assert shown({"view.units": "9,1,7"}, {"view.count": 1})[2] == (9,)
    assert shown({"view.count": 6})[2] == (0, 1, 2, 3, 4, 5)
    assert shown({"view.units": "5,6", "view.count": 4})[2:] == ((5, 6), 2)


def test_any_sequence_of_patches_leaves_a_state_that_agrees_and_restores() -> None:
    chance = random.Random(3)
    state = SceneState.default()
    names = [*GROUPS, "own"]
    for _ in range(300):
        patch: dict[str, object] = {}
        if chance.random() < 0.4:
            patch["view.group"] = chance.choice(names)
        if chance.random() < 0.3:
            patch["view.count"] = chance.randint(1, 8)
        if chance.random() < 0.3:
            patch["view.units"] = ",".join(map(str, chance.sample(range(64), chance.randint(1, 8))))
        state = state.changed(patch)
        group = GROUPS.get(state.text("view.group"))
        if group is None:
            assert len(state.units) == state.number("view.count")
        else:
            assert state.text("view.layer") == group.layer
            assert set(state.units) <= set(group.units)
            assert len(state.units) <= state.number("view.count")
        assert SceneState.default().changed(state.difference()) == state


def test_an_unknown_group_is_refused_without_listing_all() -> None:
    with pytest.raises(ParameterError) as caught:
        SceneState.default().changed({"view.group": "dogs"})
    assert "view.group: expected one of own, tiny-imagenet:" in str(caught.value)
    assert f"... ({len(GROUPS) + 1} in all), got 'dogs'" in str(caught.value)


def test_only_families_in_the_catalog_are_offered() -> None:
    assert {group.name for group in groups("tiny-imagenet")} <= set(GROUPS)
    assert {row["family"] for row in selection.describe()} == {name.partition(":")[0] for name in GROUPS}
