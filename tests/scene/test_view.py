"""The typed view of a state."""

import pickle

import pytest
from perturber.parameters import TABLE, Parameter, SceneState
from perturber.scene.view import SceneView, effective_morph


def another_value(parameter: Parameter) -> object:
    """A valid value that isn't the default; none where there is only one."""
    if parameter.kind == "flag":
        return not parameter.default
    if parameter.kind == "choice":
        return next((value for value in parameter.choices if value != parameter.default), None)
    if parameter.kind == "units":
        return "7"
    middle = (parameter.minimum + parameter.maximum) / 2
    return next(
        int(v) if parameter.kind == "integer" else v
        for v in (middle, parameter.maximum)
        if v != parameter.default
    )


@pytest.mark.parametrize("parameter", TABLE.values(), ids=TABLE)
def test_a_view_depends_on_the_scene_parameters_and_on_no_others(parameter: Parameter) -> None:
    value = another_value(parameter)
    if value is None:
        pytest.skip(f"{parameter.key} has one choice so far: a second one makes this run")
    default = SceneState.default()
    changed = SceneView.from_state(default.changed({parameter.key: value})) != SceneView.from_state(default)
    assert changed == (parameter.stage == "scene")


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
