"""One declared parameter: its kind, its bounds, and what it says to a value that doesn't fit."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = float | int | bool | str
Kind = Literal["number", "integer", "flag", "choice", "units", "class", "range", "code", "content", "unit"]
Stage = Literal["scene", "effect", "post", "frequency", "attack", "model", "view"]

MAX_UNITS = 8
MAX_CLASS_LENGTH = 200
MAX_CODE_LENGTH = 4000

# Control characters but the line's end, and halves of surrogate pairs, which no encoding takes.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTENT = re.compile(r"[0-9a-f]{64}", re.ASCII)
_UNIT = re.compile(r"[ \t]*(\w[\w.]*)[ \t]*:[ \t]*(\d{1,4})[ \t]*", re.ASCII)
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
    finer); `choices` maps values to labels. `wraps` marks angles, where the page turns past the end. `curve`
    above 1 spreads a slider's small values: the value is its way's share to this power.
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
    curve: float = 1.0

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
                raise ParameterError(self.key, f"one of {self.alternatives()}", value)
            case "units":
                return ",".join(map(str, parse_units(value, self.key)))
            case "class":
                return self._check_class(value)
            case "unit":
                return ":".join(map(str, parse_unit(value, self.key))) if value != "" else ""
            case "content":
                if value == "" or (isinstance(value, str) and _CONTENT.fullmatch(value)):
                    return value
                raise ParameterError(self.key, "the SHA-256 of what was brought, or nothing", value)
            case "range":
                return ",".join(f"{end:g}" for end in parse_range(value, self.key))
            case "code":
                return self._check_code(value)

    def alternatives(self, quote: str = "") -> str:
        """The values of a choice, each between `quote`; the first of them where there are many."""
        names = [f"{quote}{value}{quote}" for value in self.choices]
        return ", ".join(names if len(names) <= 24 else [*names[:6], f"... ({len(names)} in all)"])

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

    def _check_class(self, value: object) -> str:
        """Text only: which networks have the class is known where one is asked."""
        if not isinstance(value, str) or len(value) > MAX_CLASS_LENGTH or not value.isprintable():
            expected = f"a class name or wnid of at most {MAX_CLASS_LENGTH} characters, or nothing"
            raise ParameterError(self.key, expected, value)
        return value.strip()

    def _check_code(self, value: object) -> str:
        """Lines of text: whether it is a program is found out where it is compiled."""
        expected = f"text of at most {MAX_CODE_LENGTH:,} characters in lines, or nothing"
        if not isinstance(value, str) or len(value) > 2 * MAX_CODE_LENGTH:
            raise ParameterError(self.key, expected, value)
        lines = value.replace("\r\n", "\n").replace("\t", "  ")
        if len(lines) > MAX_CODE_LENGTH or _CONTROL.search(lines):
            raise ParameterError(self.key, expected, value)
        return lines

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
            row |= {"wraps": self.wraps, "curve": self.curve}
        if self.kind == "choice":
            row["choices"] = [{"value": value, "label": label} for value, label in self.choices.items()]
        if self.kind == "units":
            row["max_units"] = MAX_UNITS
        if self.kind == "code":
            row["max_length"] = MAX_CODE_LENGTH
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


def parse_unit(value: object, key: str) -> tuple[str, int]:
    """Layer and unit from text such as `mixed4a:222`; whether the network has them isn't asked.

    Raises:
        ParameterError: anything else.
    """
    found = _UNIT.fullmatch(value) if isinstance(value, str) and len(value) <= 100 else None
    if found is None:
        raise ParameterError(key, "a layer and one of its units such as 'mixed4a:222', or nothing", value)
    return found[1], int(found[2])


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
