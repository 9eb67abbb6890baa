"""What a GLB must be before anything reads it: whole, bounded, and without references to elsewhere."""

import json
import struct
from collections.abc import Iterator
from typing import Any

from perturber.uploads import limits
from perturber.uploads.errors import UploadError

_JSON, _BINARY = 0x4E4F534A, 0x004E4942
_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_PARTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_COMPRESSED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_texture_basisu")


def check(content: bytes, name: str) -> None:
    """Refuse a GLB that lies about its sizes, refers to other files, turns in circles, or is too much.

    Raises:
        UploadError: with the reason.
    """
    tree, binary = _chunks(content, name)
    _check_references(tree, name)
    _check_accessors(tree, binary, name)
    _check_scene(tree, name)


def _chunks(content: bytes, name: str) -> tuple[dict[str, Any], int]:
    """The JSON chunk, and the binary chunk's size."""
    if len(content) < 20:
        raise UploadError(f"{name}: expected a GLB of at least 20 bytes, got {len(content)}")
    version, length = struct.unpack("<II", content[4:12])
    if version != 2:
        raise UploadError(f"{name}: expected glTF version 2, got {version}")
    if length != len(content):
        raise UploadError(f"{name}: expected {length:,} bytes by its header, got {len(content):,}")
    chunks: dict[int, bytes] = {}
    place = 12
    while place + 8 <= length:
        size, kind = struct.unpack("<II", content[place : place + 8])
        if place + 8 + size > length:
            raise UploadError(f"{name}: expected a chunk of {size:,} bytes, got {length - place - 8:,}")
        if place == 12 and size > limits.JSON_BYTES:
            raise UploadError(f"{name}: expected at most {limits.JSON_BYTES:,} bytes of JSON, got {size:,}")
        chunks.setdefault(kind, content[place + 8 : place + 8 + size])
        place += 8 + size
    tree = _parse(chunks.get(_JSON, b""), name)
    return tree, len(chunks.get(_BINARY, b""))


def _parse(raw: bytes, name: str) -> dict[str, Any]:
    depth = deepest = 0
    for character in raw.translate(None, delete=bytes(set(range(256)) - set(b"[]{}"))):
        depth += 1 if character in b"[{" else -1
        deepest = max(deepest, depth)
        if deepest > limits.JSON_DEPTH:
            raise UploadError(f"{name}: expected JSON nested at most {limits.JSON_DEPTH} deep")
    try:
        tree = json.loads(raw)
    except ValueError as error:
        raise UploadError(f"{name}: expected a JSON chunk first: {str(error)[:80]}") from None
    if not isinstance(tree, dict):
        raise UploadError(f"{name}: expected a JSON object, got {type(tree).__name__}")
    return tree


def _rows(tree: dict[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    rows = tree.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UploadError(f"{name}: {key}: expected a list of objects")
    return rows


def _check_references(tree: dict[str, Any], name: str) -> None:
    for key in ("buffers", "images"):
        for row in _rows(tree, key, name):
            if "uri" in row:
                uri = str(row["uri"])[:60]
                raise UploadError(
                    f"{name}: {key}: expected everything inside the GLB, got a reference {uri!r}"
                )
    if len(_rows(tree, "images", name)) > limits.TEXTURES:
        raise UploadError(f"{name}: expected at most {limits.TEXTURES} textures, got {len(tree['images'])}")
    for extension in tree.get("extensionsRequired", []):
        if extension in _COMPRESSED:
            raise UploadError(f"{name}: expected a GLB without compression, got {extension}: export without")


def _check_accessors(tree: dict[str, Any], binary: int, name: str) -> None:
    views = _rows(tree, "bufferViews", name)
    for view in views:
        offset, size = _number(view, "byteOffset", name, 0), _number(view, "byteLength", name)
        if _number(view, "buffer", name, 0) != 0 or offset + size > binary:
            raise UploadError(
                f"{name}: expected views into {binary:,} bytes, got {offset:,} to {offset + size:,}"
            )
    for row in _rows(tree, "accessors", name):
        if "sparse" in row:
            raise UploadError(f"{name}: expected plain accessors, got a sparse one")
        count = _number(row, "count", name)
        size = _BYTES.get(row.get("componentType", 0), 0) * _PARTS.get(str(row.get("type")), 0)
        index = _number(row, "bufferView", name)
        if not size or index >= len(views):
            raise UploadError(f"{name}: expected an accessor of a known type in one of {len(views)} views")
        stride = _number(views[index], "byteStride", name, size)
        needed = _number(row, "byteOffset", name, 0) + (count - 1) * max(stride, size) + size if count else 0
        if needed > _number(views[index], "byteLength", name):
            raise UploadError(
                f"{name}: expected accessors inside their views, got one of {count:,} rows outside"
            )


def _check_scene(tree: dict[str, Any], name: str) -> None:
    """A forest of few nodes, and few vertices and faces in all that it draws."""
    nodes, meshes = _rows(tree, "nodes", name), _rows(tree, "meshes", name)
    accessors = _rows(tree, "accessors", name)
    if len(nodes) > limits.NODES:
        raise UploadError(f"{name}: expected at most {limits.NODES:,} nodes, got {len(nodes):,}")
    parents: set[int] = set()
    for index, node in enumerate(nodes):
        for child in node.get("children", []):
            if not isinstance(child, int) or not 0 <= child < len(nodes) or child in parents:
                raise UploadError(f"{name}: expected nodes as a tree, got {child!r} as a child of {index}")
            parents.add(child)
    _check_circles(nodes, parents, name)
    _check_drawn(nodes, meshes, accessors, name)


def _check_drawn(
    nodes: list[dict[str, Any]], meshes: list[dict[str, Any]], accessors: list[dict[str, Any]], name: str
) -> None:
    drawn = [node["mesh"] for node in nodes if "mesh" in node]
    if not drawn or not all(isinstance(index, int) and 0 <= index < len(meshes) for index in drawn):
        raise UploadError(f"{name}: expected a node that draws one of {len(meshes)} meshes")
    vertices = corners = 0
    for primitive in (part for index in drawn for part in _primitives(meshes[index], name)):
        attributes = primitive.get("attributes")
        position = attributes.get("POSITION") if isinstance(attributes, dict) else None
        vertices += _count(accessors, position, name)
        corners += _count(accessors, primitive.get("indices", position), name)
        if vertices > limits.VERTICES or corners > 3 * limits.FACES:
            most = f"{limits.VERTICES:,} vertices and {limits.FACES:,} faces"
            raise UploadError(f"{name}: expected at most {most}, got {vertices:,} and {corners // 3:,}")


def _count(accessors: list[dict[str, Any]], index: object, name: str) -> int:
    if not isinstance(index, int) or not 0 <= index < len(accessors):
        raise UploadError(f"{name}: expected primitives with positions among the accessors")
    return int(accessors[index]["count"])


def _check_circles(nodes: list[dict[str, Any]], parents: set[int], name: str) -> None:
    """Every node must hang on a root: each has one parent at most, so what doesn't turns in a circle."""
    waiting = list(set(range(len(nodes))) - parents)
    reached = 0
    while waiting:
        reached += 1
        waiting += nodes[waiting.pop()].get("children", [])
    if reached != len(nodes):
        raise UploadError(f"{name}: expected nodes as a tree, got a circle of {len(nodes) - reached}")


def _primitives(mesh: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    yield from _rows(mesh, "primitives", name)


def _number(row: dict[str, Any], key: str, name: str, default: int | None = None) -> int:
    value = row.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**40:
        raise UploadError(f"{name}: {key}: expected a whole number from 0, got {str(value)[:40]!r}")
    return value
