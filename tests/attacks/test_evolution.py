"""Black-box evolution: what it may see, what it keeps, what it paints."""

import math

import pytest
import torch
from torch import Tensor, nn

from perturber.attacks.attack import AttackState, Network, advance
from perturber.attacks.catalog import AttackSettings, Norm, make
from perturber.attacks.errors import AttackError
from perturber.attacks.evolution import CHILDREN, PARENTS, Population
from perturber.attacks.goal import Goal

METHODS = ("evolution", "cppn")


def _begin(pictures: Tensor, seed: int = 0) -> AttackState:
    return AttackState.begin(pictures[:1], Goal((4,), targeted=True), seed)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 0.05), ("l2", 1.0), ("linf", math.inf)])
def test_fitness_never_falls_and_rises_in_the_end(
    small: nn.Module, pictures: Tensor, method: str, norm: Norm, epsilon: float
) -> None:
    fitness, firsts = -math.inf, []
    for state in advance(make(AttackSettings(method, norm, epsilon)), small, _begin(pictures), 25):
        assert isinstance(state.memory, Population)
        best = float(state.goal.objective(small(state.picture)).detach())
        assert best == pytest.approx(state.memory.fitness[0], abs=1e-5)
        assert best >= fitness - 1e-5
        fitness = best
        firsts.append(best)
        if math.isfinite(epsilon):
            assert float(state.size(norm)) <= epsilon * (1 + 1e-5)
        assert float(state.picture.min()) >= 0
        assert float(state.picture.max()) <= 1
    assert firsts[-1] > firsts[0]


@pytest.mark.parametrize("method", METHODS)
def test_only_outputs_are_asked_for_sixteen_a_generation(
    small: nn.Module, pictures: Tensor, method: str
) -> None:
    asked = []

    def watched(x: Tensor, /) -> Tensor:
        assert not torch.is_grad_enabled()
        asked.append(len(x))
        result: Tensor = small(x)
        return result

    list(advance(make(AttackSettings(method, "linf", 0.1)), watched, _begin(pictures), 3))
    assert asked == [PARENTS + CHILDREN] * 3


@pytest.mark.parametrize("method", METHODS)
def test_a_bounded_attack_starts_at_the_original(pictures: Tensor, method: str) -> None:
    """To a network that likes nothing better than the original, the neutral genome stays the fittest."""

    def loyal(x: Tensor, /) -> Tensor:
        distance = (x - pictures[:1]).abs().mean((1, 2, 3))
        return torch.stack([distance * 0] * 4 + [-distance * 1000], 1)

    for norm in ("linf", "l2"):
        *_, state = advance(make(AttackSettings(method, norm, 0.5)), loyal, _begin(pictures), 3)
        assert torch.equal(state.picture, pictures[:1])


def test_a_cppn_paints_smoothly_where_direct_encoding_paints_noise(small: nn.Module) -> None:
    def roughness(method: str) -> float:
        state = _begin(torch.full((1, 3, 64, 64), 0.5), seed=3)
        *_, state = advance(make(AttackSettings(method, "l2", 5.0)), small, state, 5)
        p = state.perturbation
        return float((p[..., 4:, :] - p[..., :-4, :]).square().mean() / p.square().mean())

    assert roughness("cppn") < 0.5 * roughness("evolution")


def test_changed_settings_or_methods_go_on_from_what_there_is(small: nn.Module, pictures: Tensor) -> None:
    attack = make(AttackSettings("evolution", "linf", 0.2))
    *_, state = advance(attack, small, _begin(pictures), 3)
    tighter = make(AttackSettings("evolution", "linf", 0.05)).step(small, state)
    assert float(tighter.size("linf")) <= 0.05 * (1 + 1e-5)
    for method in ("pgd", "cppn"):
        stepped = make(AttackSettings(method, "linf", 0.2)).step(small, state)
        assert stepped.steps == 4


def test_one_picture_at_a_time(small: nn.Module, pictures: Tensor) -> None:
    network: Network = small
    state = AttackState.begin(pictures, Goal((0, 1, 2, 3), targeted=True))
    with pytest.raises(AttackError, match="picture: expected one, got 4"):
        make(AttackSettings("evolution", "linf", 0.1)).step(network, state)
