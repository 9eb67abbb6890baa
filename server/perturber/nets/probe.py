"""Which layers a torch module has: found by watching one forward pass.

Layers are the module's stages: its children that give maps, and where these are fewer than four, the children
of the largest. A batch normalization right behind a stage belongs to it; a stage that ends with an activation
function is tapped before it, so that maps show values before the ReLU as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt

import torch
from torch import Tensor, nn

from perturber.nets.layers import CLASSIFIER_GROUP
from perturber.nets.taps import Form, Tap

FEWEST_LAYERS = 4
_MOST_PREFIX_TOKENS = 5
"""A class token and up to four registers in front of a vision transformer's patches."""


@dataclass
class Call:
    """One call of the module at `path`; `number` counts its calls, `start` and `end` order all events."""

    path: str
    module: nn.Module
    number: int
    start: int
    given: object = None
    output: object = None
    end: int = 0


@dataclass(frozen=True)
class Layer:
    """A layer found: its `channels`, its `tap`, and the paths of the `modules` that are edited with it."""

    name: str
    channels: int
    tap: Tap
    modules: tuple[str, ...]
    end: int = field(compare=False)


@dataclass(frozen=True)
class Findings:
    """The layers, input to output, and which editable group each parameter and buffer belongs to."""

    layers: tuple[Layer, ...]
    groups: Mapping[str, str]


def probe(network: nn.Module, size: int) -> Findings:
    """The layers of `network`, in evaluation mode, for inputs of `size` pixels."""
    for module in network.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # type: ignore[assignment]  # tells an activation's input from its output
    calls = _watch(network, size)
    layers = tuple(_layers(network, calls))
    return Findings(layers, _groups(network, layers, calls))


def _watch(network: nn.Module, size: int) -> list[Call]:
    """Every module's calls in one forward pass, in the order of their ends."""
    calls: list[Call] = []
    running: list[Call] = []
    counts: dict[str, int] = {}
    events = iter(range(2**31))

    def before(path: str, module: nn.Module, arguments: tuple[object, ...]) -> None:
        counts[path] = counts.get(path, 0) + 1
        given = arguments[0] if arguments else None
        running.append(Call(path, module, counts[path], next(events), given))

    def after(output: object) -> None:
        call = running.pop()
        call.output, call.end = output, next(events)
        calls.append(call)

    handles = []
    for path, module in network.named_modules():
        handles += [
            module.register_forward_pre_hook(lambda m, given, path=path: before(path, m, given)),
            module.register_forward_hook(lambda _, __, output: after(output)),
        ]
    parameter = next(network.parameters())
    try:
        with torch.no_grad():
            network(torch.zeros(1, 3, size, size, dtype=parameter.dtype, device=parameter.device))
    finally:
        for handle in handles:
            handle.remove()
    return calls


def _layers(network: nn.Module, calls: Sequence[Call]) -> list[Layer]:
    by_path = {call.path: call for call in calls if call.number == 1}
    stages = [name for name, _ in network.named_children()]
    while True:
        layers = _merge([by_path[path] for path in stages if path in by_path], calls)
        if len(layers) >= FEWEST_LAYERS:
            return layers
        inside = {path: _children(network.get_submodule(path)) for path in stages}
        largest = max(
            (path for path in stages if inside[path]),
            key=lambda path: sum(p.numel() for p in network.get_submodule(path).parameters()),
            default=None,
        )
        if largest is None:
            return layers
        place = stages.index(largest)
        stages[place : place + 1] = [f"{largest}.{name}" for name in inside[largest]]


def _children(module: nn.Module) -> list[str]:
    return [name for name, _ in module.named_children()]


def _merge(stages: Sequence[Call], calls: Sequence[Call]) -> list[Layer]:
    """A layer for each stage that has weights and gives maps."""
    layers: list[Layer] = []
    last: Call | None = None
    for call in sorted(stages, key=lambda call: call.end):
        shape = _shape(call.output)
        if shape is None or next(call.module.parameters(), None) is None or call.path == CLASSIFIER_GROUP:
            continue
        form, channels = shape
        follows = last is not None and call.given is last.output
        if follows and isinstance(call.module, nn.modules.batchnorm._BatchNorm):
            before = layers.pop()
            name, modules = before.name, (*before.modules, call.path)
        else:
            name, modules = call.path, (call.path,)
        layers.append(Layer(name, channels, _tap(call, calls, form), modules, call.end))
        last = call
    return layers


def _shape(output: object) -> tuple[Form, int] | None:
    """How maps lie in a module's output, and how many there are; None where it holds none."""
    if not isinstance(output, Tensor):
        return None
    match tuple(output.shape):
        case (_, channels, height, width) if height == width > 1:
            return "maps", channels
        case (_, height, width, channels) if height == width > 1:
            return "channels last", channels
        case (_, tokens, channels) if tokens - isqrt(tokens) ** 2 <= _MOST_PREFIX_TOKENS and tokens > 8:
            return "tokens", channels
    return None


def _tap(stage: Call, calls: Sequence[Call], form: Form) -> Tap:
    """The stage's output, or where an activation function gives that, what this is given."""
    inside = [call for call in calls if stage.start <= call.start and call.end <= stage.end]
    leaves = [call for call in inside if not _children(call.module)]
    last = max(leaves, key=lambda call: call.end, default=stage)
    if last.output is stage.output and _is_activation(last.module):
        return Tap(last.path, last.number, True, form)
    return Tap(stage.path, stage.number, False, form)


def _is_activation(module: nn.Module) -> bool:
    home = type(module).__module__
    return home == "torch.nn.modules.activation" or home.startswith("timm.layers.activations")


def _groups(network: nn.Module, layers: Sequence[Layer], calls: Sequence[Call]) -> dict[str, str]:
    """By parameter and buffer: the layer it is in, else the next one behind it."""
    starts = {call.path: call.start for call in reversed(calls)}

    def group(name: str) -> str:
        owner = name.rpartition(".")[0]
        for layer in layers:
            if any(owner == path or owner.startswith(f"{path}.") for path in layer.modules):
                return layer.name
        while owner and owner not in starts:
            owner = owner.rpartition(".")[0]
        behind = (layer.name for layer in layers if layer.end > starts[owner])
        return next(behind, CLASSIFIER_GROUP)

    return {name: group(name) for name in network.state_dict()}
