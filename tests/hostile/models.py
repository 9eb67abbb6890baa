"""Broken and hostile model files, made here."""

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import trimesh

from tests.hostile.case import Upload
from tests.hostile.pictures import encoded, zip_of

TRIANGLE = b"v 0 0 0\nv 1 0 0\nv 0 1 0\n"
Tree = dict[str, Any]


def glb(
    tree: Tree | bytes, binary: bytes = b"", *, length: int | None = None, chunk: int | None = None
) -> bytes:
    """A GLB of a JSON tree and a binary chunk; `length` and `chunk` are lies about its sizes."""
    raw = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    raw += b" " * (-len(raw) % 4)
    binary += b"\0" * (-len(binary) % 4)
    body = struct.pack("<II", len(raw) if chunk is None else chunk, 0x4E4F534A) + raw
    if binary:
        body += struct.pack("<II", len(binary), 0x004E4942) + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(body) if length is None else length) + body


def tree(change: Callable[[Tree], object] | None = None) -> Tree:
    """A sound triangle, changed."""
    sound: Tree = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
    }
    if change is not None:
        change(sound)
    return sound


POSITIONS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()


def _glb_rows() -> list[tuple[str, bytes, str]]:
    def changed(change: Callable[[Tree], object], binary: bytes = POSITIONS) -> bytes:
        return glb(tree(change), binary)

    circle = [{"children": [1], "mesh": 0}, {"children": [0]}]
    nested = b'{"asset":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    infinite = np.full((3, 3), np.inf, "<f4").tobytes()
    return [
        ("header-alone", b"glTF" + struct.pack("<II", 2, 12), "at least 20 bytes"),
        ("version-1", b"glTF" + struct.pack("<II", 1, 20) + b"\0" * 8, "version 2"),
        ("length-lies", glb(tree(), POSITIONS, length=4_000_000_000), "by its header"),
        ("chunk-length-lies", glb(tree(), POSITIONS, chunk=2**31), "a chunk of"),
        ("cut-off", glb(tree(), POSITIONS)[:-20], "by its header"),
        ("zip-behind", glb(tree(), POSITIONS) + zip_of(b"x"), "zip"),
        ("nested-100000-deep", glb(nested, POSITIONS), "nested"),
        ("json-broken", glb(b'{"asset": nope}', POSITIONS), "JSON"),
        ("json-a-list", glb(b"[1, 2]", POSITIONS), "a JSON object"),
        (
            "buffer-from-a-file",
            changed(lambda t: t["buffers"][0].update(uri="file:///etc/passwd")),
            "reference",
        ),
        ("buffer-from-above", changed(lambda t: t["buffers"][0].update(uri="../../secret.bin")), "reference"),
        (
            "buffer-from-the-web",
            changed(lambda t: t["buffers"][0].update(uri="http://x.example/a")),
            "reference",
        ),
        ("image-from-a-path", changed(lambda t: t.update(images=[{"uri": "/etc/shadow"}])), "reference"),
        ("nodes-in-a-circle", changed(lambda t: t.update(nodes=circle)), "tree"),
        ("node-its-own-child", changed(lambda t: t.update(nodes=[{"mesh": 0, "children": [0]}])), "tree"),
        ("a-million-nodes", changed(lambda t: t.update(nodes=[{"mesh": 0}] * 200_000)), "nodes"),
        (
            "accessor-of-4-billion",
            changed(lambda t: t["accessors"][0].update(count=2**32)),
            "inside their views",
        ),
        ("accessor-negative", changed(lambda t: t["accessors"][0].update(count=-3)), "whole number"),
        ("view-outside", changed(lambda t: t["bufferViews"][0].update(byteLength=10**9)), "views into"),
        ("mesh-that-isnt-there", changed(lambda t: t["nodes"][0].update(mesh=7)), "node that draws"),
        ("no-scene", glb({"asset": {"version": "2.0"}}), "node that draws"),
        ("vertices-infinite", glb(tree(), infinite), "finite"),
        (
            "needs-draco",
            changed(lambda t: t.update(extensionsRequired=["KHR_draco_mesh_compression"])),
            "compression",
        ),
        ("same-mesh-drawn-90000-times", _many_instances(), "at most"),
        ("gltf-text-with-a-file", json.dumps(tree()).encode(), "GLB"),
    ]


def _many_instances() -> bytes:
    """9,000 nodes that draw one mesh of 100 vertices."""
    positions = np.random.default_rng(3).random((100, 3)).astype("<f4").tobytes()

    def change(t: Tree) -> None:
        t["nodes"] = [{"mesh": 0}] * 9000
        t["scenes"] = [{"nodes": list(range(9000))}]
        t["accessors"][0]["count"] = 99
        t["bufferViews"][0]["byteLength"] = t["buffers"][0]["byteLength"] = len(positions)

    return glb(tree(change), positions)


def _obj_rows() -> list[tuple[str, bytes, str]]:
    return [
        ("nan", b"v 0 0 0\nv 1 nan 0\nv 0 1 0\nf 1 2 3\n", "finite"),
        ("infinite", b"v 0 0 0\nv 1e999 0 0\nv 0 1 0\nf 1 2 3\n", "finite"),
        ("astronomic", b"v 0 0 0\nv 1e30 0 0\nv 0 1 0\nf 1 2 3\n", "within"),
        ("index-of-nothing", TRIANGLE + b"f 1 2 4\n", "3 v lines"),
        ("index-absurd", TRIANGLE + b"f 1 2 99999999999999999999\n", "faces"),
        ("index-zero", TRIANGLE + b"f 0 1 2\n", "from 1"),
        ("index-before-the-first", TRIANGLE + b"f -1 -2 -9\n", "before the first"),
        ("texture-index-of-nothing", TRIANGLE + b"vt 0 0\nf 1/1 2/2 3/3\n", "1 vt lines"),
        ("no-faces", TRIANGLE, "faces"),
        ("no-vertices", b"o nothing\nf 1 2 3\n", "vertices"),
        ("all-in-one-point", b"v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n", "area"),
        ("all-on-one-line", b"v 0 0 0\nv 1 1 1\nv 2 2 2\nf 1 2 3\n", "area"),
        ("words-for-numbers", b"v a b c\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "numbers"),
        ("two-numbers-a-vertex", b"v 0 0\nv 1 0\nv 0 1\nf 1 2 3\n", "numbers"),
        ("a-face-of-two", TRIANGLE + b"f 1 2\n", "corners"),
        ("a-face-of-5000", TRIANGLE + b"f" + b" 1" * 5000 + b"\n", "corners"),
        ("a-line-of-10-megabytes", TRIANGLE + b"# " + b"x" * 10_000_000 + b"\nf 1 2 3\n", "lines of at most"),
        ("half-a-million-faces", TRIANGLE + b"f 1 2 3\n" * 500_000, "faces"),
        ("half-a-million-vertices", b"v 0 0 0\n" * 500_000 + b"f 1 2 3\n", "vertices"),
        ("slashes", TRIANGLE + b"f 1/1/1/1 2 3\n", "faces such as"),
        ("a-command", TRIANGLE + b"csh rm -rf /\nf 1 2 3\n", "line 4"),
        (
            "a-library-from-above",
            b"mtllib ../../../etc/passwd\n" + TRIANGLE + b"f 1 2 3\n",
            "file of this upload",
        ),
        (
            "a-library-from-the-web",
            b"mtllib http://x.example/m.mtl\n" + TRIANGLE + b"f 1 2 3\n",
            "file of this",
        ),
        ("html-behind", TRIANGLE + b"f 1 2 3\n<script>alert(1)</script>\n", "line 5"),
        ("binary-behind", TRIANGLE + b"f 1 2 3\n\x00\x01\x02\xff", "expected"),
        ("and-zip", TRIANGLE + b"f 1 2 3\n# " + zip_of(b"x"), "zip"),
    ]


def _ply_rows() -> list[tuple[str, bytes, str]]:
    sound = bytes(trimesh.creation.box().export(file_type="ply"))
    header = b"ply\nformat binary_little_endian 1.0\n"
    xyz = b"property float x\nproperty float y\nproperty float z\n"
    faces = b"element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    return [
        ("cut-off", sound[:-40], "whole PLY"),
        ("no-header-end", header + b"comment " + b"x" * 200_000, "end_header"),
        ("header-of-megabytes", header + b"comment x\n" * 300_000 + b"end_header\n", "end_header"),
        ("4-billion-vertices", header + b"element vertex 4000000000\n" + xyz + faces, "vertices"),
        ("vertices-without-bytes", header + b"element vertex 100000\n" + xyz + faces, "bytes behind"),
        ("negative-count", header + b"element vertex -5\n" + xyz + faces, "NAME COUNT"),
        ("unknown-format", b"ply\nformat pickle 1.0\nelement vertex 1\n" + faces, "format"),
        ("unknown-type", header + b"element vertex 3\nproperty object x\n" + faces, "property type"),
        ("no-faces", header + b"element vertex 1\n" + xyz + b"end_header\n" + b"\0" * 12, "face"),
        ("index-of-nothing", _ply_of([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [0, 1, 77]), "PLY|faces of"),
        ("index-negative", _ply_of([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [0, 1, -2]), "PLY|faces of"),
        ("nan", _ply_of([[0, 0, 0], [1, float("nan"), 0], [0, 1, 0]], [0, 1, 2]), "finite"),
    ]


def _ply_of(points: list[list[float]], face: list[int]) -> bytes:
    header = (
        b"ply\nformat binary_little_endian 1.0\nelement vertex 3\nproperty float x\nproperty float y\n"
        b"property float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n"
    )
    return header + np.array(points, "<f4").tobytes() + b"\3" + np.array(face, "<i4").tobytes()


def _stl_rows() -> list[tuple[str, bytes, str]]:
    sound = bytes(trimesh.creation.box().export(file_type="stl"))
    text = trimesh.creation.box().export(file_type="stl_ascii").encode()
    lying = bytearray(sound)
    lying[80:84] = struct.pack("<I", 2**32 - 1)
    flat = bytearray(sound)
    for facet in range(12):
        flat[84 + 50 * facet + 12 : 84 + 50 * facet + 48] = b"\0" * 36
    return [
        ("count-lies", bytes(lying), "faces"),
        ("cut-off", sound[:-30], "bytes for"),
        ("bytes-left-over", sound + b"MZ" + b"\0" * 77, "bytes for"),
        ("no-facets", b"\0" * 84, "faces"),
        ("all-in-one-point", bytes(flat), "area"),
        ("nan", sound[:96] + b"\0\0\xc0\x7f" + sound[100:], "finite"),
        ("text-cut-off", text[: len(text) // 2], "cut off"),
        ("header-of-a-program", b"MZ" + b"\0" * 300, "program"),
    ]


def model_cases() -> list[Upload]:
    """Each with a part (or one of several, with `|`) of the refusal that it must meet."""
    rows = [
        *((f"glb-{name}", "file.glb", content, part) for name, content, part in _glb_rows()),
        *((f"obj-{name}", "file.obj", content, part) for name, content, part in _obj_rows()),
        *((f"ply-{name}", "file.ply", content, part) for name, content, part in _ply_rows()),
        *((f"stl-{name}", "file.stl", content, part) for name, content, part in _stl_rows()),
    ]
    single = [Upload(name, "object", ((file, content),), part) for name, file, content, part in rows]
    return single + _sets()


def _sets() -> list[Upload]:
    """Files that are wrong together."""
    sound = ("a.obj", TRIANGLE + b"vt 0 0\nf 1/1 2/1 3/1\n")
    without = ("a.obj", TRIANGLE + b"f 1 2 3\n")
    picture = encoded("png")

    def material(line: bytes) -> tuple[str, bytes]:
        return "a.mtl", b"newmtl m\nKd 1 0 0\n" + line + b"\n"

    rows: list[tuple[str, tuple[tuple[str, bytes], ...], str]] = [
        ("mtl-map-from-the-root", (sound, material(b"map_Kd /etc/passwd")), "file of this upload"),
        ("mtl-map-from-above", (sound, material(b"map_Kd ..\\..\\boot.ini")), "file of this upload"),
        ("mtl-map-file-address", (sound, material(b"map_d file:///etc/shadow")), "file of this upload"),
        ("mtl-map-from-a-drive", (sound, material(b"bump C:\\secret.png")), "file of this upload"),
        ("mtl-colour-of-words", (sound, material(b"Kd red green blue")), "Kd"),
        ("mtl-alone", (material(b""),), "one model"),
        ("two-models", (sound, ("b.obj", sound[1])), "one model"),
        ("two-diffuse-textures", (sound, ("x.png", picture), ("y.png", picture)), "one diffuse texture"),
        ("texture-without-coordinates", (without, ("x.png", picture)), "texture coordinates"),
        ("texture-broken", (sound, ("x.png", picture[:60])), "PNG"),
        ("texture-a-script", (sound, ("x.png", b"#!/bin/sh\nrm -rf /\n")), "expected"),
        ("glb-with-mtl", (("a.glb", glb(tree(), POSITIONS)), material(b"")), "beside an OBJ"),
    ]
    return [Upload(f"set-{name}", "object", files, part) for name, files, part in rows]
