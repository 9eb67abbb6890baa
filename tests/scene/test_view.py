"""The typed view of a state."""

import pickle

import pytest

from perturber.parameter import Parameter, Value
from perturber.parameters import TABLE, SceneState
from perturber.scene.view import SceneView, effective_morph


def another_value(parameter: Parameter) -> Value:
    """A value that isn't the default."""
    if parameter.kind == "content":
        return "0" * 64
    if parameter.kind == "flag":
        return not parameter.default
    if parameter.kind in ("choice", "units"):
        return "another"
    return parameter.maximum if parameter.default != parameter.maximum else parameter.minimum


@pytest.mark.parametrize("parameter", TABLE.values(), ids=TABLE)
def test_a_view_depends_on_the_scene_parameters_and_on_no_others(parameter: Parameter) -> None:
    default = SceneState.default()
    values = {**default, parameter.key: another_value(parameter)}
    changed = SceneView.from_state(SceneState(tuple(values.values()))) != SceneView.from_state(default)
    by_itself = parameter.group != "Own Files" and parameter.key not in ("scene.source", "scene.featvis")
    assert changed == (parameter.stage == "scene" and by_itself)


OWN_FILES = ["scene.object_file", "scene.object_end_file", "scene.object_up"]
OWN_BACKGROUNDS = ["scene.background_file", "scene.background_shape"]


@pytest.mark.parametrize("key", OWN_FILES + OWN_BACKGROUNDS)
def test_own_files_count_once_they_are_shown(key: str) -> None:
    shown = SceneState.default().changed({"scene.object": "custom", "scene.background": "custom"})
    choices = {"scene.object_up": "z", "scene.background_shape": "panorama"}
    changed = shown.changed({key: choices.get(key, "1" * 64)})
    assert SceneView.from_state(changed) != SceneView.from_state(shown)


@pytest.mark.parametrize(
    ("overall", "own", "expected"),
    [(0, 0, 0), (1, 0, 1), (0, 1, 1), (0.5, 0.5, 0.75), (0.25, 0, 0.25), (1, 1, 1)],
)
def test_overall_and_own_morph_share_the_way(overall: float, own: float, expected: float) -> None:
    assert effective_morph(overall, own) == expected


def test_a_view_is_small_on_the_wire() -> None:
    view = SceneView.from_state(SceneState.default())
    assert pickle.loads(pickle.dumps(view)) == view
    assert len(pickle.dumps(view)) < 600
