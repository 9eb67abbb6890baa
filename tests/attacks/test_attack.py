"""What all attacks share: states that never change, steps that repeat, and the table."""

import dataclasses
import math
import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn

from perturber.attacks.attack import AttackState, advance
from perturber.attacks.catalog import DEFAULT_EPSILON, METHODS, AttackSettings, Norm, make
from perturber.attacks.errors import AttackError
from perturber.attacks.goal import Goal
from perturber.attacks.history import LIMIT, History
from perturber.attacks.overlay import overlay
from perturber.nets.classifier import PictureError

CASES = [(method.name, norm) for method in METHODS.values() for norm in method.norms]


def _settings(method: str, norm: Norm) -> AttackSettings:
    return AttackSettings(method, norm, 12 if norm == "l0" else 0.2)


def _begin(pictures: Tensor, seed: int = 7) -> AttackState:
    return AttackState.begin(pictures[:1], Goal((2,), targeted=True), seed)


@pytest.mark.parametrize(("method", "norm"), CASES)
def test_a_step_leaves_the_state_before_as_it_was(
    small: nn.Module, pictures: Tensor, method: str, norm: Norm
) -> None:
    attack = make(_settings(method, norm))
    history, seen = History((_begin(pictures),)), []
    for _ in range(4):
        seen.append(history.current.picture.clone())
        history = history.added(attack.step(small, history.current))
    for expected in reversed(seen):
        history = history.undone()
        assert torch.equal(history.current.picture, expected)
    assert history.undone() is history
    assert history.current.steps == 0
    assert float(history.current.perturbation.abs().max()) == 0


@pytest.mark.parametrize(("method", "norm"), CASES)
def test_the_same_seed_gives_the_same_attack_step_by_step_or_after_an_undo(
    small: nn.Module, pictures: Tensor, method: str, norm: Norm
) -> None:
    settings = _settings(method, norm)
    if METHODS[method].random_start:
        settings = dataclasses.replace(settings, random_start=True)
    one, two = (list(advance(make(settings), small, _begin(pictures), 4)) for _ in range(2))
    assert all(torch.equal(a.picture, b.picture) for a, b in zip(one, two, strict=True))
    again = make(settings).step(small, one[2])
    assert torch.equal(again.picture, one[3].picture)
    other = list(advance(make(settings), small, _begin(pictures, seed=8), 4))[-1]
    random = settings.random_start or METHODS[method].black_box
    assert torch.equal(other.picture, one[3].picture) is not random


def test_a_history_is_bounded(small: nn.Module, pictures: Tensor) -> None:
    history = History((_begin(pictures),))
    for state in advance(make(AttackSettings()), small, history.current, LIMIT + 10):
        history = history.added(state)
    assert len(history.states) == LIMIT
    assert history.current.steps == LIMIT + 10


@pytest.mark.parametrize(
    ("original", "goal", "seed", "error", "complaint"),
    [
        (torch.zeros(3, 8, 8), Goal((0,), True), 0, PictureError, "expected shape"),
        (torch.full((1, 3, 8, 8), math.nan), Goal((0,), True), 0, PictureError, "expected finite"),
        (torch.full((1, 3, 8, 8), 2.0), Goal((0,), True), 0, AttackError, r"expected values in \[0, 1\]"),
        (torch.zeros(1, 3, 8, 8), Goal((0, 1), True), 0, AttackError, "goal: expected 1 classes, got 2"),
        (torch.zeros(1, 3, 8, 8), Goal((0,), True), -1, AttackError, "seed: expected .* got -1"),
    ],
)
def test_what_cant_be_attacked_is_refused(
    original: Tensor, goal: Goal, seed: int, error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        AttackState.begin(original, goal, seed)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"method": "magic"}, "method: expected one of pgd, fgsm, .* got 'magic'"),
        ({"method": "jsma"}, "norm of jsma: expected l0, got 'l2'"),
        ({"norm": "l0"}, "norm of pgd: expected l2 or linf, got 'l0'"),
        ({"epsilon": -1.0}, "epsilon: expected a number of at least 0, got -1"),
        ({"epsilon": math.nan}, "epsilon: expected .* got nan"),
        ({"epsilon": math.inf}, "epsilon: expected a number of at least 0, got inf"),
        ({"step_size": math.inf}, "step_size: expected"),
        ({"method": "cppn", "step_size": 0.1}, "step_size of cppn: expected none, got 0.1"),
        ({"method": "fgsm", "random_start": True}, "random_start of fgsm: expected none"),
    ],
)
def test_settings_that_dont_fit_say_so(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(AttackError, match=complaint):
        AttackSettings(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(("method", "norm"), CASES)
def test_every_default_bound_fits_its_norm(
    small: nn.Module, pictures: Tensor, method: str, norm: Norm
) -> None:
    *_, state = advance(make(AttackSettings(method, norm, DEFAULT_EPSILON[norm])), small, _begin(pictures), 8)
    assert 0 < float(state.size(norm)) <= DEFAULT_EPSILON[norm] * (1 + 1e-5)


def test_the_table_can_be_read_without_torch() -> None:
    code = "import sys, perturber.attacks.catalog; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("original_alpha", "attack_alpha", "expected"),
    [(1, 1, [0.9, 0.1]), (1, 0, [0.7, 0.2]), (0, 1, [0.7, 0.4]), (0, 0, [0.5, 0.5]), (0.5, 0.5, [0.7, 0.3])],
)
def test_the_overlay_fades_picture_and_perturbation(
    original_alpha: float, attack_alpha: float, expected: list[float]
) -> None:
    original, picture = (
        torch.tensor(values).expand(1, 3, 1, 2).contiguous() for values in ([0.7, 0.2], [0.9, 0.1])
    )
    state = AttackState(original, picture, Goal((0,), targeted=False))
    shown = overlay(state, original_alpha, attack_alpha)
    torch.testing.assert_close(shown[0, 0, 0], torch.tensor(expected))
    if (original_alpha, attack_alpha) == (1, 1):
        assert torch.equal(shown, picture)


def test_the_overlay_stays_in_range() -> None:
    state = AttackState(torch.ones(1, 3, 1, 1), torch.zeros(1, 3, 1, 1), Goal((0,), targeted=False))
    assert float(overlay(state, 0.0, 1.0).min()) == 0
