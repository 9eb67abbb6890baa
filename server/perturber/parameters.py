"""The one table of all parameters, and the frozen state that is one row of values.

Page, validation, permalink, command line, sweeps and `docs/parameters.md` are all made from `TABLE`:
a new line here is a new slider there.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from perturber.nets import catalog as nets_catalog
from perturber.nets.edit import EDITABLE
from perturber.nets.layers import CHANNELS
from perturber.scene import catalog as scene_catalog

Value = float | int | bool | str
Kind = Literal["number", "integer", "flag", "choice", "units", "range"]
Stage = Literal["scene", "post", "frequency", "model", "view"]

MAX_UNITS = 8

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


class ParameterError(ValueError):
    """A value that doesn't fit its parameter: `key`, what was `expected`, what was `received`."""

    def __init__(self, key: str, expected: str, received: object) -> None:
        self.key, self.expected, self.received = key, expected, _shorten(received)
        super().__init__(f"{key}: expected {expected}, got {self.received}")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter.

    `stage` says which step of the pipeline reads it, and with that what is computed anew when it changes.
    `minimum`, `maximum` and `step` bound numbers and integers (`step` is the slider's, typed values may be
    finer); `choices` maps values to labels. `wraps` marks angles, where the page turns past the end.
    """

    key: str
    label: str
    group: str
    stage: Stage
    kind: Kind
    default: Value
    help: str
    minimum: float = 0.0
    maximum: float = 1.0
    step: float = 0.01
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    wraps: bool = False

    def check(self, value: object) -> Value:
        """`value` as this parameter's type, within its bounds.

        Raises:
            ParameterError: anything else, booleans for numbers and non-finite numbers included.
        """
        match self.kind:
            case "number" | "integer":
                return self._check_number(value)
            case "flag":
                if isinstance(value, bool):
                    return value
                raise ParameterError(self.key, "true or false", value)
            case "choice":
                if isinstance(value, str) and value in self.choices:
                    return value
                raise ParameterError(self.key, f"one of {', '.join(self.choices)}", value)
            case "units":
                return ",".join(map(str, parse_units(value, self.key)))
            case "range":
                return ",".join(f"{end:g}" for end in parse_range(value, self.key))

    def _check_number(self, value: object) -> float | int:
        noun = "an integer" if self.kind == "integer" else "a number"
        expected = f"{noun} in [{self.minimum:g}, {self.maximum:g}]"
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
            raise ParameterError(self.key, expected, value)
        if not math.isfinite(value) or not self.minimum <= value <= self.maximum:
            raise ParameterError(self.key, expected, value)
        if self.kind == "integer":
            if value != int(value):
                raise ParameterError(self.key, expected, value)
            return int(value)
        return float(value)

    def parse(self, text: str) -> Value:
        """`text`, as typed on a command line or in a permalink, as a checked value.

        Raises:
            ParameterError: the text isn't a value of this parameter.
        """
        if self.kind in ("number", "integer"):
            try:
                return self.check(float(text))
            except ValueError as error:
                raise error if isinstance(error, ParameterError) else self._not_a_number(text) from None
        if self.kind == "flag":
            return self.check({"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text))
        return self.check(text)

    def _not_a_number(self, text: str) -> ParameterError:
        noun = "an integer" if self.kind == "integer" else "a number"
        return ParameterError(self.key, f"{noun} in [{self.minimum:g}, {self.maximum:g}]", text)

    def describe(self) -> dict[str, object]:
        """This row as JSON, for the page and other clients."""
        row: dict[str, object] = {
            "key": self.key,
            "label": self.label,
            "group": self.group,
            "stage": self.stage,
            "kind": self.kind,
            "default": self.default,
            "help": self.help,
        }
        if self.kind in ("number", "integer", "range"):
            row |= {"min": self.minimum, "max": self.maximum, "step": self.step, "unit": self.unit}
            row |= {"wraps": self.wraps}
        if self.kind == "choice":
            row["choices"] = [{"value": value, "label": label} for value, label in self.choices.items()]
        if self.kind == "units":
            row["max_units"] = MAX_UNITS
        return row


def parse_units(value: object, key: str = "view.units") -> tuple[int, ...]:
    """Unit numbers from text such as `222,308`.

    Raises:
        ParameterError: not one to eight different whole numbers from 0 below 1024, comma-separated.
    """
    expected = f"one to {MAX_UNITS} different unit numbers such as '222,308'"
    if not isinstance(value, str) or len(value) > 100:
        raise ParameterError(key, expected, value)
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        raise ParameterError(key, expected, value)
    units = tuple(int(part) for part in parts)
    if len(units) > MAX_UNITS or len(set(units)) != len(units):
        raise ParameterError(key, expected, value)
    return units


def parse_range(value: object, key: str) -> tuple[float, float]:
    """Lower and upper end from text such as `0.2,0.9`, to four places.

    Raises:
        ParameterError: not two numbers, 0 <= lower <= upper <= 1, comma-separated.
    """
    ends = value.split(",") if isinstance(value, str) and len(value) <= 100 else []
    if len(ends) == 2 and all(_DECIMAL.fullmatch(end.strip()) for end in ends):
        lower, upper = map(float, ends)
        if 0 <= lower <= upper <= 1:
            return round(lower, 4) + 0.0, round(upper, 4) + 0.0  # + 0.0: no -0
    raise ParameterError(key, "two numbers 0 <= lower <= upper <= 1 such as '0.2,0.9'", value)


def _shorten(received: object) -> str:
    text = repr(received)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def _number(
    key: str,
    label: str,
    group: str,
    stage: Stage,
    bounds: tuple[float, float],
    default: float,
    help_: str,
    *,
    step: float = 0.01,
    unit: str = "",
    wraps: bool = False,
) -> Parameter:
    return Parameter(
        key, label, group, stage, "number", default, help_, *bounds, step=step, unit=unit, wraps=wraps
    )


def _slot(slot: str, label: str, enabled: bool) -> tuple[Parameter, ...]:
    variants = nets_catalog.variants()
    preferred = "adversarial" if slot == "model2" and "adversarial" in variants else next(iter(variants))
    return (
        Parameter(
            f"{slot}.enabled", "Enabled", label, "model", "flag", enabled,
            f"Run {label}: its activation maps and its predictions. Off saves its forward pass.",
        ),
        Parameter(
            f"{slot}.variant", "Training Set", label, "model", "choice", preferred,
            f"Which network {label} is.", choices=MappingProxyType(variants),
        ),
        Parameter(
            f"{slot}.checkpoint", "Checkpoint", label, "model", "integer", 0,
            "Fine-tuning iteration of the weights; 0 is the finished network.",
            maximum=1e7, step=1,
        ),
    )  # fmt: skip


def _editing(group: str) -> tuple[Parameter, ...]:
    modes = {"mix": "Mix", "prune": "Prune"}
    mix = "Weights of {0}: Model 1's at 0, Model 2's at 1, between them W1·(1 - a) + W2·a. Works in mode Mix."
    prune = (
        "Filters of {0} that stay: those whose rank by summed magnitude, from the weakest (0) to the strongest "
        "(1), lies strictly inside the range. Works in mode Prune."
    )
    return (
        Parameter("edit.mode", "Editing Mode", group, "model", "choice", "mix", "How the Edited Model is made: mixed of Model 1 and Model 2, or Model 1 pruned by magnitude.", choices=MappingProxyType(modes)),
        *(_number(f"edit.mix.{layer}", layer, group, "model", (0.0, 1.0), 0.0, mix.format(layer)) for layer in EDITABLE),
        *(Parameter(f"edit.prune.{layer}", layer, group, "model", "range", "0,1", prune.format(layer)) for layer in EDITABLE),
    )  # fmt: skip


def _build() -> tuple[Parameter, ...]:
    objects = {name: pair.label for name, pair in scene_catalog.objects().items()}
    backgrounds = {name: item.label for name, item in scene_catalog.backgrounds().items()}
    camera, scene, morph = "Camera", "Scene", "Morph"
    post, frequency, view = "Post Processing", "Frequency Decomp.", "Neurons"
    unit, hue = (0.0, 1.0), (-0.5, 0.5)
    return (
        _number("camera.yaw", "Yaw", camera, "scene", (-180, 180), -30.0, "Turns the camera around the object's vertical axis; positive to the right.", step=0.1, unit="°", wraps=True),
        _number("camera.pitch", "Pitch", camera, "scene", (-90, 90), 12.0, "Raises the camera above the object (positive) or lowers it below.", step=0.1, unit="°"),
        _number("camera.roll", "Roll", camera, "scene", (-180, 180), 0.0, "Turns the camera around its line of sight.", step=0.1, unit="°", wraps=True),
        _number("camera.distance", "Distance", camera, "scene", (1.0, 10.0), 2.6, "From the camera to the point it looks at, in object radii.", unit="radii"),
        _number("camera.pan_x", "Pan X", camera, "scene", (-2.0, 2.0), 0.0, "Moves the point the camera looks at to the right of the picture, in object radii.", unit="radii"),
        _number("camera.pan_y", "Pan Y", camera, "scene", (-2.0, 2.0), 0.0, "Moves the point the camera looks at to the top of the picture, in object radii.", unit="radii"),
        Parameter("scene.object", "Object", scene, "scene", "choice", "dog-cat", "The object pair in the scene.", choices=MappingProxyType(objects)),
        Parameter("scene.background", "Background", scene, "scene", "choice", "lawn", "The panorama behind the object.", choices=MappingProxyType(backgrounds)),
        _number("scene.background_rotation", "Background Rotation", scene, "scene", (-180, 180), 0.0, "Turns the panorama around the vertical axis, against the camera's yaw: both by the same amount turn the object alone.", step=0.5, unit="°", wraps=True),
        _number("scene.background_blur", "Background Blur", scene, "scene", unit, 0.0, "Blurs the background, up to one solid colour at 1: how much does a network lean on it?"),
        _number("scene.background_saturation", "Background Saturation", scene, "scene", unit, 1.0, "Takes the colour out of the background; 0 is grey."),
        _number("scene.texture_influence", "Texture Influence", scene, "scene", unit, 1.0, "Fades the object's texture to solid white at 0, which leaves shape and shading."),
        _number("scene.texture_blur", "Texture Blur", scene, "scene", unit, 0.0, "Blurs the object's texture, up to one solid colour at 1."),
        _number("scene.lighting_influence", "Lighting Influence", scene, "scene", unit, 1.0, "Fades the three lights to a uniform shading of 1.0 at 0, which leaves silhouette and colour."),
        _number("morph.overall", "Overall", morph, "scene", unit, 0.0, "Morphs shape and texture together. Shape and Texture go the rest of the way: effective = 1 - (1 - overall)(1 - own)."),
        _number("morph.shape", "Shape", morph, "scene", unit, 0.0, "Morphs the shape alone."),
        _number("morph.texture", "Texture", morph, "scene", unit, 0.0, "Morphs the texture alone."),
        _number("post.alpha", "Alpha", post, "post", unit, 1.0, "Darkens the picture to black at 0."),
        _number("post.hue", "Hue", post, "post", hue, 0.0, "Turns every pixel's hue, in turns of the colour wheel: ±0.5 is ±180°.", unit="turns"),
        _number("post.saturation", "Saturation", post, "post", (0.0, 2.0), 1.0, "0 is greyscale, 1 unchanged, 2 twice as far from grey."),
        Parameter("post.patch_shuffle", "Patch Shuffling", post, "post", "integer", 1, "Cuts the picture into k by k cells and puts them in a fixed random order (Zhang and Zhu 2019).", 1, 8, 1, "k"),
        _number("frequency.cutoff", "Cutoff", frequency, "frequency", (0.0, 30.0), 4.0, "Standard deviation of the Gaussian that makes the low band; the high band is the rest.", step=0.1, unit="px"),
        _number("frequency.low_alpha", "Low Alpha", frequency, "frequency", unit, 1.0, "Fades the low band to uniform grey at 0."),
        _number("frequency.high_alpha", "High Alpha", frequency, "frequency", unit, 1.0, "Fades the high band; 0 leaves only the low band."),
        _number("frequency.low_sigma", "Low Sigma", frequency, "frequency", (0.0, 20.0), 0.0, "Gaussian blur of the low band alone.", step=0.1, unit="px"),
        _number("frequency.high_sigma", "High Sigma", frequency, "frequency", (0.0, 20.0), 0.0, "Gaussian blur of the high band alone.", step=0.1, unit="px"),
        _number("frequency.low_hue", "Low Hue", frequency, "frequency", hue, 0.0, "Turns the hue of the low band alone.", unit="turns"),
        _number("frequency.high_hue", "High Hue", frequency, "frequency", hue, 0.0, "Turns the hue of the high band alone.", unit="turns"),
        *_slot("model1", "Model 1", True),
        *_slot("model2", "Model 2", True),
        Parameter("edited.enabled", "Enabled", "Edited Model", "model", "flag", False, "Run the Edited Model: its activation maps and its predictions. Off saves its forward pass."),
        *_editing("Weight Editing"),
        Parameter("view.layer", "Layer", view, "view", "choice", "mixed4a", "The layer whose units are shown.", choices=MappingProxyType({name: name for name in CHANNELS})),
        Parameter("view.units", "Units", view, "view", "units", "0,1,2,3", "Which units of the layer are shown, one to eight."),
        Parameter("view.activations", "Show Activations", view, "view", "flag", True, "Compute and show activation maps (before the ReLU)."),
        _number("view.normalization", "Act. Normalization", view, "view", (0.0, 3.0), 0.0, "Divisor of the maps: 0 divides by four standard deviations of the whole layer, above 0 by 10 to this power.", unit="log10"),
        Parameter("view.predictions", "Predictions", view, "view", "flag", True, "Run the networks to the end and show their top five classes. Off saves the layers behind the shown one."),
    )  # fmt: skip


TABLE: Mapping[str, Parameter] = MappingProxyType({parameter.key: parameter for parameter in _build()})


def check(key: object, value: object) -> tuple[str, Value]:
    """The key and its checked value.

    Raises:
        ParameterError: no such parameter, or a value that doesn't fit it.
    """
    if not isinstance(key, str) or key not in TABLE:
        raise ParameterError("key", "a parameter key such as 'camera.yaw'", key)
    return key, TABLE[key].check(value)


@dataclass(frozen=True)
class SceneState(Mapping[str, Value]):
    """All parameter values of one moment; immutable, and always valid.

    `row` holds a value for every key of `TABLE`, in its order. Build one with `SceneState.default()` and `.changed(patch)`.
    """

    row: tuple[Value, ...]

    @staticmethod
    def default() -> "SceneState":
        return SceneState(tuple(parameter.default for parameter in TABLE.values()))

    def changed(self, patch: Mapping[str, object]) -> "SceneState":
        """A new state with the values of `patch`: all of them, or none when one doesn't fit.

        Raises:
            ParameterError: an unknown key, a value out of bounds, or units that the layer doesn't have.
        """
        merged = {**self, **dict(check(key, value) for key, value in patch.items())}
        _check_units(merged)
        return SceneState(tuple(merged[key] for key in TABLE))

    def stage(self, *stages: Stage) -> tuple[Value, ...]:
        """The values that the given pipeline stages read: what they make changes only with these."""
        return tuple(value for key, value in self.items() if TABLE[key].stage in stages)

    def difference(self) -> dict[str, Value]:
        """The values that are not at their default: the permalink's content."""
        return {key: value for key, value in self.items() if value != TABLE[key].default}

    def number(self, key: str) -> float:
        """The value of a number, integer or flag parameter."""
        return float(self[key])

    def text(self, key: str) -> str:
        """The value of a choice, units or range parameter."""
        return str(self[key])

    def flag(self, key: str) -> bool:
        """The value of a flag parameter."""
        return bool(self[key])

    @property
    def units(self) -> tuple[int, ...]:
        """The unit numbers of `view.units`."""
        return parse_units(self["view.units"])

    @cached_property
    def _by_key(self) -> dict[str, Value]:
        return dict(zip(TABLE, self.row, strict=True))

    def __getitem__(self, key: str) -> Value:
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self.row)

    def __hash__(self) -> int:
        return hash(self.row)


def _check_units(values: Mapping[str, Value]) -> None:
    layer = str(values["view.layer"])
    above = [unit for unit in parse_units(values["view.units"]) if unit >= CHANNELS[layer]]
    if above:
        raise ParameterError("view.units", f"units below {CHANNELS[layer]} (layer {layer})", above)


def describe() -> list[dict[str, object]]:
    """The whole table as JSON rows, in the order of the page."""
    return [parameter.describe() for parameter in TABLE.values()]
