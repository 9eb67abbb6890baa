"""Every ready effect against its closed form in numpy, or another library's filter."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from perturber.scene.effect.effect import Effect
from perturber.scene.effect.library import DEFAULT, SNIPPETS
from perturber.scene.effect.worker import EffectWorker

Floats = np.ndarray
TEXTS = {snippet.name: snippet.text for snippet in SNIPPETS}


def places(size: int) -> tuple[Floats, Floats]:
    """Pixel numbers (size, size) to the right and upwards, for rows from the top."""
    up, right = np.mgrid[:size, :size]
    return right, size - 1 - up


def contrast(picture: Floats, value: float) -> Floats:
    return (picture - 0.5) * 2 * value + 0.5


def gamma(picture: Floats, value: float) -> Floats:
    return picture**4 ** (1 - 2 * value)


def posterise(picture: Floats, value: float) -> Floats:
    steps = np.floor(31 - 30 * value + 0.5)
    return np.floor(picture * steps + 0.5) / steps


def vignette(picture: Floats, value: float) -> Floats:
    size = len(picture)
    right, up = ((place + 0.5) / size - 0.5 for place in places(size))
    share = np.clip((np.hypot(right, up) / np.sqrt(0.5) - 0.3) / 0.7, 0, 1)
    return picture * (1 - value * share**2 * (3 - 2 * share))[..., None]


def pixelate(picture: Floats, value: float) -> Floats:
    cell, result = int(np.floor(1 + 31 * value + 0.5)), picture[::-1].copy()
    for row in range(0, len(picture), cell):
        for column in range(0, len(picture), cell):
            part = result[row : row + cell, column : column + cell]
            part[:] = part.mean((0, 1))
    return result[::-1]


def noise(picture: Floats, value: float) -> Floats:
    right, up = (place.astype(np.uint32) for place in places(len(picture)))
    mixed = right * np.uint32(1664525) + up * np.uint32(1013904223)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(2246822519)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(3266489917)
    mixed ^= mixed >> np.uint32(16)
    return picture + value * ((mixed >> np.uint32(8)) / (2**24 - 1) - 0.5)[..., None]


def blur(picture: Floats, value: float) -> Floats:
    sigma = max(4 * value, 0.01)
    radius = int(np.ceil(2.5 * sigma))
    return ndimage.gaussian_filter(picture, (sigma, sigma, 0), radius=(radius, radius, 0), mode="nearest")


def edge(picture: Floats, value: float) -> Floats:
    channels = np.moveaxis(picture, -1, 0)
    gradients = [[ndimage.sobel(each, axis, mode="nearest") for each in channels] for axis in (0, 1)]
    across, up = np.moveaxis(gradients, 1, -1)
    return picture + value * (np.hypot(across, up) / 2 - picture)


FORMS: dict[str, Callable[[Floats, float], Floats]] = {
    form.__name__: form for form in (contrast, gamma, posterise, vignette, pixelate, noise, blur, edge)
}


def test_there_is_a_closed_form_for_every_ready_effect() -> None:
    assert set(FORMS) == set(TEXTS)


@pytest.mark.parametrize("value", [0.0, 0.23, 0.5, 1.0])
@pytest.mark.parametrize("name", TEXTS)
def test_a_ready_effect_is_what_its_form_says(
    worker: EffectWorker, picture: np.ndarray, name: str, value: float
) -> None:
    expected = np.clip(FORMS[name](picture / 255, value), 0, 1) * 255
    received = worker.apply(Effect(TEXTS[name], value), picture).astype(float)
    # Half a level of rounding, and what a sampler's eight bits of weight add to it.
    difference = np.abs(received - expected)
    assert difference.mean() < 0.51
    if name == "posterise":  # a value between two levels may go to either
        difference = difference[np.abs(np.mod(picture / 255 * (31 - 30 * value), 1) - 0.5) > 1e-3]
    assert difference.max() <= 1.1


def test_contrast_at_its_default_changes_no_bit(worker: EffectWorker, picture: np.ndarray) -> None:
    np.testing.assert_array_equal(worker.apply(Effect(DEFAULT.text, DEFAULT.value), picture), picture)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.name)
def test_a_ready_effect_says_what_it_does_and_shows_it_where_it_starts(
    worker: EffectWorker, picture: np.ndarray, snippet: object
) -> None:
    assert snippet.text.startswith(f"// {snippet.label}: ")
    assert max(map(len, snippet.text.splitlines())) <= 100
    if snippet.name not in ("contrast", "gamma"):  # in the middle of both their ways
        assert (worker.apply(Effect(snippet.text, snippet.value), picture) != picture).mean() > 0.2
