"""Every message between server and client, parsed and built; `docs/protocol.md` is the contract.

`frontend/js/protocol.js` is the other side of this file.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from perturber.parameter import ParameterError
from perturber.scene.effect.effect import TEXT, EffectError

VERSION = 1
MAX_MESSAGE_BYTES = 65_536
CLOSE_INCOMPATIBLE = 4400

MAX_WEBCAM_SIDE = 1024

_MAGIC = b"PTBR"
_WEBCAM = b"PTBW"
_ALIGNMENT = 8
_DTYPES: dict[str, np.dtype[Any]] = {"uint8": np.dtype("|u1"), "float32": np.dtype("<f4")}

AttackAction = Literal["step", "undo", "reset", "cancel"]
ATTACK_ACTIONS: tuple[AttackAction, ...] = get_args(AttackAction)
MAX_ATTACK_STEPS = 1000

FeatureVisAction = Literal["play", "pause"]
Slot = Literal["model1", "model2", "edited"]
SLOTS: tuple[Slot, ...] = get_args(Slot)
FEATUREVIS_ACTIONS: tuple[FeatureVisAction, ...] = get_args(FeatureVisAction)

ErrorCode = Literal[
    "malformed",
    "too_large",
    "order",
    "version",
    "parameter",
    "render",
    "effect",
    "model",
    "attack",
    "internal",
]
Array = npt.NDArray[Any]
Name = TypeVar("Name", bound=str)


class ProtocolError(ValueError):
    """A message that can't be taken: `code`, a sentence, what was `expected` and what was `received`."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        expected: str,
        received: str,
        key: str | None = None,
        revision: int | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        self.code, self.expected, self.received = code, expected, received
        self.key, self.revision, self.more = key, revision, more or {}
        super().__init__(message)

    @staticmethod
    def of_parameter(error: ParameterError, revision: int) -> "ProtocolError":
        """A value of patch `revision` that doesn't fit its parameter."""
        return ProtocolError(
            "parameter",
            str(error),
            expected=error.expected,
            received=error.received,
            key=error.key,
            revision=revision,
        )

    @staticmethod
    def of_effect(error: EffectError, revision: int) -> "ProtocolError":
        """A custom effect that makes no picture: with its place in its text."""
        place = {"line": error.line, "column": error.column}
        return ProtocolError(
            "effect",
            str(error),
            expected="an effect that ends" if error.stopped else "GLSL statements",
            received=error.reason,
            key=TEXT,
            revision=revision,
            more=place | {"reason": error.reason, "stopped": error.stopped, "text": error.text},
        )

    def to_message(self) -> str:
        """The `error` message that tells the client."""
        body = {
            "type": "error",
            "code": self.code,
            "message": str(self),
            "expected": self.expected,
            "received": self.received,
            "key": self.key,
            "revision": self.revision,
            **self.more,
        }
        return json.dumps({name: value for name, value in body.items() if value is not None})


@dataclass(frozen=True)
class Hello:
    """The client's first message."""

    protocol: int


@dataclass(frozen=True)
class Patch:
    """New values for some parameters; `revision` rises with every patch."""

    revision: int
    values: Mapping[str, object]


@dataclass(frozen=True)
class Ready:
    """The client grants one frame."""


@dataclass(frozen=True)
class Attack:
    """What to do with the session's attack; `steps` is how many a `step` makes."""

    action: AttackAction
    steps: int = 1


@dataclass(frozen=True)
class Layer:
    """The client asks for the whole shown layer, once."""


@dataclass(frozen=True)
class FeatureVis:
    """Lets a slot's row of feature visualizations form, or pauses it."""

    action: FeatureVisAction
    slot: Slot


@dataclass(frozen=True, eq=False)
class Webcam:
    """The webcam's newest picture, square, sRGB."""

    picture: npt.NDArray[np.uint8]


def parse_binary(data: bytes) -> Webcam:
    """The client's binary message: `PTBW`, the side in pixels (uint32, little-endian), side x side x 3 bytes.

    Raises:
        ProtocolError: anything else.
    """
    if len(data) < 8 or data[:4] != _WEBCAM:
        _refuse("malformed", "JSON as text, or a webcam's picture", f"a binary message {data[:8]!r}")
    (side,) = struct.unpack("<I", data[4:8])
    if not 1 <= side <= MAX_WEBCAM_SIDE or len(data) != 8 + side * side * 3:
        expected = f"webcam: 8 bytes and {side} x {side} x 3, at most {MAX_WEBCAM_SIDE} a side"
        _refuse("malformed", expected, f"{len(data)} bytes")
    return Webcam(np.frombuffer(data, np.uint8, offset=8).reshape(side, side, 3).copy())


Message = Hello | Patch | Ready | Attack | Layer | FeatureVis


def parse(text: str | None) -> Message:
    """The client message in `text` (None: it came as binary). Values of a patch are still unchecked.

    Raises:
        ProtocolError: too large, not JSON, not an object, an unknown type, a missing, surplus or wrong field.
    """
    if text is None:
        _refuse("malformed", "a JSON object as text", "a binary message")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_MESSAGE_BYTES:
        _refuse("too_large", f"at most {MAX_MESSAGE_BYTES} bytes", f"{size} bytes")
    try:
        body = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        _refuse("malformed", "a JSON object", f"{text[:60]!r} ({error})")
    if not isinstance(body, dict):
        _refuse("malformed", "a JSON object", f"{type(body).__name__} {text[:60]!r}")
    match body.pop("type", None):
        case "hello":
            return Hello(protocol=_integer(body, "protocol"))
        case "patch":
            return Patch(revision=_integer(body, "revision"), values=_object(body, "values"))
        case "ready":
            return Ready()
        case "attack":
            return _attack(body)
        case "layer":
            return Layer()
        case "featurevis":
            action = _one_of(FEATUREVIS_ACTIONS, body, "action")
            return FeatureVis(action, _one_of(SLOTS, body, "slot"))
        case other:
            expected = "type 'hello', 'patch', 'ready', 'attack', 'layer' or 'featurevis'"
            return _refuse("malformed", expected, f"type {str(other)[:60]!r}")


def _attack(body: dict[str, object]) -> Attack:
    action = _one_of(ATTACK_ACTIONS, body, "action")
    steps = _integer(body, "steps") if "steps" in body else 1
    if not 1 <= steps <= MAX_ATTACK_STEPS:
        _refuse("malformed", f"steps: an integer in [1, {MAX_ATTACK_STEPS}]", f"steps: {steps}")
    return Attack(action, steps)


def _one_of(known: tuple[Name, ...], body: Mapping[str, object], field: str) -> Name:
    for name in known:
        if name == body.get(field):
            return name
    expected = f"{field}: one of {', '.join(known)}"
    return _refuse("malformed", expected, f"{field}: {str(body.get(field))[:60]!r}")


def _integer(body: dict[str, object], field: str) -> int:
    value = body.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        _refuse("malformed", f"{field}: an integer in [0, 2^53)", f"{field}: {str(value)[:60]!r}")
    return value


def _object(body: dict[str, object], field: str) -> dict[str, object]:
    value = body.get(field)
    if not isinstance(value, dict):
        _refuse("malformed", f"{field}: an object", f"{field}: {str(value)[:60]!r}")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _refuse(code: ErrorCode, expected: str, received: str) -> NoReturn:
    raise ProtocolError(code, f"expected {expected}, got {received}", expected=expected, received=received)


def notice(level: Literal["info", "warning"], code: str, message: str, **more: object) -> str:
    """A passing condition that the page shows without stopping."""
    return json.dumps({"type": "notice", "level": level, "code": code, "message": message, **more})


def encode_frame(header: Mapping[str, object], buffers: Mapping[str, Array]) -> bytes:
    """One binary message: `header` with the description of `buffers` added, then their bytes.

    Raises:
        ValueError: a buffer is neither uint8 nor float32.
    """
    described: dict[str, object] = {}
    payload: list[bytes | memoryview] = []
    offset = 0
    for name, array in buffers.items():
        if array.dtype.name not in _DTYPES:
            raise ValueError(f"{name}: expected uint8 or float32, got {array.dtype}")
        data = np.ascontiguousarray(array, dtype=_DTYPES[array.dtype.name])
        described[name] = {"offset": offset, "dtype": array.dtype.name, "shape": list(array.shape)}
        padding = -data.nbytes % _ALIGNMENT
        payload += [data.data, b"\0" * padding]
        offset += data.nbytes + padding
    text = json.dumps({**header, "buffers": described}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([_MAGIC, struct.pack("<I", len(text)), text, *payload])


def decode_frame(message: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Header and buffers of a frame; the arrays are read-only views of `message`.

    Raises:
        ValueError: not a frame, or buffers that don't lie inside it.
    """
    if message[:4] != _MAGIC or len(message) < 8:
        raise ValueError(f"frame: expected {_MAGIC!r} at the start, got {message[:8]!r}")
    (length,) = struct.unpack("<I", message[4:8])
    if 8 + length > len(message):
        raise ValueError(f"frame: expected a header of {length} bytes, got a message of {len(message)}")
    header = json.loads(message[8 : 8 + length])
    buffers = {}
    for name, row in header["buffers"].items():
        count = int(np.prod(row["shape"], dtype=np.int64))
        flat = np.frombuffer(message, _DTYPES[row["dtype"]], count, offset=8 + length + row["offset"])
        buffers[name] = flat.reshape(row["shape"])
    return header, buffers
