"""Architectures of torchvision and timm, behind the interface that Inception V1 has."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor, nn

from perturber.nets.architecture import Outputs, Preprocessing, Runner, check_taps
from perturber.nets.layers import Anatomy
from perturber.nets.library_catalog import TRAINING_ONLY, ArchitectureError, create, label, preprocessing
from perturber.nets.probe import probe
from perturber.nets.taps import Tap, install, run_tapped

CLASSES = 1000
"""Outputs of the libraries' own weights: ImageNet's classes in the order of their wnids."""


@dataclass(frozen=True, eq=False)
class LibraryArchitecture:
    """One of a library's classifiers, with what a look at it has found."""

    anatomy: Anatomy
    _preprocessing: Preprocessing
    _taps: Mapping[str, Tap]
    _groups: Mapping[str, str]
    _kernels: frozenset[str]
    _head: tuple[str, int]

    def build(self, num_classes: int) -> nn.Module:
        """A network whose weights are to be loaded."""
        network = _without_values(self.anatomy.name, num_classes)
        install(network, self._taps)
        return network

    def outputs(self, state: Mapping[str, Tensor]) -> int | None:
        """The last layer's rows in `state`."""
        name, axis = self._head
        tensor = state.get(name)
        return None if tensor is None or tensor.dim() <= axis else tensor.shape[axis]

    def relevant(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """`state` without the second classifiers of training."""
        return {name: tensor for name, tensor in state.items() if not name.startswith(TRAINING_ONLY)}

    def last_layer(self) -> str:
        """The first parameter whose shape follows the number of classes."""
        return self._head[0]

    def preprocessing(self, input_size: int | None) -> Preprocessing:
        """As the library's configuration says; its networks have one input size."""
        if input_size not in (None, self._preprocessing.size):
            expected = f"an input size of {self._preprocessing.size}"
            raise ArchitectureError(f"{self.anatomy.name}: expected {expected}, got {input_size}")
        return self._preprocessing

    def runner(self, network: nn.Module, relatives: Sequence[Runner] = ()) -> Runner:  # noqa: ARG002
        """`network` with its taps."""

        def run(x: Tensor, taps: Collection[str], logits: bool) -> Outputs:
            check_taps(taps, self.anatomy)
            return run_tapped(network, x, taps, logits)

        return run

    def group_of(self, name: str) -> str:
        """The layer whose modules hold it, or the next one behind."""
        return self._groups[name]

    def is_kernel(self, name: str) -> bool:
        """Weights of convolutions and linear layers."""
        return name in self._kernels


@cache
def library_architecture(name: str) -> LibraryArchitecture:
    """The architecture called `name`, as its library builds it.

    Raises:
        ArchitectureError: no such library or model, or one without maps that could be shown.
    """
    network, other = (_without_values(name, count) for count in (CLASSES, CLASSES + 1))
    wanted = preprocessing(name)
    try:
        found = probe(network.to("meta"), wanted.size)
    except Exception as error:  # whatever a library's module raises on an input it can't take
        reason = str(error).partition("\n")[0][:200]
        raise ArchitectureError(
            f"{name}: expected a network for inputs of {wanted.size} px, got: {reason}"
        ) from error
    if not found.layers:
        raise ArchitectureError(f"{name}: expected a network with layers that give maps, got none")
    kernels = [
        f"{path}.weight"
        for path, module in network.named_modules()
        if isinstance(module, nn.modules.conv._ConvNd | nn.Linear)
    ]
    anatomy = Anatomy(name, label(name), tuple((layer.name, layer.channels) for layer in found.layers))
    taps = {layer.name: layer.tap for layer in found.layers}
    head = _head(name, network, other)
    wanted = replace(wanted, any_size=all(tap.form == "maps" for tap in taps.values()))
    return LibraryArchitecture(anatomy, wanted, taps, found.groups, frozenset(kernels), head)


def _head(name: str, network: nn.Module, other: nn.Module) -> tuple[str, int]:
    """The first parameter, and its axis, that follows the number of classes."""
    others = other.state_dict()
    for key, tensor in network.state_dict().items():
        for axis, (one, two) in enumerate(zip(tensor.shape, others[key].shape, strict=True)):
            if one != two:
                return key, axis
    raise ArchitectureError(f"{name}: expected a classifier, got a network without outputs for classes")


def _without_values(name: str, num_classes: int) -> nn.Module:
    """A network whose weights are to be loaded: no time goes into random ones, where that can be."""
    try:
        with torch.device("meta"):
            network = create(name, num_classes)
    except (NotImplementedError, RuntimeError):  # it computes with values while it is built
        return create(name, num_classes)
    loaded = network.state_dict(keep_vars=True)
    known = {id(tensor) for tensor in loaded.values()}
    others = (value for module in network.modules() for value in _tensors(module))
    # What no file brings must be there from the beginning.
    return create(name, num_classes) if any(id(value) not in known for value in others) else network


def _tensors(module: nn.Module) -> list[Tensor]:
    own = (*module._parameters.values(), *module._buffers.values(), *vars(module).values())
    return [value for value in own if isinstance(value, Tensor)]
