"""Weight files: read without unpickling anything, and checked before a network takes them."""

import hashlib
import io
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_safetensors
from torch import Tensor

from perturber.errors import PerturberError
from perturber.nets.inception import CLASSIFIER, InceptionV1


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
    if not isinstance(state, dict):
        raise ModelError(f"{source}: expected tensors by name, got {type(state).__name__}")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise ModelError(f"{source}: expected tensors by name, got {name!r:.80}: {type(tensor).__name__}")
    return dict(state)


def shapes(num_classes: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of an Inception V1 with `num_classes` outputs."""
    return {name: tuple(parameter.shape) for name, parameter in _blank(num_classes).state_dict().items()}


@cache  # making one takes longer than copying it
def _blank(num_classes: int) -> InceptionV1:
    with torch.device("meta"):
        return InceptionV1(num_classes)


def verify(state: Mapping[str, Tensor], num_classes: int, source: str) -> None:
    """That `state` is a whole Inception V1 with `num_classes` outputs and finite values.

    Raises:
        ModelError: names or shapes differ, or a value is NaN or infinite; `source` says whose they are.
    """
    expected = shapes(num_classes)
    for name in sorted(expected.keys() - state.keys()):
        raise ModelError(f"{source}: expected a tensor {name}, got none of that name")
    for name in sorted(state.keys() - expected.keys()):
        raise ModelError(f"{source}: expected only Inception V1's parameters, got {name[:80]!r}")
    for name, shape in expected.items():
        received = tuple(state[name].shape)
        if received != shape:
            raise ModelError(f"{source}: {name}: expected shape {shape}, got {received}")
        if not state[name].is_floating_point():
            raise ModelError(f"{source}: {name}: expected floating-point values, got {state[name].dtype}")
        if not _finite(state[name]):
            raise ModelError(f"{source}: {name}: expected finite values, got NaN or infinity")


def _finite(values: Tensor) -> bool:
    # NaN and infinity survive a sum, which is many times faster; but a sum of finite values may overflow.
    return bool(values.sum(dtype=torch.float32).isfinite()) or bool(values.isfinite().all())


def outputs(state: Mapping[str, Tensor], source: str) -> int:
    """How many classes the last layer of `state` has.

    Raises:
        ModelError: it has no such layer.
    """
    bias = state.get(f"{CLASSIFIER}.bias")
    if bias is None or bias.dim() != 1 or not len(bias):
        raise ModelError(f"{source}: expected a vector {CLASSIFIER}.bias, got none")
    return len(bias)


def build(state: Mapping[str, Tensor], device: torch.device) -> InceptionV1:
    """The network of a verified `state`: float32, frozen, in evaluation mode."""
    network = deepcopy(_blank(len(state[f"{CLASSIFIER}.bias"])))
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()}, assign=True)
    # Channels last is the layout in which oneDNN and cuDNN convolve without reordering.
    network.eval().requires_grad_(False)
    return network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
