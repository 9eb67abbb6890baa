"""Fourier and pixel parameterizations, against lucent's."""

import numpy as np
import pytest
import torch

from perturber.explain.parameterization import Fourier, Pixels
from perturber.nets.lucent_compat import lucent


@pytest.mark.parametrize("size", [16, 64])
def test_fourier_coefficients_mean_what_they_mean_in_lucent(size: int) -> None:
    parameters, image = lucent("optvis.param").image(size, batch=2)
    with torch.no_grad():
        torch.testing.assert_close(
            Fourier(size).picture(parameters[0].detach()), image(), rtol=1e-5, atol=1e-6
        )


def test_pixels_mean_what_they_mean_in_lucent() -> None:
    parameters, image = lucent("optvis.param").image(16, batch=2, fft=False, decorrelate=False)
    torch.testing.assert_close(Pixels(16).picture(parameters[0].detach()), image().detach())


def test_a_start_is_its_own_seeds_whatever_stands_beside_it() -> None:
    for form in (Fourier(16), Pixels(16)):
        both, alone = form.start([1, 2]), form.start([2])
        assert torch.equal(both[1], alone[0])
        assert not torch.equal(both[0], both[1])


def test_grain_leaves_no_detail_finer_than_it_says() -> None:
    fourier = Fourier(64, grain=2)
    coefficients = fourier.start([3])
    logits = fourier.picture(coefficients).logit()[0].double().numpy()
    power = np.abs(np.fft.fft2(logits)) ** 2
    rows, columns = np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64), indexing="ij")
    fine = np.hypot(rows, columns) > 0.5 * 2**0.5 / 2 + 1e-6
    assert power[:, fine].sum() < 1e-6 * power.sum()
