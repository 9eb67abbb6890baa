"""Every architecture by its name: Inception V1, and the classifiers of torchvision and timm."""

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from functools import cache

import torch
from torch import Tensor, nn

from perturber.nets import layers
from perturber.nets.architecture import Architecture, Outputs, Preprocessing, Runner
from perturber.nets.inception import CLASSIFIER, InceptionV1, Operations, run
from perturber.nets.packed import Packed, packable


class InceptionRunner:
    """An Inception V1 to run: with packed weights, where they work, for one picture without gradients."""

    def __init__(self, network: InceptionV1, relatives: Sequence[Runner]) -> None:
        self._network = network
        self._packed: Packed | None = None
        if packable(network):
            packed = [other._packed for other in relatives if isinstance(other, InceptionRunner)]
            self._packed = Packed(network, [other for other in packed if other])

    def __call__(self, x: Tensor, taps: Collection[str], logits: bool) -> Outputs:
        """As `Runner`."""
        operations: Operations = self._network
        differentiable = torch.is_grad_enabled() and x.requires_grad
        if self._packed is not None and len(x) == 1 and not differentiable:
            operations = self._packed
        return run(operations, x, taps, logits)


class _InceptionV1:
    anatomy = layers.INCEPTION_V1

    def build(self, num_classes: int) -> InceptionV1:
        return deepcopy(_blank(num_classes))

    def outputs(self, state: Mapping[str, Tensor]) -> int | None:
        bias = state.get(self.last_layer())
        return None if bias is None or bias.dim() != 1 or not len(bias) else len(bias)

    def relevant(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return dict(state)

    def last_layer(self) -> str:
        return f"{CLASSIFIER}.bias"

    def preprocessing(self, input_size: int | None) -> Preprocessing:
        """The whole picture, RGB in [0, 255] minus 117."""
        return Preprocessing(input_size or 224, (255.0,) * 3, (-117.0,) * 3)

    def runner(self, network: nn.Module, relatives: Sequence[Runner] = ()) -> Runner:
        assert isinstance(network, InceptionV1)
        return InceptionRunner(network, relatives)

    def group_of(self, name: str) -> str:
        return layers.CLASSIFIER_GROUP if name.startswith(CLASSIFIER) else name.partition("_")[0]

    def is_kernel(self, name: str) -> bool:
        return name.endswith(".weight")


@cache  # making one takes longer than copying it
def _blank(num_classes: int) -> InceptionV1:
    with torch.device("meta"):
        return InceptionV1(num_classes)


INCEPTION_V1: Architecture = _InceptionV1()
"""Google's network, in which the bundled ones are."""


def find(name: str) -> Architecture:
    """The architecture called `name`: `inception-v1`, `torchvision:resnet18`, `timm:convnext_atto`, ...

    Raises:
        ArchitectureError: there is none, its library isn't installed, or it has no layers to show.
    """
    if name == INCEPTION_V1.anatomy.name:
        return INCEPTION_V1
    from perturber.nets.library import library_architecture  # imports torchvision: only where it is needed

    return library_architecture(name)
