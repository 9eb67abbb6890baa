"""What is saved of an attack, read back."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from perturber.attacks.attack import AttackState
from perturber.attacks.export import FILES, lost_in_8_bits, quantised
from perturber.attacks.goal import Goal


@pytest.fixture
def state() -> AttackState:
    original = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(0))
    noise = torch.randn(1, 3, 20, 30, generator=torch.Generator().manual_seed(1)) * 0.01
    return AttackState(original, (original + noise).clamp(0, 1), Goal((0,), targeted=False))


def test_the_float_files_hold_the_perturbation_exactly(state: AttackState) -> None:
    array = np.load(io.BytesIO(FILES["perturbation.npy"](state)))
    assert (array.shape, array.dtype) == ((20, 30, 3), np.float32)
    np.testing.assert_array_equal(array, state.perturbation[0].permute(1, 2, 0))
    tensor = torch.load(io.BytesIO(FILES["perturbation.pt"](state)), weights_only=True)
    assert torch.equal(tensor, state.perturbation)


def test_the_png_is_what_the_quantised_picture_says(state: AttackState) -> None:
    with Image.open(io.BytesIO(FILES["adversarial.png"](state))) as image:
        pixels = np.asarray(image)
    np.testing.assert_allclose(pixels / 255, quantised(state.picture)[0].permute(1, 2, 0), rtol=0, atol=1e-7)
    assert float((quantised(state.picture) - state.picture).abs().max()) <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize(("shift", "lost"), [(0.001, True), (0.004, False), (0.0, False)])
def test_an_attack_below_half_a_grey_level_is_lost_in_8_bits(shift: float, lost: bool) -> None:
    """A network that turns at grey level 100.05: a thousandth more reaches it, rounding takes it back."""
    original = torch.full((1, 3, 2, 2), 100 / 255)

    def threshold(x: Tensor, /) -> Tensor:
        margin = x.mean((1, 2, 3)) - 100.05 / 255
        return torch.stack([-margin, margin], 1)

    state = AttackState(original, original + shift, Goal((0,), targeted=False))
    assert lost_in_8_bits(threshold, state) is lost
