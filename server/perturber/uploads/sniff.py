"""What a file is, judged by its content alone."""

from perturber.uploads.errors import UploadError

PICTURES = ("png", "jpeg", "webp", "gif", "bmp", "tiff")
MODELS = ("glb", "ply", "stl", "obj")
EXPECTED = "expected a PNG, JPEG, WebP, GIF, BMP or TIFF picture, or an OBJ, MTL, GLB, PLY or STL file"

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"glTF", "glb"),
    (b"ply\n", "ply"),
    (b"ply\r", "ply"),
)
_REFUSED = (
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"PK\x05\x06", "a zip archive: unpack it first"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x80\x04", "a pickle, which could run any code"),
    (b"Kaydara FBX", "an FBX file: export it as GLB or OBJ"),
    (b"8BPS", "a Photoshop file: export it as PNG"),
)


def kind_of(content: bytes, name: str) -> str:
    """One of `PICTURES`, `MODELS` or `mtl`; `name` is for the message only.

    Raises:
        UploadError: anything else, with what it seems to be.
    """
    head = content[:512]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    for magic, what in _REFUSED:
        if head.startswith(magic):
            raise UploadError(f"{name}: {EXPECTED}, got {what}")
    if _is_binary_stl(content):
        return "stl"
    return _text_kind(content, name)


def _is_binary_stl(content: bytes) -> bool:
    """80 bytes of anything, a count, 50 bytes a triangle; judged roughly, so that a lie is named later."""
    if len(content) < 84 or (content[:6].lower() == b"solid " and b"facet" in content[:2048]):
        return False
    declared = 84 + 50 * int.from_bytes(content[80:84], "little")
    return declared == len(content) or content[:5].lower() == b"solid" or b"\0" in content[:80]


def _text_kind(content: bytes, name: str) -> str:
    head = content[:4096]
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")) or b"<svg" in lowered:
        raise UploadError(
            f"{name}: {EXPECTED}, got markup such as SVG or HTML, which may refer to other files"
        )
    if lowered.startswith(b"solid") and b"facet" in content[:65_536].lower():
        return "stl"
    if lowered.startswith(b"{"):
        raise UploadError(f"{name}: {EXPECTED}, got JSON: a .gltf keeps its data elsewhere; export it as GLB")
    if b"\0" in head:
        raise UploadError(f"{name}: {EXPECTED}, got unknown binary content ({head[:8]!r})")
    return _wavefront_kind(content, name)


def _wavefront_kind(content: bytes, name: str) -> str:
    """Of the first lines: an OBJ begins with vertices and groups, an MTL with a material."""
    for line in content[:65_536].splitlines():
        word = line.split(maxsplit=1)[:1]
        if not word or word[0].startswith(b"#"):
            continue
        if word[0] == b"newmtl":
            return "mtl"
        if word[0] in (b"v", b"vt", b"vn", b"vp", b"f", b"o", b"g", b"s", b"mtllib", b"usemtl", b"l", b"p"):
            return "obj"
        raise UploadError(f"{name}: {EXPECTED}, got a line {line[:40].decode('ascii', 'replace')!r}")
    raise UploadError(f"{name}: {EXPECTED}, got no content")
