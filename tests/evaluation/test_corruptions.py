"""The corruptions against scikit-image, Pillow and their definition."""

import numpy as np
import pytest
import torch
from skimage.filters import gaussian
from torch import Tensor

from perturber.evaluation.corruptions import CORRUPTIONS


@pytest.fixture(scope="module")
def images() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (5, 3, 64, 64), generator=generator).to(torch.uint8)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_pictures_stay_pictures_and_repeat(name: str, images: Tensor) -> None:
    corrupted = CORRUPTIONS[name](images, 3)
    assert corrupted.shape == images.shape
    assert corrupted.dtype == torch.uint8
    assert not torch.equal(corrupted, images)
    assert torch.equal(corrupted, CORRUPTIONS[name](images, 3))


def test_blur_is_that_of_scikit_image(images: Tensor) -> None:
    theirs = np.stack(
        [gaussian(picture.permute(1, 2, 0).numpy() / 255, sigma=1.0, channel_axis=-1) for picture in images]
    )
    ours = CORRUPTIONS["blur"](images, 0).permute(0, 2, 3, 1).numpy() / 255
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=0.51 / 255)


def test_noise_has_the_deviation_of_the_third_severity() -> None:
    grey = torch.full((8, 3, 64, 64), 128, dtype=torch.uint8)
    shift = (CORRUPTIONS["noise"](grey, 0).double() - 128) / 255
    assert float(shift.std()) == pytest.approx(0.12, rel=0.01)
    assert abs(float(shift.mean())) < 0.002
    assert not torch.equal(CORRUPTIONS["noise"](grey, 0), CORRUPTIONS["noise"](grey, 1))


def test_contrast_keeps_each_channels_mean_and_a_fifth_of_its_deviation(images: Tensor) -> None:
    low = CORRUPTIONS["contrast"](images, 0)
    for before, after in zip(images.double().flatten(2), low.double().flatten(2), strict=True):
        torch.testing.assert_close(after.mean(1), before.mean(1), rtol=0, atol=0.5)
        torch.testing.assert_close(after.std(1), 0.2 * before.std(1), rtol=0.02, atol=0)


def test_pixelated_pictures_have_44_rows_and_columns_of_cells(images: Tensor) -> None:
    """int(64 * 0.7) = 44: of 63 neighbouring pairs of columns, 43 differ."""
    coarse = CORRUPTIONS["pixelate"](images, 0)
    for axis in (2, 3):
        first, last = coarse.narrow(axis, 0, 63), coarse.narrow(axis, 1, 63)
        others = tuple(place for place in range(4) if place != axis)
        differ = (first != last).permute(axis, *others).flatten(1).any(1)
        assert int(differ.sum()) == 43
