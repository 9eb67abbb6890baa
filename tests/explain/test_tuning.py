"""Planted units are found: the tuning of a kernel that is known is what it was made for."""

import math

import numpy as np
import pytest
import torch
from skimage.filters import gabor_kernel

from perturber.explain import stimuli
from perturber.explain.tuning import ORIENTATIONS, PERIODS, Gratings, curvature
from perturber.nets.classes import ClassName
from perturber.nets.classifier import Classifier
from perturber.nets.inception import InceptionV1

UNIT = 17
CLASSES = [ClassName(f"n{index}", f"class {index}") for index in range(5)]


def planted(kernel: np.ndarray) -> Classifier:
    """A network of faint noise whose unit `UNIT` of conv2d0 is `kernel` (3, 7, 7)."""
    torch.manual_seed(0)
    network = InceptionV1(5).eval().requires_grad_(False)
    weight, bias = network.convolution("conv2d0").weight, network.convolution("conv2d0").bias
    assert bias is not None
    blob = torch.ones(64, 3, 7, 7) / 147  # answers brightness alone: the same for every grating
    weight.copy_(blob + 0.002 * torch.randn(64, 3, 7, 7))
    bias.zero_()
    scaled = torch.from_numpy(kernel).float()
    weight[UNIT] = scaled / scaled.norm()
    return Classifier(network, 128, CLASSES)


def gabor(stripes: float, period: float) -> np.ndarray:
    """scikit-image's Gabor filter (3, 7, 7); stripes in degrees, counter-clockwise from horizontal."""
    # Its theta is the direction of the wave, clockwise on rows that count downwards.
    theta = math.radians(90 - stripes)
    filtered = np.real(gabor_kernel(1 / period, theta=theta, sigma_x=2.2, sigma_y=2.2))
    middle = filtered.shape[0] // 2
    small = filtered[middle - 3 : middle + 4, middle - 3 : middle + 4]
    return np.repeat((small - small.mean())[None], 3, axis=0)


@pytest.mark.parametrize("stripes", [0, 30, 75, 90, 135])
def test_a_gabor_filter_is_the_orientation_unit_and_its_angle_is_right(stripes: float) -> None:
    found = Gratings(planted(gabor(stripes, 6)), "conv2d0", ["black-white"]).orientation()
    assert found.best(1) == [UNIT]
    error = (float(found.prefers[UNIT]) - stripes + 90) % 180 - 90
    assert abs(error) < 4


@pytest.mark.parametrize("period", [4.0, 6.0])
def test_a_gabor_filters_period_is_found(period: float) -> None:
    found = Gratings(planted(gabor(0, period)), "conv2d0", ["black-white"]).frequency()
    assert found.best(1) == [UNIT]
    assert float(found.prefers[UNIT]) == period


@pytest.mark.parametrize(("axis", "number"), [("red-green", 1), ("blue-yellow", 2)])
def test_an_opponent_filter_is_the_colour_unit_with_its_axis(axis: str, number: int) -> None:
    colour = np.array(stimuli.AXES[axis])[:, None, None] * np.ones((3, 7, 7))
    found = Gratings(planted(colour), "conv2d0").colour()
    assert found.best(1) == [UNIT]
    assert int(found.prefers[UNIT]) == number
    assert float(found.index[UNIT]) > 0.8


def test_the_index_of_orientation_is_one_minus_circular_variance() -> None:
    """Against a cosine tuning curve, whose vector length is known: r = 1 + m cos 2(a - a0) gives m / 2."""
    gratings = object.__new__(Gratings)
    angles = np.radians(ORIENTATIONS)[:, None]
    modulation, preferred = np.array([0.0, 0.5, 1.0]), np.radians([0, 40, 120])
    curve = 1 + modulation * np.cos(2 * (angles - preferred))
    gratings.curves = {"black-white": torch.from_numpy(curve)[:, None]}
    found = gratings.orientation()
    np.testing.assert_allclose(found.index, modulation / 2, atol=1e-6)
    np.testing.assert_allclose(found.prefers[1:], [40, 120], atol=1e-4)


def test_stripes_run_where_the_angle_says() -> None:
    """The spectrum of a grating has its peak at right angles to the stripes, at the period's frequency."""
    pictures = stimuli.gratings(96, (0.0, 30.0, 90.0, 120.0), (8.0,), 1)
    for picture, stripes in zip(pictures[:, 0, 0, 0], (0, 30, 90, 120), strict=True):
        power = np.abs(np.fft.fftshift(np.fft.fft2(picture.numpy() - 0.5)))
        row, column = np.unravel_index(power.argmax(), power.shape)
        up, right = -(row - 48) / 96, (column - 48) / 96
        assert math.hypot(up, right) == pytest.approx(1 / 8, abs=0.008)
        wave = math.degrees(math.atan2(up, right)) % 180
        assert (wave - (stripes + 90) + 90) % 180 - 90 == pytest.approx(0, abs=4)


def test_all_axes_have_equal_contrast_and_stay_in_range() -> None:
    sizes = []
    for axis in stimuli.AXES:
        pictures = stimuli.gratings(64, (0.0, 45.0), (8.0, 16.0), 2, axis)
        assert pictures.shape == (2, 2, 2, 3, 64, 64)
        assert 0 <= float(pictures.min()) <= float(pictures.max()) <= 1
        sizes.append(float(((pictures - 0.5) ** 2).sum(3).amax()))
    np.testing.assert_allclose(sizes, 0.25, rtol=1e-3)


def test_arcs_lie_on_their_circle_and_lines_are_straight() -> None:
    radii = (12.0, 24.0, math.inf)
    pictures = stimuli.arcs(128, radii, 8)
    assert pictures.shape == (3, 8, 2, 3, 128, 128)
    rows, columns = np.mgrid[:128, :128] - 63.5
    for radius, directions in zip(radii, pictures[:, :, 0, 0].numpy(), strict=True):
        for turn, picture in enumerate(directions):
            y, x = rows[picture > 0.5], columns[picture > 0.5]
            angle = 2 * math.pi * turn / 8
            normal = np.array([-math.sin(angle), math.cos(angle)])
            if math.isinf(radius):
                distance = np.abs(x * normal[0] + y * normal[1])
            else:
                distance = np.abs(np.hypot(x - radius * normal[0], y - radius * normal[1]) - radius)
            assert distance.max() < 2
            assert len(x) > 30
    # Light on dark and dark on light.
    torch.testing.assert_close(pictures[:, :, 0] + pictures[:, :, 1], torch.ones(3, 8, 3, 128, 128))


def test_curvature_prefers_what_an_arc_fits_better_than_a_line() -> None:
    """A deep unit of random weights has some preference; scaling its answers changes nothing of the index."""
    torch.manual_seed(0)
    network = InceptionV1(5).eval().requires_grad_(False)
    found = curvature(Classifier(network, 128, CLASSES), "conv2d2")
    assert found.index.shape == (192,)
    assert float(found.index.abs().max()) <= 1
    assert set(found.prefers.tolist()) <= {8.0, 12.0, 16.0, 24.0, 32.0}
    assert set(PERIODS) >= {4.0, 48.0}
