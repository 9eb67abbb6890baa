"""The body of an upload: a few files with their names, framed as frames are.

`PTBU`, the header's length (uint32, little-endian), the header (JSON: `[{"name", "size"}, ...]`), the files.
"""

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from perturber.uploads import limits
from perturber.uploads.errors import UploadError

MAGIC = b"PTBU"
PREFIX = 8


@dataclass(frozen=True)
class BundledFile:
    """One file of an upload: `name` is a text to match and to show, never a path; `offset` is in the body."""

    name: str
    offset: int
    size: int


def encode(files: Sequence[tuple[str, bytes]]) -> bytes:
    """The body for files given as (name, content)."""
    header = json.dumps([{"name": name, "size": len(content)} for name, content in files]).encode()
    return b"".join([MAGIC, struct.pack("<I", len(header)), header, *(content for _, content in files)])


def header_size(prefix: bytes) -> int:
    """Bytes of the header that follows the first `PREFIX` bytes.

    Raises:
        UploadError: not an upload's start, or a header that is too long.
    """
    if len(prefix) < PREFIX or prefix[:4] != MAGIC:
        raise UploadError(f"upload: expected {MAGIC!r} and a length at the start, got {prefix[:8]!r}")
    (length,) = struct.unpack("<I", prefix[4:PREFIX])
    if length > limits.HEADER_BYTES:
        raise UploadError(f"upload: expected a header of at most {limits.HEADER_BYTES} bytes, got {length}")
    return int(length)


def parse_header(header: bytes, body_size: int, kind: str) -> list[BundledFile]:
    """The files that `header` lists, for an upload of `kind` whose whole body has `body_size` bytes.

    Raises:
        UploadError: not such a list, too many files, an empty one, or sizes that don't add up.
    """
    try:
        rows = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise UploadError(f"upload: expected a list of files in JSON: {str(error)[:80]}") from None
    most = limits.FILES[kind]
    if not isinstance(rows, list) or not 1 <= len(rows) <= most:
        received = f"{len(rows)} files" if isinstance(rows, list) else type(rows).__name__
        raise UploadError(f"upload: expected 1 to {most} files as {kind}, got {received}")
    files, offset = [], PREFIX + len(header)
    for row in rows:
        name, size = _row(row)
        files.append(BundledFile(name, offset, size))
        offset += size
    if offset != body_size:
        raise UploadError(f"upload: expected {offset} bytes by its header, got {body_size}")
    return files


def _row(row: object) -> tuple[str, int]:
    name, size = (row.get("name"), row.get("size")) if isinstance(row, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise UploadError(f"upload: expected files with a name and a size, got {str(row)[:80]}")
    if len(name) > limits.NAME_LENGTH:
        raise UploadError(f"upload: expected names of at most {limits.NAME_LENGTH} characters")
    if size == 0:
        raise UploadError(f"{label(name)}: the file is empty")
    return base_name(name), size


def base_name(name: str) -> str:
    """What follows the last slash or backslash, printable characters only."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())


def label(name: str) -> str:
    """A name as it is shown."""
    shown = base_name(name)
    return shown if len(shown) <= 60 else f"{shown[:40]}…{shown[-16:]}"


def content_hash(files: Sequence[tuple[str, str]]) -> str:
    """The name of the content of files given as (name, SHA-256): a single file's own hash.

    Several files count with their names, as a model's description refers to its textures by them.
    """
    if len(files) == 1:
        return files[0][1]
    rows = sorted((name.lower(), digest) for name, digest in files)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
