"""Weight files: read without unpickling anything, and checked before a network takes them."""

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_safetensors
from torch import Tensor, nn

from perturber.errors import PerturberError
from perturber.nets import architectures
from perturber.nets.architecture import Architecture, frozen
from perturber.nets.architectures import INCEPTION_V1
from perturber.nets.inception import InceptionV1

_FEW = 3
"""How many of a file's names a message lists."""


class ModelError(PerturberError):
    """A weight file that can't be used; the message names the file, what was expected and what came."""


def read_safetensors(path: Path, sha256: str) -> dict[str, Tensor]:
    """The tensors of the file at `path`, whose bytes have the given SHA-256.

    Raises:
        ModelError: no such file, another checksum, not a safetensors file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: expected a weight file, got {error.strerror}") from error
    received = hashlib.sha256(content).hexdigest()
    if received != sha256:
        raise ModelError(f"{path}: expected SHA-256 {sha256}, got {received}")
    try:
        return parse_safetensors(content)
    except SafetensorError as error:
        raise ModelError(f"{path}: expected a safetensors file, got {error}") from error


def read_checkpoint(path: Path, source: str) -> dict[str, Tensor]:
    """The tensors of a safetensors file, or of one that `torch.save` wrote, whatever it is called.

    A pickle is read with torch's restricted reader, which builds tensors and refuses everything else.

    Raises:
        ModelError: neither kind of file, or something else in it than tensors by name; `source` names it.
    """
    try:
        content = path.read_bytes()
        # A safetensors file begins with the length of its header and then that header, a JSON object.
        if content[8:9] == b"{":
            return parse_safetensors(content)
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # the readers raise whatever a broken file leads them to
        reason = str(error).partition("\n")[0][:200]
        raise ModelError(
            f"{source}: expected safetensors or tensors saved by torch, got: {reason}"
        ) from error
    state = _unwrapped(state)
    if not isinstance(state, dict):
        raise ModelError(f"{source}: expected tensors by name, got {type(state).__name__}")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise ModelError(f"{source}: expected tensors by name, got {name!r:.80}: {type(tensor).__name__}")
    return dict(state)


def _unwrapped(state: object) -> object:
    """A training's checkpoint keeps the tensors under a name, parallel training puts one before each."""
    for key in ("state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if isinstance(state, dict) and state and all(str(name).startswith("module.") for name in state):
        return {str(name).removeprefix("module."): tensor for name, tensor in state.items()}
    return state


def verify(
    state: Mapping[str, Tensor], num_classes: int, source: str, architecture: Architecture = INCEPTION_V1
) -> None:
    """That `state` is a whole network of `architecture` with `num_classes` outputs and finite values.

    Raises:
        ModelError: names or shapes differ, or a value is NaN or infinite; `source` says whose they are.
    """
    label = architecture.anatomy.label
    expected = _expected(architecture.anatomy.name, num_classes)
    missing = [name for name in expected if name not in state]
    surplus = sorted(name for name in state if name not in expected)
    if missing:
        instead = f"; it has {_some(surplus)}" if surplus else ""
        raise ModelError(
            f"{source}: expected a tensor {_some(missing, str)}, got none of that name{instead}"
            if len(missing) == 1
            else f"{source}: expected {label}'s tensors {_some(missing, str)}, got none of these{instead}"
        )
    if surplus:
        raise ModelError(f"{source}: expected only {label}'s parameters, got {_some(surplus)}")
    for name, (shape, floating) in expected.items():
        received = tuple(state[name].shape)
        if received != shape:
            raise ModelError(f"{source}: {name}: expected shape {shape}, got {received}")
        if not state[name].is_floating_point() and floating:
            raise ModelError(f"{source}: {name}: expected floating-point values, got {state[name].dtype}")
        if not _finite(state[name]):
            raise ModelError(f"{source}: {name}: expected finite values, got NaN or infinity")


@cache
def _expected(architecture: str, num_classes: int) -> dict[str, tuple[tuple[int, ...], bool]]:
    """By name the shape of every tensor, and whether it holds floating-point values."""
    state = architectures.find(architecture).build(num_classes).state_dict()
    return {name: (tuple(tensor.shape), tensor.is_floating_point()) for name, tensor in state.items()}


def _finite(values: Tensor) -> bool:
    # NaN and infinity survive a sum, which is many times faster; but a sum of finite values may overflow.
    return bool(values.sum(dtype=torch.float32).isfinite()) or bool(values.isfinite().all())


def _some(names: Sequence[str], write: Callable[[str], str] = repr) -> str:
    """A few of many names, shortened."""
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(write(name[:80]) for name in names[:_FEW]) + more


def outputs(state: Mapping[str, Tensor], source: str, architecture: Architecture = INCEPTION_V1) -> int:
    """How many classes the last layer of `state` has.

    Raises:
        ModelError: it has no such layer.
    """
    count = architecture.outputs(state)
    if not count:
        raise ModelError(
            f"{source}: expected a tensor {architecture.last_layer()}, got {_some(sorted(state)) or 'none'}"
        )
    return count


def assemble(architecture: Architecture, state: Mapping[str, Tensor], device: torch.device) -> nn.Module:
    """The network of a verified `state`: floating-point values in float32, frozen, in evaluation mode."""
    network = architecture.build(outputs(state, "state", architecture))
    tensors = {
        name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()
    }
    network.load_state_dict(tensors, assign=True)
    return frozen(network, device)


def build(state: Mapping[str, Tensor], device: torch.device) -> InceptionV1:
    """The Inception V1 of a verified `state`, as `assemble`."""
    network = assemble(INCEPTION_V1, state, device)
    assert isinstance(network, InceptionV1)
    return network


def plain(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`state` as weight files hold it: float32 on the CPU, contiguous, no two tensors in one memory."""
    tensors = {name: tensor.detach().cpu() for name, tensor in state.items()}
    return {
        name: (tensor.float() if tensor.is_floating_point() else tensor).clone(
            memory_format=torch.contiguous_format
        )
        for name, tensor in tensors.items()
    }
