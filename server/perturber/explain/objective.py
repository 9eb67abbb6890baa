"""What a feature visualization maximises: a neuron, a channel or a class; and how alike its facets are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.errors import PerturberError
from perturber.nets.classifier import Classifier
from perturber.nets.layers import CHANNELS

Kind = Literal["neuron", "channel", "class"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class ObjectiveError(PerturberError, ValueError):
    """An objective that the network doesn't have; the message names what was expected and what came."""


@dataclass(frozen=True)
class Objective:
    """`neuron`: a channel's central unit; `channel`: the mean of its map; both of `layer`, before the ReLU.

    `class`: the logit of a class; `layer` is then None.
    """

    kind: Kind
    layer: str | None

    def measure(self, network: Classifier, pictures: Tensor, units: Tensor) -> tuple[Tensor, Tensor]:
        """The value `(N,)` of each picture's own unit, and the whole tapped layer `(N, C, h, w)`.

        The network runs at the pictures' size, no further than the layer.
        """
        answer = network.answer(pictures, self.layer, logits=self.layer is None, resize=False)
        rows = torch.arange(len(pictures), device=units.device)
        if self.layer is None:
            assert answer.logits is not None
            return answer.logits[rows, units], answer.logits[:, :, None, None]
        maps = answer.activations
        assert maps is not None
        own = maps[rows, units]
        centre = own[:, own.shape[1] // 2, own.shape[2] // 2]
        return centre if self.kind == "neuron" else own.mean(dim=(1, 2)), maps


def check_units(
    layer: str | None, units: Sequence[int], classes: int, channels: Mapping[str, int] = CHANNELS
) -> None:
    """That `layer` of a network with these `channels` has all of `units`; without a layer, that they are
    among so many `classes`.

    Raises:
        ObjectiveError: no such layer, no such unit or class.
    """
    if layer is not None and layer not in channels:
        raise ObjectiveError(f"layer: expected one of {', '.join(channels)}, got {layer!r}")
    count = classes if layer is None else channels[layer]
    wrong = [unit for unit in units if not 0 <= unit < count]
    if wrong:
        raise ObjectiveError(f"units: expected numbers in [0, {count - 1}], got {wrong[0]}")


def similarity(maps: Tensor, facets: int) -> Tensor:
    """How alike in style each picture is to the other facets of its unit: `(N,)`, at most 1.

    maps: (N, C, h, w), the `facets` pictures of a unit next to each other. The mean cosine between Gram
    matrices G_ij = sum over x, y of l[x, y, i] l[x, y, j] (thesis 2.3.2, eq. 2.1; Olah et al. 2017).
    """
    flat = maps.flatten(2)
    gram = F.normalize((flat @ flat.mT).flatten(1), dim=1)
    gram = gram.reshape(-1, facets, gram.shape[1])
    cosines = gram @ gram.mT
    others: Tensor = cosines.sum(2) - cosines.diagonal(dim1=1, dim2=2)
    return others.flatten() / max(1, facets - 1)
