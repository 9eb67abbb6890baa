"""What PLY and STL files must be before anything reads them: bounded, and as long as they say."""

import re

from perturber.uploads import limits
from perturber.uploads.errors import UploadError
from perturber.uploads.shape import check_counts

_SIZES = {
    **dict.fromkeys(("char", "uchar", "int8", "uint8"), 1),
    **dict.fromkeys(("short", "ushort", "int16", "uint16"), 2),
    **dict.fromkeys(("int", "uint", "float", "int32", "uint32", "float32"), 4),
    **dict.fromkeys(("double", "float64", "int64", "uint64"), 8),
}


def check_stl(content: bytes, name: str) -> None:
    """Refuse an STL whose length isn't that of its triangles.

    Raises:
        UploadError: too many triangles, or bytes missing or left over.
    """
    if content.lstrip()[:5].lower() == b"solid" and b"facet" in content[:65_536].lower():
        facets, corners = (
            len(re.findall(word, content)) for word in (rb"(?i)\bendfacet\b", rb"(?i)\bvertex\b")
        )
        check_counts(1, facets, name)
        if corners != 3 * facets or b"endsolid" not in content[-400:].lower():
            raise UploadError(f"{name}: expected three vertices a facet and 'endsolid', got a file cut off")
        return
    count = int.from_bytes(content[80:84], "little")
    check_counts(1, count, name)
    if len(content) != 84 + 50 * count:
        raise UploadError(
            f"{name}: expected {84 + 50 * count:,} bytes for {count:,} facets, got {len(content):,}"
        )


def check_ply(content: bytes, name: str) -> None:
    """Refuse a PLY whose header is huge, or promises other than what follows.

    Raises:
        UploadError: with the reason.
    """
    end = content.find(b"end_header", 0, limits.TEXT_HEADER_BYTES)
    if end < 0:
        most = f"{limits.TEXT_HEADER_BYTES:,}"
        raise UploadError(f"{name}: expected 'end_header' within the first {most} bytes")
    body = len(content) - (content.find(b"\n", end) + 1)
    words = [line.split() for line in content[:end].splitlines()]
    form = next((line[1] for line in words if line[:1] == [b"format"] and len(line) == 3), b"none")
    if form not in (b"ascii", b"binary_little_endian", b"binary_big_endian"):
        raise UploadError(f"{name}: expected a format of ascii or binary, got {form[:40]!r}")
    elements = _elements(words, name)
    if "vertex" not in elements or "face" not in elements:
        raise UploadError(f"{name}: expected elements vertex and face, got {', '.join(elements) or 'none'}")
    check_counts(elements["vertex"][0], elements["face"][0], name)
    binary = form != b"ascii"
    least = sum(count * max(size if binary else 2, 1) for count, size in elements.values())
    if body < least:
        raise UploadError(f"{name}: expected at least {least:,} bytes behind the header, got {body:,}")


def _elements(words: list[list[bytes]], name: str) -> dict[str, tuple[int, int]]:
    """Of each element its count, and the fewest bytes that one takes in a binary file."""
    elements: dict[str, tuple[int, int]] = {}
    current = ""
    for line in words:
        if line[:1] == [b"element"]:
            if len(line) != 3 or not line[2].isdigit() or len(line[2]) > 12 or len(elements) >= 16:
                raise UploadError(f"{name}: expected 'element NAME COUNT', got {b' '.join(line)[:60]!r}")
            current = line[1].decode("ascii", "replace")
            elements[current] = int(line[2]), 0
        elif line[:1] == [b"property"] and current:
            kinds = [part.decode("ascii", "replace") for part in line[1:-1]]
            known = [_SIZES[part] for part in kinds if part in _SIZES]
            if not known:
                raise UploadError(f"{name}: expected a known property type, got {b' '.join(line)[:60]!r}")
            count, size = elements[current]
            elements[current] = count, size + known[0]
    return elements
