"""The blur against scipy's, the bands against their sum, the formula against its closed form."""

import numpy as np
import pytest
import scipy.ndimage
import skimage.filters
import torch
from torch import Tensor

from perturber.perturb.color import turn_hue
from perturber.perturb.frequency import Band, blur, decompose

SIGMAS = [0.05, 0.1, 0.3, 1.0, 4.0, 7.7, 20.0, 30.0]
NEUTRAL = Band()


@pytest.mark.parametrize("sigma", SIGMAS)
def test_blur_equals_scipys_for_every_size(picture: Tensor, sigma: float) -> None:
    pixels = picture[0].double().numpy()
    expected = scipy.ndimage.gaussian_filter(pixels, (0, sigma, sigma), mode="reflect")
    np.testing.assert_allclose(blur(picture, sigma)[0].numpy(), expected, atol=2e-6)


def test_blur_equals_scikit_images() -> None:
    picture = torch.rand(3, 40, 60, dtype=torch.float64)
    expected = skimage.filters.gaussian(picture.numpy(), 2.5, mode="reflect", channel_axis=0)
    np.testing.assert_allclose(blur(picture, 2.5).numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_blur_keeps_the_mean(picture: Tensor, sigma: float) -> None:
    torch.testing.assert_close(blur(picture, sigma).mean(), picture.mean(), rtol=1e-5, atol=0)


@pytest.mark.parametrize("cutoff", [0.0, *SIGMAS])
def test_low_and_high_band_sum_to_the_picture(picture: Tensor, cutoff: float) -> None:
    low = decompose(picture, cutoff, NEUTRAL, Band(alpha=0))
    almost = decompose(picture, cutoff, Band(hue=1.0), NEUTRAL)  # a whole turn: computed, and yet neutral
    torch.testing.assert_close(low, blur(picture, cutoff), rtol=0, atol=1e-6)
    torch.testing.assert_close(almost, picture, rtol=0, atol=1e-6)


@pytest.mark.parametrize("cutoff", [0.0, 4.0, 30.0])
def test_neutral_bands_give_the_very_same_tensor(picture: Tensor, cutoff: float) -> None:
    assert blur(picture, 0) is picture
    assert decompose(picture, cutoff, NEUTRAL, NEUTRAL) is picture


def test_both_bands_faded_leave_uniform_grey(picture: Tensor) -> None:
    grey = decompose(picture, 4, Band(alpha=0), Band(alpha=0))
    assert torch.equal(grey, torch.full_like(picture, 0.5))


def test_a_cutoff_of_zero_leaves_nothing_in_the_high_band(picture: Tensor) -> None:
    changed = decompose(picture, 0, NEUTRAL, Band(alpha=0.2, sigma=3, hue=0.4))
    torch.testing.assert_close(changed, picture, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (Band(0.4, 2.0, 0.1), Band(0.7, 1.0, -0.3)),
        (Band(0.0, 0.0, 0.0), Band(1.0, 0.0, 0.5)),
        (Band(1.0, 5.0, 0.0), Band(1.0, 0.0, 0.0)),
        (Band(1.0, 0.0, 0.0), Band(0.0, 9.0, 0.2)),
    ],
)
def test_the_whole_formula(picture: Tensor, low: Band, high: Band) -> None:
    def scipys(x: np.ndarray, sigma: float) -> np.ndarray:
        return scipy.ndimage.gaussian_filter(x, (0, sigma, sigma), mode="reflect") if sigma else x

    def change(x: np.ndarray, band: Band) -> np.ndarray:
        return turn_hue(torch.from_numpy(scipys(x, band.sigma)), band.hue).numpy()

    pixels = picture[0].double().numpy()
    low_band = scipys(pixels, 3.0)
    grey = 0.5 * (1 - low.alpha)
    expected = grey + low.alpha * change(low_band, low) + high.alpha * change(pixels - low_band, high)
    got = decompose(picture.double(), 3.0, low, high)[0].numpy()
    np.testing.assert_allclose(got, expected.clip(0, 1), atol=1e-9)


def test_a_blur_made_for_a_frame_serves_gradients_later() -> None:
    picture = torch.rand(1, 3, 19, 23)
    with torch.inference_mode():
        blur(picture, 1.234)
    blur(picture.requires_grad_(True), 1.234).sum().backward()
    torch.testing.assert_close(picture.grad, torch.ones_like(picture))  # as it keeps the mean


def test_gradients_equal_finite_differences() -> None:
    noise = torch.rand(1, 3, 6, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    picture = (0.3 + 0.4 * noise).requires_grad_(True)
    low, high = Band(0.8, 1.0, 0.1), Band(0.6, 0.5, 0.2)
    assert torch.autograd.gradcheck(lambda x: decompose(x, 1.5, low, high), (picture,))
