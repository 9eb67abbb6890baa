"""The chain: its order, its neutrality, its range, for states at random."""

import random

import pytest
import torch
from torch import Tensor

from perturber.parameters import TABLE, SceneState
from perturber.perturb.chain import perturb, post_process, split_frequencies
from perturber.perturb.color import darken, saturate, turn_hue
from perturber.perturb.frequency import Band, decompose
from perturber.perturb.patches import shuffle_patches

DEFAULT = SceneState.default()
POST = [key for key, row in TABLE.items() if row.stage == "post"]
FREQUENCY = [key for key, row in TABLE.items() if row.stage == "frequency"]
EFFECTS = [key for key in POST + FREQUENCY if key != "frequency.cutoff"]


def random_state(seed: int) -> SceneState:
    generator = random.Random(seed)
    patch: dict[str, object] = {}
    for key in POST + FREQUENCY:
        row = TABLE[key]
        value = generator.uniform(row.minimum, row.maximum)
        patch[key] = round(value) if row.kind == "integer" else value
    return DEFAULT.changed(patch)


def test_the_default_state_gives_the_very_same_tensor(picture: Tensor) -> None:
    assert perturb(picture, DEFAULT) is picture
    assert perturb(picture, DEFAULT.changed({"frequency.cutoff": 11.0, "camera.yaw": 3.0})) is picture


@pytest.mark.parametrize("key", EFFECTS)
def test_every_effect_changes_the_picture_and_nothing_else_does(picture: Tensor, key: str) -> None:
    row = TABLE[key]
    value = row.minimum if row.minimum != row.default else row.maximum
    before = picture.clone()
    changed = perturb(picture, DEFAULT.changed({key: value}))
    too_small = key == "post.patch_shuffle" and min(picture.shape[-2:]) < value
    assert torch.equal(changed, picture) == too_small
    assert torch.equal(picture, before)


@pytest.mark.parametrize("seed", range(12))
def test_the_order_is_that_of_the_design(picture: Tensor, seed: int) -> None:
    state = random_state(seed)
    expected = darken(picture, state.number("post.alpha"))
    expected = turn_hue(expected, state.number("post.hue"))
    expected = saturate(expected, state.number("post.saturation"))
    expected = shuffle_patches(expected, int(state.number("post.patch_shuffle")))
    assert torch.equal(post_process(picture, state), expected)
    low, high = (
        Band(*(state.number(f"frequency.{band}_{name}") for name in ("alpha", "sigma", "hue")))
        for band in ("low", "high")
    )
    expected = decompose(expected, state.number("frequency.cutoff"), low, high)
    assert torch.equal(perturb(picture, state), expected)


@pytest.mark.parametrize("seed", range(12))
def test_pictures_stay_pictures(picture: Tensor, seed: int) -> None:
    changed = perturb(picture, random_state(seed))
    assert changed.shape == picture.shape
    assert changed.dtype == picture.dtype
    assert float(changed.min()) >= 0
    assert float(changed.max()) <= 1


def test_a_picture_alone_and_in_a_batch_and_in_any_layout_changes_alike(picture: Tensor) -> None:
    state = random_state(5)
    alone = perturb(picture[0], state)
    batch = torch.cat([picture, picture.flip(-1)]).contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(perturb(batch, state)[0], alone, rtol=0, atol=1e-6)


def test_the_chain_is_differentiable() -> None:
    picture = torch.rand(1, 3, 9, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    patch = {"post.alpha": 0.9, "post.hue": 0.1, "post.saturation": 0.7, "post.patch_shuffle": 2}
    patch |= {"frequency.low_alpha": 0.8, "frequency.high_sigma": 0.5, "frequency.low_hue": 0.2}
    state = DEFAULT.changed(patch)
    assert torch.autograd.gradcheck(lambda x: perturb(x, state), (picture.requires_grad_(True),))


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        (torch.zeros(3, 8), r"expected shape \(\.\.\., 3, H, W\), got \(3, 8\)"),
        (torch.zeros(8, 8, 3), r"got \(8, 8, 3\)"),
        (torch.zeros(3, 0, 8), r"got \(3, 0, 8\)"),
        (torch.zeros(3, 8, 8, dtype=torch.uint8), "expected floating-point values .* got torch.uint8"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(picture: Tensor, complaint: str) -> None:
    for stage in (perturb, post_process, split_frequencies):
        with pytest.raises(ValueError, match=complaint):
            stage(picture, DEFAULT)
