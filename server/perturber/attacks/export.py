"""An attack as files: the perturbation as exact floats, the attacked picture in 8 bits."""

import io
from collections.abc import Callable, Mapping

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from perturber.attacks.attack import AttackState, Network


def quantised(picture: Tensor) -> Tensor:
    """`picture` as an 8-bit file holds it: the nearest multiples of 1/255."""
    return _bytes(picture).to(picture.dtype).div_(255)


def lost_in_8_bits(network: Network, state: AttackState) -> bool:
    """Whether the attack reaches its goal as floats, and no longer after 8-bit quantisation."""
    with torch.no_grad():
        exact, rounded = (
            state.goal.reached(network(picture)) for picture in (state.picture, quantised(state.picture))
        )
    return bool((exact & ~rounded).any())


def adversarial_png(state: AttackState) -> bytes:
    """The attacked picture as PNG, 8 bits."""
    pixels = _bytes(state.picture[0]).permute(1, 2, 0).cpu().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def perturbation_npy(state: AttackState) -> bytes:
    """The perturbation as a NumPy file: float32, (H, W, 3)."""
    buffer = io.BytesIO()
    np.save(buffer, state.perturbation[0].permute(1, 2, 0).contiguous().float().cpu().numpy())
    return buffer.getvalue()


def perturbation_pt(state: AttackState) -> bytes:
    """The perturbation as a torch file: a float32 tensor (1, 3, H, W)."""
    buffer = io.BytesIO()
    torch.save(state.perturbation.float().cpu().contiguous(), buffer)
    return buffer.getvalue()


FILES: Mapping[str, Callable[[AttackState], bytes]] = {
    "adversarial.png": adversarial_png,
    "perturbation.npy": perturbation_npy,
    "perturbation.pt": perturbation_pt,
}
"""What can be saved of an attack on one picture, by file name."""


def _bytes(picture: Tensor) -> Tensor:
    return picture.detach().mul(255).round_().to(torch.uint8)
