"""Lengths and projections against NumPy and against what a projection is."""

import numpy as np
import pytest
import torch
from torch import Tensor

from perturber.attacks.ball import length, project, steepest
from perturber.attacks.catalog import NORMS, Norm


@pytest.fixture
def perturbation() -> Tensor:
    values = torch.randn(3, 3, 9, 7, generator=torch.Generator().manual_seed(0))
    values[:, :, 2] = 0
    values[0, 1:, 3] = 0
    values[2] = 0
    return values


def test_lengths_are_numpys(perturbation: Tensor) -> None:
    rows = perturbation.flatten(1).double().numpy()
    np.testing.assert_allclose(length(perturbation, "l2"), np.linalg.norm(rows, axis=1), rtol=1e-6)
    np.testing.assert_allclose(length(perturbation, "linf"), np.linalg.norm(rows, np.inf, axis=1), rtol=1e-6)
    assert length(perturbation, "l0").tolist() == [56, 56, 0]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("epsilon", [0.0, 0.5, 3.0, 20.0, 1000.0])
def test_a_projection_is_inside_and_the_nearest_point_there(
    perturbation: Tensor, norm: Norm, epsilon: float
) -> None:
    projected = project(perturbation, norm, epsilon)
    assert bool((length(projected, norm) <= epsilon * (1 + 1e-6)).all())
    torch.testing.assert_close(project(projected, norm, epsilon), projected)
    inside = length(perturbation, norm) <= epsilon
    assert torch.equal(projected[inside], perturbation[inside])
    distance = length(perturbation - projected, "l2")
    generator = torch.Generator().manual_seed(1)
    for _ in range(50):
        other = projected + 0.3 * torch.randn(perturbation.shape, generator=generator)
        assert bool((length(perturbation - project(other, norm, epsilon), "l2") >= distance - 1e-4).all())


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_no_direction_of_the_same_size_rises_more(perturbation: Tensor, norm: Norm) -> None:
    best = steepest(perturbation, norm)
    assert length(best, norm)[:2].tolist() == pytest.approx([1, 1])
    assert torch.equal(best[2], perturbation[2])
    generator = torch.Generator().manual_seed(2)
    for _ in range(50):
        other = torch.randn(perturbation.shape, generator=generator)
        other /= length(other, norm)[:, None, None, None]
        assert bool(((best - other) * perturbation).flatten(1).sum(1)[:2].gt(0).all())
