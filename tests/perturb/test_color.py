"""Hue against scikit-image's HSV; grey, gamut and gradients against closed forms."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from skimage.color import hsv2rgb, rgb2gray, rgb2hsv
from torch import Tensor

from perturber.perturb.color import LUMA, darken, saturate, turn_hue

TURNS = [-0.5, -0.31, -0.1, 1e-3, 0.25, 1 / 3, 0.5]


@pytest.mark.parametrize("turns", TURNS)
def test_hue_turns_as_in_scikit_image(picture: Tensor, turns: float) -> None:
    hsv = rgb2hsv(picture[0].permute(1, 2, 0).double().numpy())
    hsv[..., 0] = (hsv[..., 0] + turns) % 1
    got = turn_hue(picture, turns)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(got, hsv2rgb(hsv), atol=2e-6)


@pytest.mark.parametrize("turns", TURNS)
def test_hue_keeps_the_largest_and_the_smallest_component(picture: Tensor, turns: float) -> None:
    for signed in (picture, picture - 0.5):  # a band of frequencies is signed
        turned = turn_hue(signed, turns)
        torch.testing.assert_close(turned.amax(1), signed.amax(1), rtol=0, atol=1e-6)
        torch.testing.assert_close(turned.amin(1), signed.amin(1), rtol=0, atol=1e-6)


def test_hue_of_a_signed_band_is_that_of_its_differences(picture: Tensor) -> None:
    turned = turn_hue(picture - 0.5, 0.2)
    torch.testing.assert_close(turned, turn_hue(picture, 0.2) - 0.5, rtol=0, atol=1e-6)


def test_both_half_turns_agree(picture: Tensor) -> None:
    assert torch.equal(turn_hue(picture, 0.5), turn_hue(picture, -0.5))


def test_turning_there_and_back_is_nothing(picture: Tensor) -> None:
    there_and_back = turn_hue(turn_hue(picture, 0.37), -0.37)
    torch.testing.assert_close(there_and_back, picture, rtol=0, atol=2e-6)


def test_a_third_of_a_turn_moves_red_to_green() -> None:
    red = torch.tensor([1.0, 0.0, 0.0]).reshape(3, 1, 1)
    torch.testing.assert_close(turn_hue(red, 1 / 3).flatten(), torch.tensor([0.0, 1.0, 0.0]))


def test_saturation_zero_is_rec_709_grey(picture: Tensor) -> None:
    grey = saturate(picture, 0)
    assert torch.equal(grey[:, 0], grey[:, 1])
    assert torch.equal(grey[:, 0], grey[:, 2])
    expected = rgb2gray(picture[0].permute(1, 2, 0).numpy())  # weights of its own, to 4 digits Rec. 709's
    np.testing.assert_allclose(grey[0, 0].numpy(), expected, atol=1e-3)
    assert sum(LUMA) == pytest.approx(1)


@pytest.mark.parametrize("saturation", [0.0, 0.5, 1.5, 2.0])
def test_saturation_moves_colours_away_from_their_grey(saturation: float) -> None:
    colour = torch.tensor([0.5, 0.45, 0.55]).reshape(3, 1, 1)
    grey = 0.2126 * 0.5 + 0.7152 * 0.45 + 0.0722 * 0.55
    expected = [grey + saturation * (value - grey) for value in (0.5, 0.45, 0.55)]
    torch.testing.assert_close(saturate(colour, saturation).flatten(), torch.tensor(expected))


def test_saturation_stays_in_range(picture: Tensor) -> None:
    vivid = saturate(picture, 2)
    assert float(vivid.min()) >= 0
    assert float(vivid.max()) <= 1


@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_alpha_darkens_to_black(picture: Tensor, alpha: float) -> None:
    np.testing.assert_array_equal(darken(picture, alpha).numpy(), picture.numpy() * np.float32(alpha))


def test_neutral_effects_give_the_very_same_tensor(picture: Tensor) -> None:
    assert darken(picture, 1) is picture
    assert turn_hue(picture, 0) is picture
    assert saturate(picture, 1) is picture


@pytest.mark.parametrize(
    "effect",
    [partial(darken, alpha=0.4), partial(turn_hue, turns=0.3), partial(saturate, saturation=2)],
    ids=["alpha", "hue", "saturation"],
)
def test_gradients_equal_finite_differences(effect: Callable[[Tensor], Tensor]) -> None:
    colours = torch.rand(1, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert torch.autograd.gradcheck(effect, (colours.requires_grad_(True),))


def test_the_gradient_of_grey_is_finite() -> None:
    grey = torch.full((1, 3, 2, 2), 0.5, requires_grad=True)
    turn_hue(grey, 0.2).sum().backward()
    assert grey.grad is not None
    assert bool(grey.grad.isfinite().all())
