"""Distortions keep to the range, repeat with their seed, and do what their name says."""

from collections.abc import Callable

import pytest
import torch
from scipy.fft import dctn
from torch import Tensor

from perturber.training import distort
from perturber.training.augment import enlarge
from perturber.training.data import Pictures

Distortion = Callable[[Tensor, torch.Generator], Tensor]
ALL = [distort.sharpness, distort.colours, distort.compression, distort.background]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("change", ALL)
def test_pictures_stay_in_range_differ_and_repeat_with_the_seed(
    change: Distortion, pictures: Pictures
) -> None:
    x = enlarge(pictures.images, 96)
    changed = change(x, generator())
    assert changed.shape == x.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert (changed - x).abs().mean() > 1e-3
    assert torch.equal(changed, change(x, generator()))
    assert not torch.equal(changed, change(x, generator(1)))


def test_a_plain_picture_has_nothing_to_sharpen() -> None:
    plain = torch.full((4, 3, 64, 64), 0.3)
    torch.testing.assert_close(distort.sharpness(plain, generator()), plain, rtol=0, atol=1e-5)


def test_sharpness_goes_both_ways() -> None:
    """Sharpening raises the mean square of neighbours' differences, blurring lowers it."""
    x = torch.rand(64, 3, 64, 64, generator=generator(2)) * 0.2 + 0.4
    changed = distort.sharpness(x, generator())
    ratio = (changed.diff(dim=3).square().mean((1, 2, 3)) / x.diff(dim=3).square().mean((1, 2, 3))).sqrt()
    assert ratio.min() < 0.5
    assert ratio.max() > 1.3


def test_grey_stays_grey_when_hue_and_saturation_turn() -> None:
    """Only the white balance may colour it: every pixel by the same factors."""
    grey = torch.rand(4, 1, 16, 16, generator=generator(3)).expand(-1, 3, -1, -1) * 0.5
    changed = distort.colours(grey, generator())
    factors = (changed / grey).flatten(2)
    torch.testing.assert_close(factors.amax(2), factors.amin(2), rtol=1e-3, atol=1e-3)


def test_the_cosine_transform_is_scipys() -> None:
    block = torch.rand(8, 8, generator=generator(4))
    basis = distort._cosines(torch.device("cpu"))
    expected = torch.from_numpy(dctn(block.numpy(), norm="ortho"))
    torch.testing.assert_close(basis @ block @ basis.T, expected, rtol=0, atol=1e-5)


def test_compression_loses_fine_detail_before_coarse() -> None:
    fine = torch.rand(64, 3, 64, 64, generator=generator(5)) * 0.2 + 0.4
    coarse = enlarge((fine[:, :, :4, :4] * 255).to(torch.uint8), 64)
    losses = [
        (distort.compression(x, generator()) - x).square().mean() / (x - x.mean()).square().mean()
        for x in (fine, coarse)
    ]
    assert losses[0] > 2 * losses[1]


def test_the_middle_stays_when_the_background_changes(pictures: Pictures) -> None:
    x = enlarge(pictures.images, 64)
    changed = distort.background(x, generator())
    torch.testing.assert_close(changed[..., 28:36, 28:36], x[..., 28:36, 28:36], rtol=0, atol=0.01)
    assert (changed[..., :4, :4] - x[..., :4, :4]).abs().mean() > 0.1


def test_sometimes_takes_its_share() -> None:
    zeros, ones = torch.zeros(1000, 3, 2, 2), torch.ones(1000, 3, 2, 2)
    taken = distort.sometimes(ones, zeros, 0.3, generator())
    assert set(taken.unique().tolist()) == {0.0, 1.0}
    assert taken.mean().item() == pytest.approx(0.3, abs=0.05)
