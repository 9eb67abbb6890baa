"""Paintings repeat with their seed, are of many kinds, and no two are alike."""

import itertools

import numpy as np
import pytest
import torch

from perturber.training import fields
from perturber.training.paintings import KINDS, paintings


def test_paintings_repeat_with_the_seed_and_go_on_where_few_end() -> None:
    few, many = paintings(14, 3), paintings(20, 3)
    assert few.shape == (14, 3, 64, 64)
    assert few.dtype == torch.uint8
    assert torch.equal(few, many[:14])
    assert not torch.equal(few, paintings(14, 4))


def test_no_painting_is_plain_and_no_two_are_alike() -> None:
    made = paintings(3 * len(KINDS), 5).float()
    assert made.std(dim=(2, 3)).amax(1).min() > 8
    for one, other in itertools.combinations(made, 2):
        assert (one - other).abs().mean() > 8


def test_kinds_differ_in_scale_and_in_colour() -> None:
    """Textures of one scale or one hue would be no variety: neighbours correlate from hardly to fully, and
    no channel's mean is about the same everywhere."""
    made = paintings(6 * len(KINDS), 6).float() / 255
    grey = made.mean(1)
    grey = grey - grey.mean(dim=(1, 2), keepdim=True)
    likeness = (grey[:, :, 1:] * grey[:, :, :-1]).mean((1, 2)) / grey.square().mean((1, 2))
    assert likeness.min() < 0.5
    assert likeness.max() > 0.9
    assert (made.mean(dim=(2, 3)).std(0) > 0.08).all()


@pytest.mark.parametrize(
    "field",
    [
        fields.noise,
        fields.spots,
        fields.stripes,
        fields.marble,
        fields.rings,
        fields.checks,
        fields.cells,
        fields.facets,
        fields.swirls,
    ],
)
def test_a_field_fills_its_range_and_never_leaves_it(field: fields.Maker) -> None:
    for seed in range(5):
        values = field(np.random.default_rng(seed), 64)
        assert values.shape == (64, 64)
        assert values.min() >= 0
        assert values.max() <= 1
        assert np.ptp(values) > 0.7


def test_equalized_values_are_ranks() -> None:
    values = fields.equalized(np.array([[5.0, -1.0], [9.0, 6.0]]))
    np.testing.assert_allclose(values, [[1 / 3, 0], [1, 2 / 3]])
