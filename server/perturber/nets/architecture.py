"""What a network must offer to be shown, attacked and edited, Inception V1 and those of libraries alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from perturber.nets.layers import Anatomy


class Outputs(NamedTuple):
    """What a run gives: the tapped layers before their activation function (N, C, h, w), and the logits
    (N, classes)."""

    taps: dict[str, Tensor]
    logits: Tensor | None


class Runner(Protocol):
    """One network, ready to run. Safe for several threads."""

    def __call__(self, x: Tensor, taps: Collection[str], logits: bool) -> Outputs:
        """The network from its input `x` (N, 3, size, size) to the deepest of `taps`, or to the logits.

        Differentiable where gradients are on and `x` requires one.

        Raises:
            ValueError: a tap that isn't a layer.
        """


@dataclass(frozen=True)
class Preprocessing:
    """From a picture, RGB in [0, 1], to a network's input: resize, crop, `x * scale + offset` by channel.

    `size` is the side of the network's input in pixels. With `resize`, the picture's shorter side becomes so
    long and the centre is cut out, as the libraries evaluate; without, the whole picture becomes `size`.
    `any_size` says whether the network takes inputs of other sizes, too: transformers don't.
    """

    size: int
    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    resize: int | None = None
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    any_size: bool = True

    @staticmethod
    def normalized(
        size: int,
        mean: Sequence[float],
        std: Sequence[float],
        resize: int,
        interpolation: Literal["bilinear", "bicubic"],
    ) -> "Preprocessing":
        """By mean and standard deviation of each channel, as the libraries write it."""
        red, green, blue = (1 / deviation for deviation in std)
        first, second, third = (-centre / deviation for centre, deviation in zip(mean, std, strict=True))
        return Preprocessing(size, (red, green, blue), (first, second, third), resize, interpolation)

    def fit(self, picture: Tensor, resize: bool = True) -> Tensor:
        """The part of `picture` (N, 3, H, W) that the network sees, (N, 3, size, size).

        Without `resize` all of it at its own size, or where that can't be, squeezed.
        """
        if not resize and self.any_size:
            return picture
        if self.resize is None or not resize:
            return self._interpolate(picture, (self.size, self.size))
        height, width = picture.shape[2:]
        shorter = min(height, width)
        x = self._interpolate(picture, (self.resize * height // shorter, self.resize * width // shorter))
        top, left = (round((side - self.size) / 2) for side in x.shape[2:])
        return x[:, :, top : top + self.size, left : left + self.size]

    def _interpolate(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        if x.shape[2:] == size:
            return x
        return F.interpolate(x, size, mode=self.interpolation, antialias=True)

    def scaled(self, x: Tensor) -> Tensor:
        """Pixel values as the network wants them."""
        if len({*self.scale}) == len({*self.offset}) == 1:
            return x * self.scale[0] + self.offset[0]
        scale, offset = (x.new_tensor(values).view(1, 3, 1, 1) for values in (self.scale, self.offset))
        return x * scale + offset


class Architecture(Protocol):
    """A kind of network, whatever its weights and classes.

    Its parameters and kept buffers belong to editable groups; kernels among them hold filters (outputs,
    inputs, ...), which can be pruned.
    """

    @property
    def anatomy(self) -> Anatomy:
        """Name and layers."""

    def build(self, num_classes: int) -> nn.Module:
        """A network with `num_classes` outputs, in evaluation mode; its weights are to be loaded."""

    def outputs(self, state: Mapping[str, Tensor]) -> int | None:
        """How many classes the last layer in `state` has; None where it has no such layer."""

    def relevant(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """`state` without what only training needs."""

    def last_layer(self) -> str:
        """The name of the parameter by which `outputs` counts."""

    def preprocessing(self, input_size: int | None) -> Preprocessing:
        """What a network of that input size (None: the usual one) does to a picture first."""

    def runner(self, network: nn.Module, relatives: Sequence[Runner] = ()) -> Runner:
        """`network` ready to run; what `relatives` have prepared of the same parameters is shared."""

    def group_of(self, name: str) -> str:
        """The editable group, one of `anatomy.groups`, of the parameter or buffer called `name`."""

    def is_kernel(self, name: str) -> bool:
        """Whether the parameter called `name` holds filters."""


def check_taps(taps: Collection[str], anatomy: Anatomy) -> None:
    """That all `taps` are layers.

    Raises:
        ValueError: one isn't.
    """
    for tap in taps:
        if tap not in anatomy.channels:
            raise ValueError(f"layer: expected one of {', '.join(anatomy.channels)}, got {tap!r}")


def frozen(network: nn.Module, device: torch.device) -> nn.Module:
    """`network` on `device`, in evaluation mode, without gradients for its parameters."""
    network.eval().requires_grad_(False)
    # Channels last is the layout in which oneDNN and cuDNN convolve without reordering.
    return network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
