"""Edits as values and as JSON: what is one comes back, what is none is refused in words."""

import json
import math

import pytest

from perturber.nets.edit import Base, Edit, EditError, Mix, Prune, read_edit
from perturber.nets.layers import CHANNELS

ONE, TWO = Base("standard"), Base("adversarial", 2000)


def test_every_layer_and_the_classifier_can_be_edited() -> None:
    assert list(Mix(ONE, TWO).by_layer()) == [*CHANNELS, "classifier"]
    assert set(Mix(ONE, TWO).by_layer().values()) == {0.0}
    assert set(Prune(ONE).by_layer().values()) == {(0.0, 1.0)}


def test_a_change_makes_another_edit_and_leaves_the_first() -> None:
    first = Mix(ONE, TWO)
    second = first.changed({"mixed3a": 0.25, "classifier": 1})
    assert first == Mix(ONE, TWO)
    changed = {layer: alpha for layer, alpha in second.by_layer().items() if alpha}
    assert changed == {"mixed3a": 0.25, "classifier": 1.0}
    assert second.changed({"mixed3a": 0, "classifier": 0}) == first
    assert len({first, second, Mix(ONE, TWO)}) == 2


def test_one_click_edits() -> None:
    edit = Mix(ONE, TWO).changed({"mixed4c": 0.5, "classifier": 0.1})
    assert edit.all_from_model1() == Mix(ONE, TWO)
    assert set(edit.all_from_model2().alphas) == {1.0}
    up_to = edit.model2_up_to("mixed3a").by_layer()
    from_model2 = [layer for layer, alpha in up_to.items() if alpha == 1]
    assert from_model2 == ["conv2d0", "conv2d1", "conv2d2", "mixed3a"]
    assert sum(up_to.values()) == 4
    assert edit.model2_up_to("classifier") == edit.all_from_model2()


@pytest.mark.parametrize(
    "edit",
    [
        Mix(ONE, TWO),
        Mix(ONE, TWO).changed({"conv2d0": 1 / 3, "mixed5b": 1}),
        Mix(ONE, TWO).model2_up_to("mixed4c"),
        Prune(TWO),
        Prune(TWO).changed({"conv2d2": (0.1, 0.7), "classifier": [0.5, 0.5]}),
    ],
)
def test_an_edit_comes_back_from_its_json(edit: Edit) -> None:
    text = edit.to_json()
    assert read_edit(text) == edit
    assert read_edit(text.encode()) == edit
    assert json.loads(text).keys() == {"mode", "model1", "layers"} | ({"model2"} & vars(edit).keys())


def test_edits_written_by_hand_may_be_short() -> None:
    text = '{"mode": "mix", "model1": {"variant": "standard"}, "model2": {"variant": "stylized"}}'
    assert read_edit(text) == Mix(ONE, Base("stylized"))
    text = '{"mode": "prune", "model1": {"variant": "standard"}, "layers": {"mixed3b": [0, 0.5]}}'
    assert read_edit(text) == Prune(ONE).changed({"mixed3b": (0, 0.5)})


@pytest.mark.parametrize("alpha", [-0.01, 1.01, math.nan, math.inf, True, "0.5", None, [0.5], 10**400])
def test_alphas_that_are_none_are_refused(alpha: object) -> None:
    with pytest.raises(EditError, match=r"layers.mixed3a: expected a number in \[0, 1\], got ") as raised:
        Mix(ONE, TWO).changed({"mixed3a": alpha})
    assert raised.value.field == "layers.mixed3a"
    assert raised.value.expected == "a number in [0, 1]"


@pytest.mark.parametrize(
    "kept", [(0.6, 0.5), (0, 1.1), (-1, 1), (math.nan, 1), (0, math.nan), (0,), (0, 0.5, 1), 0.5, "01", None]
)
def test_ranges_that_are_none_are_refused(kept: object) -> None:
    with pytest.raises(EditError, match=r"layers\.conv2d0: expected two numbers, 0 <= lower <= upper <= 1"):
        Prune(ONE).changed({"conv2d0": kept})


def test_rows_of_another_length_are_refused() -> None:
    with pytest.raises(EditError, match="layers: expected 13 settings, got 2"):
        Mix(ONE, TWO, (0.0, 1.0))
    with pytest.raises(EditError, match="layers: expected 13 settings, got 0"):
        Prune(ONE, ())


@pytest.mark.parametrize("layer", ["mixed6a", "softmax2", "", "mixed3a_1x1"])
def test_unknown_layers_are_refused(layer: str) -> None:
    for change in (Mix(ONE, TWO).model2_up_to, lambda name: Prune(ONE).changed({name: (0, 1)})):
        with pytest.raises(EditError, match=r"layers: expected one of conv2d0, .*, classifier, got "):
            change(layer)


MODEL = '{"variant": "standard"}'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "text: expected JSON"),
        ("{", "text: expected JSON"),
        (b"\xff\x00{", "text: expected JSON"),
        ("[" * 9_999, "text: expected JSON"),
        ("9" * 9_999, "text: expected"),
        ("[" * 900 + "]" * 900, "text: expected an object"),
        (" " * 10_001, "text: expected at most 10000 characters, got 10001"),
        ("[]", r"text: expected an object, got \[\]"),
        ("{}", "mode: expected mix or prune, got None"),
        ('{"mode": ["mix"]}', "mode: expected mix or prune"),
        ('{"mode": "mix"}', "model1: expected an object, got None"),
        (f'{{"mode": "mix", "model1": {MODEL}}}', "model2: expected an object, got None"),
        (
            f'{{"mode": "prune", "model1": {MODEL}, "model2": {MODEL}}}',
            "fields: expected only mode, model1, layers",
        ),
        ('{"mode": "prune", "model1": {"variant": ""}}', "model1.variant: expected a variant's name"),
        ('{"mode": "prune", "model1": {"variant": 3}}', "model1.variant: expected a variant's name, got 3"),
        ('{"mode": "prune", "model1": {"path": "/etc/passwd"}}', "model1: expected only variant, checkpoint"),
        (
            '{"mode": "prune", "model1": {"variant": "a", "checkpoint": 1.5}}',
            "model1.checkpoint: expected an",
        ),
        (
            '{"mode": "prune", "model1": {"variant": "a", "checkpoint": true}}',
            "checkpoint: expected an integer",
        ),
        (
            '{"mode": "prune", "model1": {"variant": "a", "checkpoint": -1}}',
            "checkpoint: expected an integer",
        ),
        (f'{{"mode": "prune", "model1": {MODEL}, "layers": []}}', "layers: expected an object"),
        (
            f'{{"mode": "prune", "model1": {MODEL}, "layers": {{"conv2d0": 0.5}}}}',
            "layers.conv2d0: expected two numbers",
        ),
        (
            f'{{"mode": "mix", "model1": {MODEL}, "model2": {MODEL}, "layers": {{"conv2d0": NaN}}}}',
            r"layers.conv2d0: expected a number in \[0, 1\], got nan",
        ),
    ],
)
def test_hostile_json_is_refused_in_words(text: str | bytes, complaint: str) -> None:
    with pytest.raises(EditError, match=complaint) as raised:
        read_edit(text)
    assert len(str(raised.value)) < 300
