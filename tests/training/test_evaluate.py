"""Accuracies and spectra against closed forms."""

from functools import partial

import pytest
import torch
from torch import Tensor

from perturber.attacks.catalog import Norm
from perturber.training.data import Pictures
from perturber.training.evaluate import clean_accuracy, low_frequency_share, robust_accuracy
from perturber.training.workers import Workers

WORKERS = Workers(torch.device("cpu"))
SIDE = 64


def brightness_logits(threshold: float, pictures: Tensor) -> Tensor:
    """Class 0 for pictures darker than the threshold, class 1 for brighter ones; class 6 is always last."""
    excess = 10 * (pictures.mean(dim=(1, 2, 3)) - threshold)
    return torch.stack([-excess, excess, *(excess * 0 - place for place in range(90, 95))], 1)


def greys(*levels: int) -> Tensor:
    return torch.tensor(levels, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, SIDE, SIDE)


def test_clean_accuracy_counts_first_and_first_five() -> None:
    pictures = Pictures(greys(0, 0, 255, 255), torch.tensor([0, 1, 1, 6]))
    logits = partial(brightness_logits, 0.5)
    assert clean_accuracy(logits, pictures, SIDE, WORKERS) == (0.5, 0.75)


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_robust_accuracy_falls_when_the_ball_reaches_the_boundary(norm: Norm) -> None:
    """Raising the mean by d costs d in Linf and d * sqrt(number of values) in L2."""
    pictures = Pictures(greys(102, 51), torch.tensor([0, 0]))  # 0.1 and 0.3 below the threshold of 0.5
    logits = partial(brightness_logits, 0.5)
    unit = 1.0 if norm == "linf" else (3 * SIDE * SIDE) ** 0.5
    for distance, expected in ((0.09, 1.0), (0.11, 0.5), (0.29, 0.5), (0.31, 0.0)):
        reached = robust_accuracy(
            logits, pictures, SIDE, WORKERS, epsilon=distance * unit, norm=norm, steps=20
        )
        assert reached == expected, distance


def test_wrong_pictures_are_never_robust() -> None:
    pictures = Pictures(greys(0), torch.tensor([1]))
    logits = partial(brightness_logits, 0.5)
    assert robust_accuracy(logits, pictures, SIDE, WORKERS, epsilon=1e-6, norm="l2", steps=1) == 0


@pytest.mark.parametrize(("wavelength", "expected"), [(16, 1.0), (9.14, 1.0), (6.4, 0.0), (2, 0.0)])
def test_a_wave_is_low_or_high(wavelength: float, expected: float) -> None:
    cycles = round(SIDE / wavelength)
    wave = torch.cos(2 * torch.pi * cycles * torch.arange(SIDE) / SIDE)
    assert low_frequency_share(wave.expand(2, 3, SIDE, SIDE)) == pytest.approx(expected, abs=1e-6)


def test_white_noise_has_the_share_of_the_disc() -> None:
    noise = torch.randn(16, 3, 128, 128, generator=torch.Generator().manual_seed(9))
    assert low_frequency_share(noise) == pytest.approx(torch.pi / 64, rel=0.05)
