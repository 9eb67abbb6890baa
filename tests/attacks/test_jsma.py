"""The saliency map attack: few pixels, the right ones."""

import math

import pytest
import torch
from torch import Tensor, nn

from perturber.attacks.attack import AttackState, advance
from perturber.attacks.catalog import AttackSettings, make
from perturber.attacks.goal import Goal


@pytest.mark.parametrize(("budget", "size"), [(1, 1), (7, 2), (40, 5), (40, None), (0, 1), (10_000, 30)])
@pytest.mark.parametrize("targeted", [False, True])
def test_at_most_so_many_pixels_change(
    small: nn.Module, pictures: Tensor, budget: int, size: int | None, targeted: bool
) -> None:
    attack = make(AttackSettings("jsma", "l0", budget, size))
    begin = AttackState.begin(pictures, Goal((0, 1, 2, 3), targeted))
    before = 0
    for state in advance(attack, small, begin, 12):
        changed = (state.picture != pictures).any(1).flatten(1).sum(1)
        assert int(changed.max()) <= budget
        assert int(changed.max()) - before <= (size or max(1, math.ceil(budget / 8)))
        before = int(changed.max())
        assert bool(((state.picture == pictures) | (state.picture == 0) | (state.picture == 1)).all())
    assert state.size("l0").tolist() == changed.tolist()


@pytest.mark.parametrize("targeted", [False, True])
def test_the_pixel_that_is_looked_at_most_goes_the_way_that_helps_most(targeted: bool) -> None:
    """A linear network of two classes: one pixel has ten times the weight of any other."""
    weights = torch.full((3, 6, 6), 0.1)
    weights[:, 2, 4] = torch.tensor([1.0, -1.0, 1.0])

    def linear(x: Tensor, /) -> Tensor:
        score = (x * weights).sum((1, 2, 3))
        return torch.stack([score, -score], 1)

    grey = torch.full((1, 3, 6, 6), 0.4)
    attack = make(AttackSettings("jsma", "l0", 1))
    state = attack.step(linear, AttackState.begin(grey, Goal((0,), targeted)))
    assert state.picture[0, :, 2, 4].tolist() == ([1, 0, 1] if targeted else [0, 1, 0])
    assert state.size("l0").tolist() == [1]


@pytest.mark.parametrize("targeted", [False, True])
def test_the_objective_rises(small: nn.Module, pictures: Tensor, targeted: bool) -> None:
    goal = Goal((0, 1, 2, 3), targeted)
    *_, ended = advance(make(AttackSettings("jsma", "l0", 40)), small, AttackState.begin(pictures, goal), 8)
    with torch.no_grad():
        assert bool((goal.objective(small(ended.picture)) > goal.objective(small(pictures))).all())


def test_a_spent_budget_leaves_the_picture(small: nn.Module, pictures: Tensor) -> None:
    attack = make(AttackSettings("jsma", "l0", 3, 3))
    once = attack.step(small, AttackState.begin(pictures, Goal((0, 1, 2, 3), targeted=True)))
    assert torch.equal(attack.step(small, once).picture, once.picture)
