"""What one instant shows: the picture, and every model slot's answer to it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from perturber import protocol
from perturber.attacks.live import Story
from perturber.nets.classifier import Prediction
from perturber.slots import SlotNetwork

Pixels = npt.NDArray[np.uint8]
Maps = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Picture:
    """One picture twice: `tensor` `(1, 3, H, W)` in [0, 1], `pixels` `(H, W, 3)` bytes for the page."""

    tensor: Tensor
    pixels: Pixels

    @staticmethod
    def from_pixels(pixels: Pixels, device: torch.device) -> "Picture":
        tensor = torch.from_numpy(pixels).to(device).permute(2, 0, 1)[None].float().div_(255)
        return Picture(tensor, pixels)

    @staticmethod
    def from_tensor(tensor: Tensor) -> "Picture":
        pixels = tensor[0].mul(255).round_().to(torch.uint8).permute(1, 2, 0).contiguous()
        return Picture(tensor, pixels.cpu().numpy())


@dataclass(frozen=True)
class SlotAnswer:
    """What one model slot's network shows of a picture.

    `activations` is `(units, height, width)` before the ReLU, `divisor` what ±1 of the colour map stands for;
    both are None with activations off, or where the network has no such layer. `note` says what it has where
    it lacks the layer or some units. `top` is None with predictions off. `story` is what an active attack
    does to its classes.
    """

    network: SlotNetwork
    layer: str
    units: tuple[int, ...]
    activations: Maps | None
    divisor: float | None
    top: list[Prediction] | None
    story: Story | None = None
    note: str | None = None

    def describe(self) -> dict[str, Any]:
        """The answer without its maps, as JSON."""
        network = self.network
        row: dict[str, Any] = {"variant": network.variant, "checkpoint": network.checkpoint}
        if network.active is not None:
            layers = network.active.items()
            row["active"] = {layer: [active.alpha, round(active.share, 4)] for layer, active in layers}
        if self.activations is not None:
            row |= {"layer": self.layer, "units": list(self.units), "divisor": self.divisor}
        if self.note is not None:
            row["note"] = self.note
        if self.top is not None:
            row["top"] = self.top
        return row


@dataclass(frozen=True)
class Frame:
    """Everything one revision of the state shows; `picture` is `(size, size, 3)` uint8, rows from the top."""

    revision: int
    picture: Pixels
    models: dict[str, SlotAnswer]
    timing_ms: dict[str, float]
    attack: dict[str, Any] | None = None

    def header(self) -> dict[str, Any]:
        """The frame without its arrays, as JSON."""
        header: dict[str, Any] = {
            "revision": self.revision,
            "models": {slot: answer.describe() for slot, answer in self.models.items()},
            "timing_ms": {stage: round(value, 2) for stage, value in self.timing_ms.items()},
        }
        if self.attack is not None:
            stories = {slot: answer.story for slot, answer in self.models.items() if answer.story}
            header["attack"] = self.attack | {"classes": stories}
        return header

    def encode(self) -> bytes:
        """The binary message of docs/protocol.md."""
        buffers: dict[str, npt.NDArray[Any]] = {"picture": self.picture}
        for slot, answer in self.models.items():
            if answer.activations is not None:
                buffers[f"{slot}.activations"] = answer.activations
        return protocol.encode_frame(self.header(), buffers)
