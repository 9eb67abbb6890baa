"""The model zoo: loaded networks by variant and checkpoint."""

import threading
from collections import OrderedDict
from pathlib import Path

import torch

from perturber.nets import architectures, catalog
from perturber.nets.classes import read_classes
from perturber.nets.classifier import Classifier
from perturber.nets.differences import unpack
from perturber.nets.weights import ModelError, assemble, read_safetensors, verify

MAX_LOADED = 8
"""How many networks stay in memory, of about 50 MB each: three slots, and some checkpoints to go back to."""


class Zoo:
    """Loads each network once and keeps the latest used. Safe to use from several threads.

    Entries with one file share one network, and a difference is added to its base in memory, read once.

    `device` is a torch device, or `auto`: CUDA where there is one.
    """

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self.device = _device(str(device))
        self._loaded: OrderedDict[_Identity, Classifier] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, variant: str, checkpoint: int = 0) -> bool:
        """Whether that network is loaded: then `load` takes no time.

        Raises:
            UnknownModelError: as `load`.
        """
        return _identity(catalog.find(variant, checkpoint)) in self._loaded

    def load(self, variant: str, checkpoint: int = 0) -> Classifier:
        """The network of `variant` at fine-tuning iteration `checkpoint` (0: the finished one).

        Raises:
            UnknownModelError: no such variant or checkpoint.
            ArchitectureError: its library isn't installed any more.
            ModelError: its weight file or class list is missing, altered or not what the manifest says.
        """
        entry = catalog.find(variant, checkpoint)
        with self._lock:
            return self._load(entry)

    def _load(self, entry: catalog.ModelEntry) -> Classifier:
        identity = _identity(entry)
        if identity not in self._loaded:
            base = None if entry.base is None else self._load(catalog.find(entry.base))
            self._loaded[identity] = open_classifier(entry, self.device, base)
        self._loaded.move_to_end(identity)
        while len(self._loaded) > MAX_LOADED:
            self._loaded.popitem(last=False)
        return self._loaded[identity]


_Identity = tuple[str, Path, str]


def _identity(entry: catalog.ModelEntry) -> _Identity:
    return entry.family, entry.file, entry.sha256


@torch.inference_mode(False)  # a network loaded for a frame serves gradients later
def open_classifier(
    entry: catalog.ModelEntry, device: torch.device, base: Classifier | None = None
) -> Classifier:
    """The network of a manifest entry, read, verified and built; a difference is added to `base`.

    Raises:
        ModelError: as `Zoo.load`.
    """
    state = read_safetensors(entry.file, entry.sha256)
    if base is not None:
        state = unpack(state, base.network.state_dict(), str(entry.file))
    architecture = architectures.find(entry.anatomy.name)
    if architecture.anatomy != entry.anatomy:
        raise ModelError(
            f"{entry.variant}: expected {entry.anatomy.label}'s layers as it was imported with, "
            f"got {architecture.anatomy.extent} of another version of its library: import it again"
        )
    verify(state, entry.num_classes, str(entry.file), architecture)
    try:
        classes = read_classes(entry.classes, entry.num_classes)
    except (OSError, ValueError) as error:
        raise ModelError(f"{entry.classes}: not a class list of {entry.num_classes}: {error}") from error
    network = assemble(architecture, state, device)
    return Classifier(network, entry.input_size, classes, architecture=architecture)


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # an unknown name, or a device that isn't there
        raise ModelError(
            f"device: expected auto, cpu, cuda or another device of this machine, got {name!r}"
        ) from error
    return device
