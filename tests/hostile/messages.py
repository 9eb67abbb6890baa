"""Hostile requests, websocket messages and files for commands, made here."""

import io
import json
import pickle
import struct
from typing import Any

from perturber.protocol import MAX_MESSAGE_BYTES
from perturber.uploads.bundle import MAGIC, encode
from tests.hostile.case import Body, Command, Message


def bodies() -> list[Body]:
    """Bodies that are no upload, or other than they say."""

    def headed(header: object, rest: bytes = b"") -> bytes:
        raw = header if isinstance(header, bytes) else json.dumps(header).encode()
        return MAGIC + struct.pack("<I", len(raw)) + raw + rest

    return [
        Body("body-empty", "picture", b"", 400, "at the start"),
        Body("body-of-noise", "picture", b"\xde\xad\xbe\xef" * 40, 400, "at the start"),
        Body("body-header-lies", "picture", MAGIC + b"\xff\xff\xff\xff", 400, "header of at most"),
        Body("body-header-no-json", "picture", headed(b"{{{"), 400, "JSON"),
        Body("body-header-nested", "picture", headed(b"[" * 8000 + b"]" * 8000), 400, "expected"),
        Body("body-of-no-files", "picture", headed([]), 400, "1 to 1 files"),
        Body(
            "body-of-many-files", "object", headed([{"name": "a", "size": 1}] * 99, b"x" * 99), 400, "1 to 8"
        ),
        Body(
            "body-size-lies", "picture", headed([{"name": "a", "size": 10**12}], b"x"), 400, "by its header"
        ),
        Body("body-size-negative", "picture", headed([{"name": "a", "size": -1}], b""), 400, "a size"),
        Body("body-size-a-text", "picture", headed([{"name": "a", "size": "1"}], b"x"), 400, "a size"),
        Body("body-file-empty", "picture", encode([("a.png", b"")]), 400, "empty"),
        Body("body-name-endless", "picture", encode([("a" * 9000, b"x")]), 400, "names of at most"),
        Body(
            "body-name-a-path",
            "picture",
            encode([("../../../etc/cron.d/x", b"x y")]),
            400,
            "x: expected a PNG",
        ),
        Body("body-name-of-nulls", "picture", encode([("a\0/b\n.png", b"x y")]), 400, "expected a PNG"),
        Body("body-too-large", "picture", encode([("a.png", b"\0" * 34_000_000)]), 413, "at most 32 MiB"),
        Body("body-kind-unknown", "..%2f..%2fetc", encode([("a", b"x")]), 405, ""),
        Body("body-kind-none", "program", encode([("a", b"x")]), 400, "an upload of object"),
    ]


def messages() -> list[Message]:
    """Websocket messages that are refused."""

    def patch(key: str, value: Any, revision: object = 1) -> str:
        return json.dumps({"type": "patch", "revision": revision, "values": {key: value}})

    return [
        Message("message-no-json", "{", "malformed"),
        Message("message-nested", "[" * 30_000 + "]" * 30_000, "malformed"),
        Message("message-too-large", "x" * (MAX_MESSAGE_BYTES + 1), "too_large"),
        Message("message-a-number-of-megabytes", "1" * 1_000_000, "too_large"),
        Message("message-endless-integer", '{"type": "hello", "protocol": ' + "9" * 5000 + "}", "malformed"),
        Message("message-not-a-number", patch("post.hue", 0).replace("0}", "NaN}"), "malformed"),
        Message("message-type-a-list", '{"type": ["patch"]}', "malformed"),
        Message("patch-content-a-path", patch("scene.object_file", "../../etc/passwd"), "parameter"),
        Message("patch-content-of-nulls", patch("scene.picture_file", "\0" * 64), "parameter"),
        Message("patch-content-upper", patch("scene.background_file", "A" * 64), "parameter"),
        Message("patch-content-a-list", patch("scene.object_file", ["a" * 64]), "parameter"),
        Message("patch-revision-absurd", patch("post.hue", 0.1, 2**80), "malformed"),
        Message("patch-number-a-word", patch("camera.yaw", "<script>"), "parameter"),
        Message("patch-key-of-a-class", patch("__class__", 1), "parameter"),
        Message("patch-effect-of-megabytes", patch("post.custom", "x" * 20_000), "parameter"),
        Message("webcam-empty", b"", "malformed"),
        Message("webcam-magic-alone", b"PTBW", "malformed"),
        Message("webcam-of-nothing", b"PTBW" + struct.pack("<I", 0), "malformed"),
        Message("webcam-size-lies", b"PTBW" + struct.pack("<I", 224) + b"\0" * 100, "malformed"),
        Message("webcam-of-4-billion", b"PTBW" + struct.pack("<I", 2**32 - 1) + b"\0" * 100, "malformed"),
        Message("webcam-of-other-size", b"PTBW" + struct.pack("<I", 16) + b"\0" * 768, "malformed"),
        Message("webcam-a-frame", b"PTBR" + struct.pack("<I", 224) + b"\0" * 150_528, "malformed"),
    ]


def frame_breakers() -> list[tuple[str, dict[str, object], str]]:
    """Patches that are taken but can't be drawn: name, values, the code of the error that comes."""
    gone = "0" * 64
    return [
        ("content-gone-object", {"scene.object": "custom", "scene.object_file": gone}, "render"),
        ("content-gone-background", {"scene.background": "custom", "scene.background_file": gone}, "render"),
        ("content-gone-picture", {"scene.source": "picture", "scene.picture_file": gone}, "render"),
        ("content-none", {"scene.object": "custom"}, "render"),
        ("webcam-none", {"scene.source": "webcam"}, "render"),
        ("effect-no-glsl", {"post.custom": "this is no GLSL;"}, "effect"),
        ("effect-breaks-out", {"post.custom": "} void f() {"}, "effect"),
        ("effect-extension", {"post.custom": "#extension GL_ARB_gpu_shader5 : require"}, "effect"),
        ("effect-writes-where-it-may-not", {"post.custom": "resolution = vec2(0.0);"}, "effect"),
    ]


class _Evil:
    """Unpickled, it would make a folder."""

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.mkdir, ("/tmp/perturber-was-here",)


def commands() -> list[Command]:
    """Weights, class lists and pictures that commands refuse."""
    importing = ("models", "import", "{0}", "--name", "mine")
    huge = json.dumps({"x": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    buffer = io.BytesIO()
    pickle.dump(_Evil(), buffer)

    def snapshot(option: str) -> tuple[str, ...]:
        return ("snapshot", option, "{0}", "--out", "{folder}")

    return [
        Command("weights-pickle", (("a.pt", buffer.getvalue()),), importing, ""),
        Command("weights-empty", (("a.safetensors", b""),), importing, "a.safetensors"),
        Command("weights-noise", (("a.safetensors", b"\xff" * 4096),), importing, "a.safetensors"),
        Command("weights-lying", (("a.safetensors", struct.pack("<Q", len(huge)) + huge),), importing, ""),
        Command("weights-header", (("a.safetensors", struct.pack("<Q", 2**60)),), importing, "a.safetensors"),
        Command("snapshot-object-noise", (("a.obj", b"\xff" * 999),), snapshot("--object"), "expected a PNG"),
        Command(
            "snapshot-picture-bomb", (("a.png", b"\x89PNG\r\n\x1a\n"),), snapshot("--picture"), "whole PNG"
        ),
        Command("snapshot-background-zip", (("a.jpg", b"PK\3\4"),), snapshot("--background"), "zip"),
    ]
