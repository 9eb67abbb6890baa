"""Correlations against NumPy's, and against what is known of a network and itself."""

import numpy as np
import pytest
import torch

from perturber.evaluation.alignment import Correlation, activation_correlations, weight_correlations
from perturber.nets import catalog
from perturber.nets.layers import CHANNELS
from perturber.nets.zoo import Zoo


@pytest.fixture(scope="module")
def zoo() -> Zoo:
    return Zoo("cpu")


def test_a_correlation_in_parts_is_that_of_the_whole() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(30, 7, generator=generator) + 100
    y = 0.5 * x + torch.randn(30, 7, generator=generator)
    correlation = Correlation()
    for first, second in zip(x.split(11), y.split(11), strict=True):
        correlation.add(first, second)
    expected = np.corrcoef(x.double().flatten().numpy(), y.double().flatten().numpy())[0, 1]
    assert correlation.value == pytest.approx(expected, abs=1e-9)


def test_a_constant_correlates_with_nothing() -> None:
    correlation = Correlation()
    correlation.add(torch.ones(5), torch.arange(5.0))
    assert correlation.value == 0


def test_a_network_is_aligned_with_itself_and_less_with_a_fine_tuning(zoo: Zoo) -> None:
    start = zoo.load("standard")
    entry = next(entry for entry in catalog.entries() if entry.base == "standard")
    other = zoo.load(entry.variant, entry.checkpoint)
    images = torch.randint(0, 256, (2, 3, 64, 64), generator=torch.Generator().manual_seed(1)).to(torch.uint8)
    same, less = activation_correlations(start, [start, other], images)
    assert list(same) == list(CHANNELS)
    assert all(value == pytest.approx(1, abs=1e-6) for value in same.values())
    assert all(-1 <= value < 1 - 1e-6 for value in less.values())
    states = [network.network.state_dict() for network in (start, start, other)]
    assert all(value == pytest.approx(1) for value in weight_correlations(*states[:2]).values())
    assert all(0 < value < 1 for value in weight_correlations(states[0], states[2]).values())


def test_a_blocks_weights_are_summed_up_by_their_mean(zoo: Zoo) -> None:
    """One of the six convolutions of mixed3a turned round: (5 - 1) / 6."""
    state = zoo.load("standard").network.state_dict()
    turned = dict(state)
    turned["mixed3a_1x1_pre_relu_conv.weight"] = -state["mixed3a_1x1_pre_relu_conv.weight"]
    found = weight_correlations(state, turned)
    assert found["mixed3a"] == pytest.approx(4 / 6, abs=1e-6)
    assert found["mixed3b"] == pytest.approx(1)
