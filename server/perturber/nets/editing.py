"""The Edited Model: a network made of others by an edit, layer by layer, only what the edit touched anew."""

import copy
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from safetensors.torch import save as to_safetensors
from torch import Tensor, nn

from perturber.errors import PerturberError
from perturber.nets import catalog
from perturber.nets.architecture import Architecture
from perturber.nets.catalog import ModelEntry
from perturber.nets.classifier import Classifier
from perturber.nets.edit import WHOLE, Edit, Mix, Range
from perturber.nets.pruning import kept_filters, pruned
from perturber.nets.weights import plain
from perturber.nets.zoo import Zoo

MAX_SESSIONS = 8
"""How many sessions' Edited Models stay in memory, of at most about 50 MB each: layers that are a base's own
are shared with it."""


class FamilyError(PerturberError, ValueError):
    """Networks that can't be mixed; the message names both."""


class Active(NamedTuple):
    """What is active of a layer: `alpha`, the share of Model 2, and how many of its `filters` are `kept`.

    The filters of a block are those of all its convolutions.
    """

    alpha: float
    kept: int
    filters: int

    @property
    def share(self) -> float:
        """The share of filters kept, in [0, 1]; a layer without filters keeps all."""
        return self.kept / self.filters if self.filters else 1.0


@dataclass(frozen=True)
class _Part:
    """A layer's parameters and buffers by name, with the setting that made them of its bases' ones."""

    setting: float | Range
    tensors: dict[str, Tensor]
    active: Active


@dataclass(frozen=True)
class EditedNetwork:
    """The network of one edit. It never changes: the next edit makes another that shares what is the same."""

    edit: Edit
    classifier: Classifier
    _bases: tuple[ModelEntry, ...]
    _parts: dict[str, _Part]

    def active(self) -> dict[str, Active]:
        """What is active, layer by layer, input to output."""
        return {layer: part.active for layer, part in self._parts.items()}

    def to_safetensors(self) -> bytes:
        """A weight file with the zoo's names, for `perturber models import`; its metadata holds the edit."""
        state = self.classifier.network.state_dict()
        return to_safetensors(plain(state), metadata={"edit": self.edit.to_json()})


class Editor:
    """Makes Edited Models of the zoo's networks, and keeps each session's last. Safe for several threads."""

    def __init__(self, zoo: Zoo) -> None:
        self._zoo = zoo
        self._last: OrderedDict[Hashable, EditedNetwork] = OrderedDict()
        self._lock = threading.Lock()

    @torch.inference_mode(False)  # an edit made for a frame serves gradients later
    def load(self, edit: Edit, session: Hashable = None) -> EditedNetwork:
        """The network of `edit`; layers that `session`'s last one has with the same setting are taken over.

        Raises:
            UnknownModelError, ModelError: a base can't be loaded, as in `Zoo.load`.
            FamilyError: a mix of two networks that aren't of one family.
        """
        with self._lock:
            last = self._last.get(session)
        edited = self._make(edit, last)
        with self._lock:
            self._last[session] = edited
            self._last.move_to_end(session)
            while len(self._last) > MAX_SESSIONS:
                self._last.popitem(last=False)
        return edited

    def _make(self, edit: Edit, last: EditedNetwork | None) -> EditedNetwork:
        names = (edit.model1, edit.model2) if isinstance(edit, Mix) else (edit.model1,)
        bases = tuple(catalog.find(base.variant, base.checkpoint) for base in names)
        if last is not None and last._bases != bases:
            last = None
        if last is not None and last.edit == edit:
            return last
        classifiers = [self._zoo.load(base.variant, base.checkpoint) for base in bases]
        _check_family(bases, classifiers)
        parts = _parts(edit, classifiers, last)
        first = classifiers[0]
        relatives = classifiers if last is None else [*classifiers, last.classifier]
        # The last one is likely the most alike.
        network = _assemble(relatives[-1].network, parts.values())
        classifier = Classifier(
            network, first.input_size, first.classes, relatives, architecture=first.architecture
        )
        return EditedNetwork(edit, classifier, bases, parts)


def _check_family(bases: Sequence[ModelEntry], classifiers: Sequence[Classifier]) -> None:
    """That all networks are of one architecture, with the same classes, for pictures of the same size."""
    architectures = {base.anatomy.label: base for base in bases}
    if len(architectures) > 1:
        received = " and ".join(f"{base.variant} ({base.anatomy.label})" for base in bases)
        raise FamilyError(f"mix: expected two networks of one architecture, got {received}")
    answers = {(classifier.classes, classifier.input_size) for classifier in classifiers}
    if len(answers) > 1:
        received = " and ".join(
            f"{base.variant} ({base.family}: {base.num_classes} classes, {base.input_size} px)"
            for base in bases
        )
        raise FamilyError(
            f"mix: expected two networks of one family (the same classes and input size), got {received}"
        )


def _parts(edit: Edit, bases: Sequence[Classifier], last: EditedNetwork | None) -> dict[str, _Part]:
    """Every layer of the edited network: the last one's where its setting is the same, else a new one."""
    architecture = bases[0].architecture
    sources = [_by_layer(base.network, architecture) for base in bases]
    parts = {}
    for layer, setting in edit.by_layer().items():
        part = None if last is None else last._parts[layer]
        if part is None or part.setting != setting:
            of_layer = [source[layer] for source in sources]
            if isinstance(setting, tuple):
                part = _prune(of_layer[0], setting, architecture)
            else:
                part = _mix(of_layer, setting, architecture)
        parts[layer] = part
    return parts


def _by_layer(network: nn.Module, architecture: Architecture) -> dict[str, dict[str, Tensor]]:
    """The network's parameters and kept buffers by editable layer and name."""
    layers: dict[str, dict[str, Tensor]] = {layer: {} for layer in architecture.anatomy.groups}
    for name, tensor in network.state_dict(keep_vars=True).items():
        layers[architecture.group_of(name)][name] = tensor
    return layers


def _mix(sources: Sequence[Mapping[str, Tensor]], alpha: float, architecture: Architecture) -> _Part:
    """Equation 5.1, for biases and running statistics too; at 0 and 1 the base's own tensors."""
    one, two = sources
    if alpha in (0, 1):
        mixed = dict(two if alpha else one)
    else:
        mixed = {name: _lerp(one[name], two[name], alpha) for name in one}
    filters = sum(len(tensor) for name, tensor in one.items() if architecture.is_kernel(name))
    return _Part(alpha, mixed, Active(alpha, filters, filters))


def _prune(source: Mapping[str, Tensor], kept: Range, architecture: Architecture) -> _Part:
    """Each of the layer's kernels pruned by its own filters' ranks; biases stay."""
    kernels = {name: tensor for name, tensor in source.items() if architecture.is_kernel(name)}
    stays = {name: kept_filters(kernel, kept) for name, kernel in kernels.items()}
    result = dict(source)
    if kept != WHOLE:
        result |= {name: _frozen(pruned(kernel, stays[name])) for name, kernel in kernels.items()}
    masks = list(stays.values())
    return _Part(kept, result, Active(0.0, sum(int(mask.sum()) for mask in masks), sum(map(len, masks))))


def _lerp(one: Tensor, two: Tensor, alpha: float) -> Tensor:
    """Between two parameters or buffers; of whole numbers, such as counters and tables, the first."""
    if not one.is_floating_point():
        return one
    between = torch.lerp(one, two, alpha)
    return _frozen(between) if isinstance(one, nn.Parameter) else between


def _frozen(tensor: Tensor) -> nn.Parameter:
    return nn.Parameter(tensor, requires_grad=False)


def _assemble(like: nn.Module, parts: Iterable[_Part]) -> nn.Module:
    """A network like another with the parts' tensors. What is the same is shared, not copied."""
    tensors = {name: tensor for part in parts for name, tensor in part.tensors.items()}
    # What deepcopy finds in its memo it takes for already copied: here each tensor's stand-in.
    memo: dict[int, object] = {id(buffer): buffer for buffer in like.buffers()}
    memo |= {id(old): tensors[name] for name, old in like.state_dict(keep_vars=True).items()}
    for module in like.children():
        own = (*module.parameters(), *module.buffers())
        if all(memo[id(tensor)] is tensor for tensor in own):
            memo[id(module)] = module
    return copy.deepcopy(like, memo)
