"""Inception V1 with batch normalization after every convolution, and how that is folded into a plain one."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from perturber.nets.inception import InceptionV1

_EPSILON = 1e-3
"""Added to the variances."""


class _Moments(NamedTuple):
    """Mean and mean square of a convolution's output, each (C,), in float32."""

    mean: Tensor
    square: Tensor


class NormalizedInception(InceptionV1):
    """Every convolution's output is normalized over the batch (Ioffe & Szegedy 2015), then scaled by a learnt
    gain; the convolution's bias, added last, is what it is shifted by.

    There are no running statistics to go stale in an average of weights or to be raced for by threads:
    `folded` measures them when they are needed (Wu & Johnson 2021).
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__(num_classes)
        convolutions = {
            name: module for name, module in self.named_children() if isinstance(module, nn.Conv2d)
        }
        self.gains = nn.ParameterDict(
            {name: torch.ones(module.out_channels) for name, module in convolutions.items()}
        )
        self._measured: dict[str, _Moments] | None = None
        for module in convolutions.values():
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            assert module.bias is not None
            nn.init.zeros_(module.bias)

    def conv(self, name: str, x: Tensor, *, rectify: bool) -> Tensor:
        """One convolution, normalized over the batch."""
        module = self.convolution(name)
        x = F.conv2d(x, module.weight, None, module.stride, module.padding)
        gain = self.gains[f"{name}_pre_relu_conv"]
        if self._measured is not None:
            flat = x.float()
            self._measured[name] = _Moments(flat.mean((0, 2, 3)), flat.square().mean((0, 2, 3)))
        x = F.batch_norm(x, None, None, gain, module.bias, training=True, eps=_EPSILON)
        return F.relu(x) if rectify else x

    def measure(self, x: Tensor) -> dict[str, _Moments]:
        """The moments of every convolution's output for a batch x (N, 3, H, W). Not for several threads."""
        self._measured = {}
        with torch.inference_mode():
            self(x)
        measured, self._measured = self._measured, None
        return measured


def folded(network: NormalizedInception, batches: Iterable[Tensor]) -> InceptionV1:
    """The plain network that does what `network` does on pictures like those of `batches`; frozen.

    batches: as the network takes them, (N, 3, H, W); their moments replace each batch's own.
    """
    every = [network.measure(batch) for batch in batches]
    plain = InceptionV1(network.softmax2_pre_activation_matmul.out_features)
    gains = {f"gains.{name}" for name in network.gains}
    plain.load_state_dict({key: value for key, value in network.state_dict().items() if key not in gains})
    plain.to(next(network.parameters()).device)
    for name in every[0]:
        mean = torch.stack([moments[name].mean for moments in every]).mean(0)
        square = torch.stack([moments[name].square for moments in every]).mean(0)
        factor = network.gains[f"{name}_pre_relu_conv"] / (square - mean.square() + _EPSILON).sqrt()
        convolution = plain.convolution(name)
        assert convolution.bias is not None
        with torch.no_grad():
            convolution.weight.mul_(factor[:, None, None, None])
            convolution.bias.sub_(mean * factor)
    plain.eval().requires_grad_(False)
    return plain.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
