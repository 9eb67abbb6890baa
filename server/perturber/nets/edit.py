"""An edit: what the Edited Model is made of. A small value with a JSON form; without torch.

Its layers are the editable groups of Model 1's architecture, those that have a slider: its layers, and the
classifier.
"""

import json
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from perturber.errors import PerturberError
from perturber.nets import catalog
from perturber.nets.layers import INCEPTION_V1

EDITABLE: tuple[str, ...] = INCEPTION_V1.groups
"""The layers of Inception V1 that can be edited, input to output."""

Range = tuple[float, float]
WHOLE: Range = (0.0, 1.0)
"""The range that prunes nothing."""

MAX_CHARACTERS = 10_000
"""Of an edit's JSON; the longest that this program writes has about two thousand."""

T = TypeVar("T")


class EditError(PerturberError, ValueError):
    """An edit that isn't one: the `field`, what was `expected`, what was `received`."""

    def __init__(self, field: str, expected: str, received: object) -> None:
        # Shortened, and to any depth: what was received may have been made to do harm.
        self.field, self.expected, self.received = field, expected, reprlib.repr(received)
        super().__init__(f"edit: {field}: expected {expected}, got {self.received}")


@dataclass(frozen=True)
class Base:
    """A network that an edit starts from, as a model slot holds it; checkpoint 0 is the finished one."""

    variant: str
    checkpoint: int = 0


@dataclass(frozen=True)
class Mix:
    """A layer's weights are Model 1's at alpha 0, Model 2's at alpha 1, between them a mixture (eq. 5.1).

    `alphas` are in [0, 1], one for each of `layers` (Inception V1's unless given); a new `Mix(model1,
    model2)` is Model 1.

    Raises:
        EditError: alphas that are none.
    """

    model1: Base
    model2: Base
    alphas: tuple[float, ...] = (0.0,) * len(EDITABLE)
    layers: tuple[str, ...] = EDITABLE

    def __post_init__(self) -> None:
        object.__setattr__(self, "alphas", _row(self.layers, self.alphas, _alpha))

    def changed(self, alphas: Mapping[str, object]) -> "Mix":
        """This edit with other alphas for some layers.

        Raises:
            EditError: a layer or an alpha that is none.
        """
        return replace(self, alphas=_merged(self.layers, self.alphas, alphas, _alpha))

    def all_from_model1(self) -> "Mix":
        """Every alpha 0."""
        return replace(self, alphas=(0.0,) * len(self.layers))

    def all_from_model2(self) -> "Mix":
        """Every alpha 1."""
        return replace(self, alphas=(1.0,) * len(self.layers))

    def model2_up_to(self, layer: str) -> "Mix":
        """Model 2 from the input up to `layer` inclusive, behind it Model 1 (thesis 7.1.2).

        Raises:
            EditError: no such layer.
        """
        last = self.layers.index(_layer(self.layers, layer))
        return replace(self, alphas=tuple(float(index <= last) for index in range(len(self.layers))))

    def by_layer(self) -> dict[str, float]:
        """The alphas by layer."""
        return dict(zip(self.layers, self.alphas, strict=True))

    def to_json(self) -> str:
        """What `read_edit` reads; layers at 0 are left out."""
        return _write("mix", {"model1": self.model1, "model2": self.model2}, self.by_layer(), 0.0)


@dataclass(frozen=True)
class Prune:
    """Model 1 with only those filters of each convolution whose rank by magnitude lies in the layer's range.

    `ranges` are pairs 0 <= lower <= upper <= 1, one for each of `layers` (eq. 5.5; Inception V1's
    unless given); a new `Prune(model1)` prunes nothing.

    Raises:
        EditError: ranges that are none.
    """

    model1: Base
    ranges: tuple[Range, ...] = (WHOLE,) * len(EDITABLE)
    layers: tuple[str, ...] = EDITABLE

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranges", _row(self.layers, self.ranges, _range))

    def changed(self, ranges: Mapping[str, object]) -> "Prune":
        """This edit with other ranges for some layers.

        Raises:
            EditError: a layer or a range that is none.
        """
        return replace(self, ranges=_merged(self.layers, self.ranges, ranges, _range))

    def by_layer(self) -> dict[str, Range]:
        """The ranges by layer."""
        return dict(zip(self.layers, self.ranges, strict=True))

    def to_json(self) -> str:
        """What `read_edit` reads; layers at their whole range are left out."""
        return _write("prune", {"model1": self.model1}, self.by_layer(), WHOLE)


Edit = Mix | Prune


def read_edit(text: str | bytes) -> Edit:
    """The edit that `to_json` wrote, or someone by hand; layers that it doesn't name are unedited.

    Raises:
        EditError: anything else.
    """
    fields = _parse(text)
    mode = fields.get("mode")
    if mode not in ("mix", "prune"):
        raise EditError("mode", "mix or prune", mode)
    models = ("model1", "model2") if mode == "mix" else ("model1",)
    _only(fields, "fields", "mode", *models, "layers")
    layers = _object("layers", fields.get("layers", {}))
    model1 = _base("model1", fields.get("model1"))
    editable = editable_layers(model1)
    if mode == "prune":
        return Prune(model1, (WHOLE,) * len(editable), editable).changed(layers)
    model2 = _base("model2", fields.get("model2"))
    return Mix(model1, model2, (0.0,) * len(editable), editable).changed(layers)


def editable_layers(base: Base) -> tuple[str, ...]:
    """What can be edited of a network: the groups of its architecture, Inception V1's for an unknown one."""
    try:
        return catalog.find(base.variant, base.checkpoint).anatomy.groups
    except catalog.UnknownModelError:
        return EDITABLE


def _parse(text: str | bytes) -> dict[str, object]:
    if len(text) > MAX_CHARACTERS:
        raise EditError("text", f"at most {MAX_CHARACTERS} characters", len(text))
    try:
        return _object("text", json.loads(text))
    except (ValueError, RecursionError) as error:
        if isinstance(error, EditError):
            raise
        raise EditError("text", "JSON", str(error)) from error


def _object(field: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise EditError(field, "an object", value)
    return value


def _only(fields: Mapping[str, object], where: str, *known: str) -> None:
    for name in fields:
        if name not in known:
            raise EditError(where, f"only {', '.join(known)}", name)


def _base(field: str, value: object) -> Base:
    fields = _object(field, value)
    _only(fields, field, "variant", "checkpoint")
    variant, checkpoint = fields.get("variant"), fields.get("checkpoint", 0)
    if not isinstance(variant, str) or not 0 < len(variant) <= 80:
        raise EditError(f"{field}.variant", "a variant's name", variant)
    if type(checkpoint) is not int or not 0 <= checkpoint <= 10_000_000:
        raise EditError(f"{field}.checkpoint", "an integer from 0 to 10000000", checkpoint)
    return Base(variant, checkpoint)


def _write(mode: str, bases: Mapping[str, Base], layers: Mapping[str, T], neutral: T) -> str:
    models = {name: {"variant": base.variant, "checkpoint": base.checkpoint} for name, base in bases.items()}
    edited = {layer: setting for layer, setting in layers.items() if setting != neutral}
    return json.dumps({"mode": mode, **models, "layers": edited})


def _row(
    layers: tuple[str, ...], settings: tuple[T, ...], check: Callable[[str, object], T]
) -> tuple[T, ...]:
    if len(settings) != len(layers):
        raise EditError("layers", f"{len(layers)} settings", len(settings))
    return tuple(check(layer, setting) for layer, setting in zip(layers, settings, strict=True))


def _merged(
    layers: tuple[str, ...],
    settings: tuple[T, ...],
    changes: Mapping[str, object],
    check: Callable[[str, object], T],
) -> tuple[T, ...]:
    checked = {_layer(layers, layer): check(layer, value) for layer, value in changes.items()}
    return tuple(checked.get(layer, old) for layer, old in zip(layers, settings, strict=True))


def _layer(layers: tuple[str, ...], layer: str) -> str:
    if layer not in layers:
        raise EditError("layers", f"one of {', '.join(layers)}", layer)
    return layer


def _alpha(layer: str, value: object) -> float:
    alpha = _share(value)
    if alpha is None:
        raise EditError(f"layers.{layer}", "a number in [0, 1]", value)
    return alpha


def _range(layer: str, value: object) -> Range:
    ends = [_share(end) for end in value] if isinstance(value, list | tuple) else []
    match ends:
        case [float(lower), float(upper)] if lower <= upper:
            return lower, upper
    raise EditError(f"layers.{layer}", "two numbers, 0 <= lower <= upper <= 1", value)


def _share(value: object) -> float | None:
    """`value` as a number in [0, 1], if it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)
