"""Pruning against equations 5.2 to 5.6, written out in numpy."""

import numpy as np
import pytest
import torch

from perturber.nets.pruning import kept_filters, pruned
from tests.nets.thesis import pruning_mask


@pytest.mark.parametrize("shape", [(64, 3, 7, 7), (204, 96, 3, 3), (48, 20, 1, 1), (200, 64)])
@pytest.mark.parametrize(
    "kept",
    [(0.25, 0.75), (0, 0.5), (0.5, 1), (0.29, 0.71), (0.001, 1), (0, 0.999), (0.3, 0.3), (0, 0), (1, 1)],
)
def test_filters_are_pruned_by_the_book(shape: tuple[int, ...], kept: tuple[float, float]) -> None:
    kernel = np.random.default_rng(0).normal(size=shape)
    mask = pruning_mask(kernel, *kept)
    stays = kept_filters(torch.from_numpy(kernel), kept)
    np.testing.assert_array_equal(stays.numpy(), mask.astype(bool))
    expected = kernel * mask.reshape(-1, *[1] * (len(shape) - 1))
    np.testing.assert_array_equal(pruned(torch.from_numpy(kernel), stays).numpy(), expected)


def test_the_bounds_are_strict() -> None:
    kernel = torch.arange(8.0)[:, None]
    assert kept_filters(kernel, (0.25, 0.75)).nonzero().flatten().tolist() == [3, 4, 5]
    assert kept_filters(kernel, (0, 0.5)).nonzero().flatten().tolist() == [1, 2, 3]


def test_the_whole_range_prunes_nothing() -> None:
    assert kept_filters(torch.randn(16, 3, 1, 1), (0.0, 1.0)).all()


def test_filters_of_equal_magnitude_go_in_their_own_order() -> None:
    assert kept_filters(torch.ones(400, 2), (0.5, 1)).nonzero().flatten().tolist() == list(range(201, 400))
