"""Inception V1 as Google published it (inception5h; Szegedy et al. 2014), with taps before the ReLU.

Parameter names equal those of `lucent.modelzoo.inceptionv1`, so that its checkpoints load.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from perturber.nets.architecture import Outputs, check_taps
from perturber.nets.layers import CHANNELS, INCEPTION_V1


class Widths(NamedTuple):
    """Output channels of the convolutions of one mixed block."""

    one: int
    three_bottleneck: int
    three: int
    five_bottleneck: int
    five: int
    pool_reduce: int

    @property
    def total(self) -> int:
        """Channels of the block: its four branches side by side."""
        return self.one + self.three + self.five + self.pool_reduce


BLOCKS: Mapping[str, Widths] = {
    "mixed3a": Widths(64, 96, 128, 16, 32, 32),
    "mixed3b": Widths(128, 128, 192, 32, 96, 64),
    "mixed4a": Widths(192, 96, 204, 16, 48, 64),
    "mixed4b": Widths(160, 112, 224, 24, 64, 64),
    "mixed4c": Widths(128, 128, 256, 24, 64, 64),
    "mixed4d": Widths(112, 144, 288, 32, 64, 64),
    "mixed4e": Widths(256, 160, 320, 32, 128, 128),
    "mixed5a": Widths(256, 160, 320, 48, 128, 128),
    "mixed5b": Widths(384, 192, 384, 48, 128, 128),
}
_POOLED_FIRST = ("mixed3a", "mixed4a", "mixed5a")

CLASSIFIER = "softmax2_pre_activation_matmul"
"""Name of the last layer."""

LRN_RADIUS, LRN_BIAS, LRN_ALPHA = 5, 2.0, 1e-4
"""As in the published graph; alpha weighs the sum of the squares, not their mean. Beta is 0.5."""


class Operations(Protocol):
    """The arithmetic of a run: plain torch (`InceptionV1`), or packed weights (`packed.Packed`)."""

    def conv(self, name: str, x: Tensor, *, rectify: bool) -> Tensor:
        """The convolution `name`, and its ReLU when `rectify`."""

    def reduce(self, block: str, x: Tensor, *, rectify: bool) -> tuple[Tensor, Tensor, Tensor]:
        """The three 1x1 convolutions that share a block's input: the 1x1 branch (with its ReLU when
        `rectify`), and the rectified bottlenecks of the 3x3 and the 5x5 branch."""

    def normalize(self, layer: str, x: Tensor) -> Tensor:
        """Local response normalization after `layer`."""

    def classify(self, features: Tensor) -> Tensor:
        """The logits (N, classes) of averaged features (N, 1024)."""


def run(operations: Operations, x: Tensor, taps: Collection[str], logits: bool) -> Outputs:
    """The network from its input to the deepest of `taps`, or to the logits.

    x: (N, 3, H, W), RGB in [0, 255] minus 117, at least 32 pixels each way.

    Raises:
        ValueError: a tap that isn't a layer.
    """
    check_taps(taps, INCEPTION_V1)
    tapped: dict[str, Tensor] = {}
    for layer in CHANNELS:
        if len(tapped) == len(set(taps)) and not logits:
            break
        if layer in BLOCKS:
            if layer in _POOLED_FIRST:
                x = _halve(x)
            before, x = _block(operations, layer, x, layer in taps)
        else:
            before, x = _stem(operations, layer, x, layer in taps)
        if before is not None:
            tapped[layer] = before
    return Outputs(tapped, operations.classify(x.mean(dim=(2, 3))) if logits else None)


def _stem(operations: Operations, layer: str, x: Tensor, tap: bool) -> tuple[Tensor | None, Tensor]:
    if layer == "conv2d0":
        x = F.pad(x, (2, 3, 2, 3))  # TensorFlow's SAME for an even size: the odd pixel goes right and below
    x = operations.conv(layer, x, rectify=not tap)
    before, x = (x, F.relu(x)) if tap else (None, x)
    if layer == "conv2d0":
        x = operations.normalize(layer, _halve(x))
    elif layer == "conv2d2":
        x = operations.normalize(layer, x)
    return before, x


def _block(operations: Operations, block: str, x: Tensor, tap: bool) -> tuple[Tensor | None, Tensor]:
    one, three, five = operations.reduce(block, x, rectify=not tap)
    pooled = F.max_pool2d(x, 3, stride=1, padding=1)
    branches = (
        one,
        operations.conv(f"{block}_3x3", three, rectify=not tap),
        operations.conv(f"{block}_5x5", five, rectify=not tap),
        operations.conv(f"{block}_pool_reduce", pooled, rectify=not tap),
    )
    x = torch.cat(branches, 1)
    return (x, F.relu(x)) if tap else (None, x)


def _halve(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 3, stride=2, ceil_mode=True)  # ceil: SAME again, a window over the far edge


def lrn_window(channels: int) -> Tensor:
    """The normalization's sum over neighbouring channels as a 1x1 kernel (C, C, 1, 1): a banded matrix.

    A convolution is several times faster than `F.local_response_norm` and works in every floating type.
    """
    index = torch.arange(channels, device="cpu")  # real even where the network is built on `meta`
    band = (index[:, None] - index[None, :]).abs() <= LRN_RADIUS
    return (band * LRN_ALPHA)[:, :, None, None]


class InceptionV1(nn.Module):
    """The network in plain torch: differentiable, on any device, in any floating type.

    `forward` gives logits (N, num_classes); `run` gives taps too. Input as in `run`.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self._add("conv2d0", 3, 64, 7, stride=2)
        self._add("conv2d1", 64, 64, 1)
        self._add("conv2d2", 64, 192, 3)
        channels = 192
        for block, widths in BLOCKS.items():
            self._add(f"{block}_1x1", channels, widths.one, 1)
            self._add(f"{block}_3x3_bottleneck", channels, widths.three_bottleneck, 1)
            self._add(f"{block}_5x5_bottleneck", channels, widths.five_bottleneck, 1)
            self._add(f"{block}_pool_reduce", channels, widths.pool_reduce, 1)
            self._add(f"{block}_3x3", widths.three_bottleneck, widths.three, 3)
            self._add(f"{block}_5x5", widths.five_bottleneck, widths.five, 5)
            channels = widths.total
        self.softmax2_pre_activation_matmul = nn.Linear(channels, num_classes)
        for layer in ("conv2d0", "conv2d2"):
            self.register_buffer(f"{layer}_window", lrn_window(CHANNELS[layer]), persistent=False)

    def _add(self, name: str, inputs: int, outputs: int, size: int, stride: int = 1) -> None:
        padding = 0 if name == "conv2d0" else size // 2
        self.add_module(f"{name}_pre_relu_conv", nn.Conv2d(inputs, outputs, size, stride, padding))

    def forward(self, x: Tensor) -> Tensor:
        """The logits."""
        logits = self.run(x).logits
        assert logits is not None
        return logits

    def run(self, x: Tensor, taps: Collection[str] = (), logits: bool = True) -> Outputs:
        """See the function `run`."""
        return run(self, x, taps, logits)

    def convolution(self, name: str) -> nn.Conv2d:
        """The convolution called `name` (without lucent's suffix), such as `mixed3a_3x3_bottleneck`."""
        module = self.get_submodule(f"{name}_pre_relu_conv")
        assert isinstance(module, nn.Conv2d)
        return module

    def conv(self, name: str, x: Tensor, *, rectify: bool) -> Tensor:
        """One convolution, and its ReLU when `rectify`."""
        x = self.convolution(name)(x)
        return F.relu(x) if rectify else x

    def reduce(self, block: str, x: Tensor, *, rectify: bool) -> tuple[Tensor, Tensor, Tensor]:
        """The three 1x1 convolutions on a block's input."""
        return (
            self.conv(f"{block}_1x1", x, rectify=rectify),
            self.conv(f"{block}_3x3_bottleneck", x, rectify=True),
            self.conv(f"{block}_5x5_bottleneck", x, rectify=True),
        )

    def normalize(self, layer: str, x: Tensor) -> Tensor:
        """Local response normalization: x / sqrt(2 + 1e-4 * sum of x² over 11 neighbouring channels)."""
        window = self.get_buffer(f"{layer}_window")
        return x * F.conv2d(x * x, window, window.new_full((len(window),), LRN_BIAS)).rsqrt()

    def classify(self, features: Tensor) -> Tensor:
        """The last layer."""
        logits: Tensor = self.softmax2_pre_activation_matmul(features)
        return logits
