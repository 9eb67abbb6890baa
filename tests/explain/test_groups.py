"""Neuron groups: what is shipped, and what is refused."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from perturber.explain.groups import GroupsError, groups, read_groups
from perturber.nets.layers import CHANNELS

FAMILIES = ("tiny-imagenet", "imagenet")
# Thesis, table 5.1: groups of the Circuits project in each layer (mixed3b has 21 there, 34 in the lists).
TABLE_5_1 = {
    "conv2d0": 3,
    "conv2d1": 8,
    "conv2d2": 14,
    "mixed3a": 18,
    "mixed4a": 20,
    "mixed4b": 8,
    "mixed4c": 5,
    "mixed4d": 3,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_unit_is_one_of_its_layer_and_every_group_says_how_it_was_found(family: str) -> None:
    for group in groups(family):
        assert group.units, group.name
        assert max(group.units) < CHANNELS[group.layer], group.name
        assert len(set(group.units)) == len(group.units), group.name
        assert group.name.startswith(f"{family}:{group.layer}."), group.name
        assert len(group.found) > 20, group.name


def test_the_published_network_has_the_groups_of_the_circuits_project() -> None:
    counts = Counter(group.layer for group in groups("imagenet") if "Circuits" in group.found)
    assert {layer: counts[layer] for layer in TABLE_5_1} == TABLE_5_1
    curves = next(group for group in groups("imagenet") if group.name == "imagenet:mixed3b.curves")
    # Cammarata et al. 2020, "Curve Detectors": the ten curve units of mixed3b.
    assert set(curves.units) == {379, 406, 385, 343, 342, 388, 340, 330, 349, 324}


def test_the_bundled_family_has_the_four_concepts_in_every_later_layer() -> None:
    names = {group.name for group in groups("tiny-imagenet")}
    for layer in ("mixed4a", "mixed4b", "mixed4c", "mixed4d", "mixed4e", "mixed5a", "mixed5b"):
        for concept in ("dog", "cat", "fire-truck", "race-car"):
            assert f"tiny-imagenet:{layer}.{concept}" in names
    assert all(len(group.units) <= 8 for group in groups("tiny-imagenet"))


def test_a_family_without_groups_has_none() -> None:
    assert groups("resnet18") == ()


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        '{"f": [{"found": "x"}]}',
        '{"f": [{"found": "x", "groups": {"a": 1}}]}',
        *(
            json.dumps({"f": [{"found": "x", "groups": rows}]})
            for rows in (
                [{"layer": "a", "name": "b", "label": "c"}],
                [{"layer": "a", "name": "b", "label": "c", "units": []}],
                [{"layer": "a", "name": "b", "label": "c", "units": [True]}],
                [{"layer": "a", "name": "b", "label": "c", "units": [-1]}],
                [{"layer": "a", "name": "b", "label": "c", "units": [1]}] * 2,
            )
        ),
    ],
)
def test_a_file_that_is_no_file_of_groups_is_refused_by_name(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "groups.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GroupsError, match="not a file of neuron groups"):
        read_groups(path)
