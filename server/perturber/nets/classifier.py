"""A network with all that goes with it: input size, bounds, preprocessing and class names."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import torch
from torch import Tensor, nn

from perturber.errors import PerturberError
from perturber.nets.architecture import Architecture, Runner
from perturber.nets.architectures import INCEPTION_V1
from perturber.nets.classes import ClassName
from perturber.nets.layers import Anatomy

# `class` is what the protocol calls the name, and a keyword: hence the functional form.
Prediction = TypedDict(
    "Prediction", {"index": int, "wnid": str, "class": str, "logit": float, "probability": float}
)
"""A row of a top list."""


class PictureError(PerturberError, ValueError):
    """A picture no network can take; the message names what was expected and what came."""


class Answer(NamedTuple):
    """A layer's values before its activation function (N, C, h, w), and logits (N, outputs); None for what
    wasn't asked."""

    activations: Tensor | None
    logits: Tensor | None


class Classifier:
    """Takes pictures, RGB in [0, 1], of any size; resizes and scales them as its network wants it.

    The network's weights must not change afterwards: other weights make another classifier. Where some of its
    parameters are those of `relatives` too, it takes over what these have prepared of them.
    """

    def __init__(
        self,
        network: nn.Module,
        input_size: int,
        classes: Sequence[ClassName | None],
        relatives: Sequence["Classifier"] = (),
        architecture: Architecture = INCEPTION_V1,
    ) -> None:
        self.network = network
        self.architecture = architecture
        self.input_size = input_size
        self.classes = tuple(classes)
        self._preprocessing = architecture.preprocessing(input_size)
        self._run: Runner = architecture.runner(network, [other._run for other in relatives])
        self._dummies = torch.tensor([index for index, name in enumerate(classes) if name is None])

    @property
    def anatomy(self) -> Anatomy:
        """The network's layers and their units."""
        return self.architecture.anatomy

    @property
    def device(self) -> torch.device:
        """Where the network's weights are."""
        return next(self.network.parameters()).device

    def answer(
        self, picture: Tensor, layer: str | None = None, logits: bool = True, *, resize: bool = True
    ) -> Answer:
        """What the network makes of `picture` (N, 3, H, W), RGB in [0, 1], any size.

        Runs no further than it must; without `resize` at the picture's own size. Differentiable where
        `picture` requires a gradient.

        Raises:
            PictureError: another shape, not floating point, NaN or infinite values.
            ValueError: no such layer.
        """
        taps = () if layer is None else (layer,)
        differentiable = torch.is_grad_enabled() and picture.requires_grad
        with torch.set_grad_enabled(differentiable):
            outputs = self._run(self.prepare(picture, resize), taps, logits)
        return Answer(outputs.taps.get(layer or ""), outputs.logits)

    def prepare(self, picture: Tensor, resize: bool = True) -> Tensor:
        """The network's input for `picture`: of its size (if `resize`, or if it takes no other) and scale.

        Raises:
            PictureError: as `answer`.
        """
        check_picture(picture)
        parameter = next(self.network.parameters())
        x = picture.to(device=parameter.device, dtype=parameter.dtype, memory_format=torch.channels_last)
        return self._preprocessing.scaled(self._preprocessing.fit(x, resize))

    def top(self, logits: Tensor, count: int = 5) -> list[Prediction]:
        """The `count` classes of one picture's `logits` (outputs,), highest first.

        Dummy outputs are never listed; the softmax runs over all outputs, as in the published graph.
        """
        logits = logits.detach().float().cpu()
        probabilities = logits.softmax(0)
        ranked = logits.index_fill(0, self._dummies, -torch.inf) if len(self._dummies) else logits
        named = sum(name is not None for name in self.classes)
        order = ranked.topk(min(count, named)).indices.tolist()
        return [self._row(index, float(logits[index]), float(probabilities[index])) for index in order]

    def _row(self, index: int, logit: float, probability: float) -> Prediction:
        name = self.classes[index]
        assert name is not None
        return {
            "index": index,
            "wnid": name.wnid,
            "class": name.name,
            "logit": logit,
            "probability": probability,
        }


def check_picture(picture: Tensor) -> None:
    """That `picture` is (N, 3, H, W), floating point and finite.

    Raises:
        PictureError: it isn't.
    """
    shape = tuple(picture.shape)
    if len(shape) != 4 or shape[1] != 3 or 0 in shape:
        raise PictureError(f"picture: expected shape (N, 3, H, W), got {shape}")
    if not picture.is_floating_point():
        raise PictureError(f"picture: expected floating-point values in [0, 1], got {picture.dtype}")
    # NaN and infinity survive a sum: one pass instead of a mask and its reduction.
    if not bool(picture.detach().sum().isfinite()):
        raise PictureError("picture: expected finite values in [0, 1], got NaN or infinity")
