"""The one table: every row is sound, every bad value is refused with what was expected and what came."""

import math
import random

import pytest

from perturber.commands.parameters import markdown
from perturber.nets.layers import CHANNELS
from perturber.parameter import Parameter, ParameterError, parse_units
from perturber.parameters import TABLE, SceneState
from perturber.paths import FRONTEND

NUMBERS = [parameter for parameter in TABLE.values() if parameter.kind in ("number", "integer")]


@pytest.mark.parametrize("parameter", TABLE.values(), ids=list(TABLE))
def test_the_default_is_a_value_of_the_parameter(parameter: Parameter) -> None:
    assert parameter.check(parameter.default) == parameter.default
    assert parameter.help
    assert parameter.label


@pytest.mark.parametrize("parameter", NUMBERS, ids=[parameter.key for parameter in NUMBERS])
def test_numbers_keep_within_their_bounds(parameter: Parameter) -> None:
    assert parameter.check(parameter.minimum) == parameter.minimum
    assert parameter.check(parameter.maximum) == parameter.maximum
    for outside in (parameter.minimum - 1e-6, parameter.maximum + 1e-6, math.nan, math.inf, 10**400):
        with pytest.raises(ParameterError) as caught:
            parameter.check(outside)
        assert caught.value.key == parameter.key
        assert f"[{parameter.minimum:g}, {parameter.maximum:g}]" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("post.hue", "red", "post.hue: expected a number in [-0.5, 0.5], got 'red'"),
        ("post.hue", True, "post.hue: expected a number in [-0.5, 0.5], got True"),
        ("post.hue", None, "got None"),
        ("post.patch_shuffle", 2.5, "expected an integer in [1, 8], got 2.5"),
        ("scene.background", "moon", "expected one of lawn"),
        ("scene.background", ["lawn"], "expected one of lawn"),
        ("view.predictions", 1, "expected true or false, got 1"),
        ("view.units", "0,0", "one to 8 different unit numbers"),
        ("view.units", "0,1,2,3,4,5,6,7,8", "one to 8 different unit numbers"),
        ("view.units", "-1", "one to 8 different unit numbers"),
        ("view.units", "٣", "one to 8 different unit numbers"),
        ("view.units", "1" * 5000, "(5002 characters)"),
        ("view.units", "508", "units below 508 (layer mixed4a), got [508]"),
        ("attack.target", 7, "attack.target: expected a class name or wnid"),
        ("attack.target", "x" * 201, "attack.target: expected a class name or wnid"),
        ("attack.target", "a\x00b", "attack.target: expected a class name or wnid"),
        ("edit.mix.conv2d0", 1.5, "edit.mix.conv2d0: expected a number in [0, 1], got 1.5"),
        ("edit.prune.conv2d0", "0.9,0.2", "two numbers 0 <= lower <= upper <= 1 such as '0.2,0.9'"),
        ("edit.prune.conv2d0", "0,1.01", "two numbers 0 <= lower"),
        ("edit.prune.conv2d0", "0,nan", "two numbers 0 <= lower"),
        ("edit.prune.conv2d0", "0.5", "two numbers 0 <= lower"),
        ("edit.prune.conv2d0", [0, 1], "two numbers 0 <= lower"),
        ("post.custom", 7, "post.custom: expected text of at most 4,000 characters in lines, or nothing"),
        ("post.custom", "x" * 4001, "expected text of at most 4,000 characters"),
        ("post.custom", "x" * 10**6, "expected text of at most 4,000 characters"),
        ("post.custom", "a\x00b", "expected text of at most 4,000 characters"),
        ("post.custom", "a\rb", "expected text of at most 4,000 characters"),
        ("post.custom", "\ud800", "expected text of at most 4,000 characters"),
        ("scene.featvis", 7, "a layer and one of its units such as 'mixed4a:222', or nothing, got 7"),
        ("scene.featvis", "mixed4a", "a layer and one of its units"),
        ("scene.featvis", "mixed4a:-1", "a layer and one of its units"),
        ("scene.featvis", "mixed4a:222,308", "a layer and one of its units"),
        ("scene.featvis", "mixed9z:1", "a layer from conv2d0 to mixed5b, got 'mixed9z'"),
        ("scene.featvis", "mixed4a:508", "a unit below 508 (layer mixed4a), got 508"),
        ("camera.jaw", 1, "expected a parameter key"),
    ],
)
def test_a_bad_value_is_refused_with_expected_and_received(key: str, value: object, complaint: str) -> None:
    with pytest.raises(ParameterError) as caught:
        SceneState.default().changed({key: value})
    assert complaint in str(caught.value)


def test_a_patch_is_taken_whole_or_not_at_all() -> None:
    state = SceneState.default()
    with pytest.raises(ParameterError):
        state.changed({"camera.yaw": 10, "post.hue": 9})
    assert state == SceneState.default()


def test_a_layer_change_may_bring_its_units_along() -> None:
    state = SceneState.default().changed({"view.layer": "mixed5b", "view.units": "1023"})
    assert state.units == (1023,)
    with pytest.raises(ParameterError):
        state.changed({"view.layer": "conv2d0"})


def test_the_difference_restores_the_state() -> None:
    generator = random.Random(7)
    patch = {
        row.key: row.check(generator.uniform(row.minimum, row.maximum)) for row in NUMBERS if row.step < 1
    }
    state = SceneState.default().changed(patch)
    assert SceneState.default().changed(state.difference()) == state
    assert SceneState.default().difference() == {}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("camera.yaw", "-23.3", -23.3),
        ("post.patch_shuffle", "4", 4),
        ("view.predictions", "false", False),
        ("scene.background", "lawn", "lawn"),
        ("view.units", "222, 308", "222,308"),
        ("attack.target", " tabby, tabby cat ", "tabby, tabby cat"),
        ("post.custom", "if (true)\r\n\tcolor.r = 1.0;\n", "if (true)\n  color.r = 1.0;\n"),
        ("post.custom", "", ""),
        ("scene.featvis", " mixed4a : 0222 ", "mixed4a:222"),
        ("scene.featvis", "", ""),
        ("edit.mix.classifier", "0.25", 0.25),
        ("edit.prune.mixed3a", "0.20, .9", "0.2,0.9"),
    ],
)
def test_text_of_the_command_line_becomes_a_value(key: str, text: str, value: object) -> None:
    assert TABLE[key].parse(text) == value


@pytest.mark.parametrize(
    ("key", "text"), [("camera.yaw", "left"), ("camera.yaw", "nan"), ("view.predictions", "maybe")]
)
def test_text_that_is_no_value_is_refused(key: str, text: str) -> None:
    with pytest.raises(ParameterError, match=f"{key}: expected .*, got '?{text}"):
        TABLE[key].parse(text)


def test_a_stage_changes_only_with_its_own_parameters() -> None:
    state = SceneState.default()
    turned = state.changed({"camera.yaw": 1})
    assert turned.stage("scene") != state.stage("scene")
    assert turned.stage("post", "frequency", "model", "view") == state.stage(
        "post", "frequency", "model", "view"
    )


def test_units_are_those_of_the_published_network() -> None:
    # Szegedy et al. 2015, table 1; the published graph's mixed4a has 508 (204 + 208 + 48 + 48).
    assert CHANNELS["mixed3a"] == 64 + 128 + 32 + 32
    assert CHANNELS["mixed4a"] == 204 + 208 + 48 + 48
    assert CHANNELS["mixed5b"] == 384 + 384 + 128 + 128
    assert parse_units("0") == (0,)


def test_the_documentation_is_made_from_the_table() -> None:
    page = FRONTEND.parent / "docs" / "parameters.md"
    assert page.read_text(encoding="utf-8") == markdown(), "run `make docs`"
