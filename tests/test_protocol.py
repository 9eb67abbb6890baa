"""The messages: what docs/protocol.md says is taken, everything else is refused in words."""

import json

import numpy as np
import pytest

from perturber import protocol
from perturber.protocol import Attack, Hello, Patch, ProtocolError, Ready


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "hello", "protocol": 1}', Hello(1)),
        ('{"type": "patch", "revision": 3, "values": {"camera.yaw": 5}}', Patch(3, {"camera.yaw": 5})),
        ('{"type": "ready"}', Ready()),
        ('{"type": "attack", "action": "step"}', Attack("step", 1)),
        ('{"type": "attack", "action": "step", "steps": 1000}', Attack("step", 1000)),
        ('{"type": "attack", "action": "undo"}', Attack("undo")),
    ],
)
def test_documented_messages_are_taken(text: str, message: object) -> None:
    assert protocol.parse(text) == message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed"),
        ("{", "malformed"),
        ("[]", "malformed"),
        ("null", "malformed"),
        ("{}", "malformed"),
        ('{"type": ["hello"]}', "malformed"),
        ('{"type": "hello"}', "malformed"),
        ('{"type": "hello", "protocol": true}', "malformed"),
        ('{"type": "hello", "protocol": 1e0}', "malformed"),
        ('{"type": "patch", "revision": -1, "values": {}}', "malformed"),
        ('{"type": "patch", "revision": 1, "values": []}', "malformed"),
        ('{"type": "patch", "revision": 1, "values": {"camera.yaw": NaN}}', "malformed"),
        ('{"type": "patch", "revision": 1, "values": {"camera.yaw": Infinity}}', "malformed"),
        ('{"type": "patch", "revision": ' + "9" * 5000 + ', "values": {}}', "malformed"),
        ('{"type": "attack"}', "malformed"),
        ('{"type": "attack", "action": ["step"]}', "malformed"),
        ('{"type": "attack", "action": "win"}', "malformed"),
        ('{"type": "attack", "action": "step", "steps": 0}', "malformed"),
        ('{"type": "attack", "action": "step", "steps": 1001}', "malformed"),
        ('{"type": "attack", "action": "step", "steps": null}', "malformed"),
        ('{"type": "featurevis"}', "malformed"),
        ('{"type": "featurevis", "action": "play"}', "malformed"),
        ('{"type": "featurevis", "action": "play", "slot": "model3"}', "malformed"),
        ('{"type": "featurevis", "action": "play", "slot": ["edited"]}', "malformed"),
        ('{"type": "featurevis", "action": {}, "slot": "edited"}', "malformed"),
        ("[" * 30_000, "malformed"),
        ('{"a":' * 8_000, "malformed"),
        ("\ud800", "malformed"),
        ('{"type": "ready", "padding": "' + "x" * protocol.MAX_MESSAGE_BYTES + '"}', "too_large"),
        ("ü" * (protocol.MAX_MESSAGE_BYTES // 2 + 1), "too_large"),
        (None, "malformed"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_everything_else_is_refused_in_words(text: str | None, code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        protocol.parse(text)
    assert caught.value.code == code
    told = json.loads(caught.value.to_message())
    assert told["type"] == "error"
    assert told["expected"]
    assert told["received"]
    assert len(told["message"]) < 500, "a hostile message isn't sent back whole"


def test_a_frame_survives_its_way_over_the_wire() -> None:
    generator = np.random.default_rng(3)
    buffers = {
        "picture": generator.integers(0, 256, (5, 5, 3), dtype=np.uint8),
        "model1.activations": generator.normal(size=(2, 3, 4)).astype(np.float32)[:, ::-1],
    }
    message = protocol.encode_frame({"revision": 9, "models": {}}, buffers)
    header, received = protocol.decode_frame(message)
    assert header["revision"] == 9
    for name, array in buffers.items():
        np.testing.assert_array_equal(received[name], array)


def test_buffers_are_aligned_for_typed_arrays() -> None:
    buffers = {"odd": np.zeros(3, np.uint8), "floats": np.ones(2, np.float32)}
    message = protocol.encode_frame({}, buffers)
    length = int.from_bytes(message[4:8], "little")
    header = json.loads(message[8 : 8 + length])
    assert (8 + length) % 8 == 0
    assert all(row["offset"] % 8 == 0 for row in header["buffers"].values())


def test_a_frame_never_carries_other_types_or_nan() -> None:
    with pytest.raises(ValueError, match="expected uint8 or float32, got float64"):
        protocol.encode_frame({}, {"x": np.zeros(1)})
    with pytest.raises(ValueError, match="JSON"):
        protocol.encode_frame({"logit": float("nan")}, {})


@pytest.mark.parametrize(
    "message", [b"", b"PTBR", b"XXXX" + bytes(20), b"PTBR" + (10**6).to_bytes(4, "little")]
)
def test_what_is_no_frame_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="frame: expected"):
        protocol.decode_frame(message)
