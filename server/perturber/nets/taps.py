"""Taps: how a layer's values are read from any torch module while it runs."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import Literal

from torch import Tensor, nn

from perturber.nets.architecture import Outputs

Form = Literal["maps", "channels last", "tokens"]


@dataclass(frozen=True)
class Tap:
    """Where a layer's values pass: at the `call`th time in a forward pass that `module` (a dotted path) is
    called, what it gives, or with `before` what it is given (an activation function's input). `form` is how
    they lie: (N, C, h, w), (N, h, w, C), or (N, tokens, C) with special tokens in front of a square of them.
    """

    module: str
    call: int
    before: bool
    form: Form


def as_maps(values: Tensor, form: Form) -> Tensor:
    """`values` as activation maps (N, C, h, w), a copy: the network may go on in place."""
    if form == "maps":
        return values.clone()
    if form == "channels last":
        return values.permute(0, 3, 1, 2).contiguous()
    count, tokens, channels = values.shape
    side = isqrt(tokens)
    squared = values[:, tokens - side * side :]  # class and register tokens come first
    return squared.transpose(1, 2).reshape(count, channels, side, side)


@dataclass
class _Request:
    """What a run wants tapped, how often each tapped module was called, and what was found."""

    wanted: Collection[str]
    stop: bool
    calls: dict[tuple[str, bool], int] = field(default_factory=dict)
    found: dict[str, Tensor] = field(default_factory=dict)


class _Enough(BaseException):
    """Ends a forward pass that has given all it was asked for."""


class _Current(threading.local):
    request: _Request | None = None


# Frames, attacks and feature visualization may run one network at the same time, each in its own thread.
_current = _Current()


def install(network: nn.Module, taps: Mapping[str, Tap]) -> None:
    """Make `network`'s layers readable; a copy of it is, too, as its hooks hold nothing of it."""
    for key in {(tap.module, tap.before): None for tap in taps.values()}:
        path, before = key
        here = {layer: tap for layer, tap in taps.items() if (tap.module, tap.before) == key}
        module = network.get_submodule(path)
        if before:
            module.register_forward_pre_hook(_input_hook(key, here))
        else:
            module.register_forward_hook(_output_hook(key, here))


def _input_hook(key: tuple[str, bool], taps: Mapping[str, Tap]):  # type: ignore[no-untyped-def]
    def hook(_: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        _read(key, taps, arguments[0])

    return hook


def _output_hook(key: tuple[str, bool], taps: Mapping[str, Tap]):  # type: ignore[no-untyped-def]
    def hook(_: nn.Module, __: tuple[Tensor, ...], output: Tensor) -> None:
        _read(key, taps, output)

    return hook


def _read(key: tuple[str, bool], taps: Mapping[str, Tap], values: Tensor) -> None:
    request = _current.request
    if request is None:
        return
    call = request.calls[key] = request.calls.get(key, 0) + 1
    for layer, tap in taps.items():
        if tap.call == call and layer in request.wanted:
            request.found[layer] = as_maps(values, tap.form)
    if request.stop and len(request.found) == len(request.wanted):
        raise _Enough


def run_tapped(network: nn.Module, x: Tensor, wanted: Collection[str], logits: bool) -> Outputs:
    """`network`'s answer to its input `x`; without `logits` it stops behind the deepest of `wanted`."""
    if not wanted and not logits:
        return Outputs({}, None)
    request = _current.request = _Request(frozenset(wanted), stop=not logits)
    try:
        result: Tensor = network(x)
    except _Enough:
        return Outputs(request.found, None)
    finally:
        _current.request = None
    return Outputs(request.found, result if logits else None)
