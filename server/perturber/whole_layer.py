"""All units of the shown layer at once, small: what the page's grid of units is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from perturber import protocol

MAX_SIDE = 32
"""Of a map, in values: larger ones are averaged down to it."""
ZERO = 127
"""The byte of the value 0; 0 and 254 are minus and plus one divisor."""


@dataclass(frozen=True)
class LayerMaps:
    """One slot's maps of a whole layer.

    `maps` is (channels, height, width) uint8: values over `divisor`, cut to [-1, 1], as `ZERO` ± 127; `peaks`
    (channels,) float32 is each unit's highest value before the ReLU.
    """

    variant: str
    checkpoint: int
    divisor: float
    maps: npt.NDArray[np.uint8]
    peaks: npt.NDArray[np.float32]

    @staticmethod
    def from_activations(activations: Tensor, divisor: float, variant: str, checkpoint: int) -> "LayerMaps":
        """Of a layer's values (channels, height, width) before the ReLU."""
        with torch.inference_mode():
            height, width = activations.shape[1:]
            size = (min(height, MAX_SIDE), min(width, MAX_SIDE))
            small = activations if size == (height, width) else F.adaptive_avg_pool2d(activations, size)
            levels = (small / divisor).clamp(-1, 1).mul(ZERO).round_().add_(ZERO).to(torch.uint8)
            peaks = activations.float().amax(dim=(1, 2))
        return LayerMaps(variant, checkpoint, divisor, levels.cpu().numpy(), peaks.cpu().numpy())


def encode(revision: int, layer: str, slots: Mapping[str, LayerMaps]) -> bytes:
    """The binary message `layer` of docs/protocol.md."""
    buffers: dict[str, npt.NDArray[Any]] = {}
    models: dict[str, object] = {}
    for slot, own in slots.items():
        models[slot] = {"variant": own.variant, "checkpoint": own.checkpoint, "divisor": own.divisor}
        buffers |= {f"{slot}.maps": own.maps, f"{slot}.peaks": own.peaks}
    header = {"type": "layer", "revision": revision, "layer": layer, "models": models}
    return protocol.encode_frame(header, buffers)
