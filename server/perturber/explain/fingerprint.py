"""Which weights a visualization is of: a hash of all that its objective depends on."""

import hashlib
import threading
from collections.abc import Iterator, MutableMapping

from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from perturber.nets.classifier import Classifier

_digests: MutableMapping[Tensor, bytes] = WeakIdKeyDictionary()
_lock = threading.Lock()


def fingerprint(network: Classifier, layer: str | None) -> str:
    """A hash of the weights up to `layer` (None: all of them), equal for equal weights only.

    What lies behind the layer doesn't count: an edit there leaves the layer's pictures true. Layers that
    networks share are hashed once.
    """
    whole = hashlib.sha256(type(network.network).__name__.encode())
    for name, tensor in _tensors(network, layer):
        whole.update(name.encode() + _digest(tensor))
    return whole.hexdigest()


def _tensors(network: Classifier, layer: str | None) -> Iterator[tuple[str, Tensor]]:
    """Parameters and kept buffers, such as batch normalization's statistics, up to `layer`."""
    architecture = network.architecture
    groups = architecture.anatomy.groups
    counting = groups if layer is None else groups[: groups.index(layer) + 1]
    for name, tensor in network.network.state_dict(keep_vars=True).items():
        if architecture.group_of(name) in counting:
            yield name, tensor


def _digest(parameter: Tensor) -> bytes:
    """The hash of one tensor; weights never change in place (see `Classifier`), so it is taken once."""
    with _lock:
        known = _digests.get(parameter)
    if known is None:
        values = parameter.detach().float().cpu().contiguous().numpy()
        known = hashlib.sha256(repr(values.shape).encode() + values.tobytes()).digest()
        with _lock:
            _digests[parameter] = known
    return known
