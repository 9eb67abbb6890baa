"""Broken and hostile picture files, made here."""

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image

from tests.hostile.case import Upload


def encoded(kind: str, width: int = 40, height: int = 30, mode: str = "RGB", **options: object) -> bytes:
    """A sound picture of noise."""
    channels = len(Image.new(mode, (1, 1)).getbands())
    noise = np.random.default_rng(1).integers(0, 255, (height, width, channels), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise.squeeze(), mode).save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A grey 8-bit PNG whose header says `width` by `height`, whatever `pixels` holds."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def zip_of(content: bytes) -> bytes:
    """A zip archive with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", content)
    return buffer.getvalue()


def animation(kind: str, frames: int) -> bytes:
    """Several frames in one file."""
    pictures = [Image.new("RGB", (16, 16), (index % 255, 0, 0)) for index in range(frames)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, kind, save_all=True, append_images=pictures[1:])
    return buffer.getvalue()


def picture_cases() -> list[Upload]:
    """Each with a part of the refusal that it must meet."""
    zeros = zlib.compress(b"\0" * 60_000_000, 9)
    small = zlib.compress(b"\0" * 40)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    webp = encoded("webp", 400, 300)
    rows: list[tuple[str, bytes, str]] = [
        ("png-bomb-of-zeros", png(30_000, 30_000, zeros), "pixels"),
        ("png-header-of-4-billion-pixels-a-side", png(2**31 - 1, 2**31 - 1, small), "pixels"),
        ("png-one-row-of-50-million", png(50_000_000, 1, small), "pixels"),
        ("png-of-no-width", png(0, 10, small), "whole PNG"),
        ("png-cut-off", encoded("png", 200, 200)[:900], "whole PNG"),
        ("png-signature-alone", b"\x89PNG\r\n\x1a\n", "whole PNG"),
        ("png-broken-checksum", png(8, 8, small).replace(b"IDAT", b"IDAX"), "whole PNG"),
        ("png-pixels-that-are-not-deflated", png(8, 8, b"not deflated at all"), "whole PNG"),
        ("png-text-bomb", _text_bomb(), "whole PNG"),
        ("png-and-zip", encoded("png") + zip_of(b"x"), "zip"),
        ("png-and-html", encoded("png") + b"<script>alert(1)</script>", "bytes more"),
        ("png-with-a-jpeg-behind", encoded("png") + encoded("jpeg"), "bytes more"),
        ("webp-cut-off", webp[: len(webp) // 2], "WEBP"),
        ("webp-header-alone", b"RIFF\xff\xff\xff\x7fWEBPVP8 ", "WEBP"),
        ("webp-bomb", encoded_bomb("webp"), "pixels"),
        ("webp-animation", animation("webp", 30), "animation"),
        ("gif-animation-bomb", animation("gif", 400), "animation"),
        ("gif-cut-off", encoded("gif", 60, 60)[:40], "GIF"),
        ("apng-animation", animation("png", 20), "animation"),
        ("jpeg-cut-off", encoded("jpeg", 200, 200)[:700], "JPEG"),
        ("jpeg-of-65500-by-65500", _jpeg_of_huge_size(), "pixels"),
        ("jpeg-and-php", encoded("jpeg") + b"<?php system($_GET[0]); ?>", "bytes more"),
        ("jpeg-magic-alone", b"\xff\xd8\xff\xe0", "JPEG"),
        ("bmp-of-2-billion-rows", _bmp_of_huge_size(), "pixels"),
        ("bmp-cut-off", encoded("bmp", 100, 100)[:200], "BMP"),
        ("tiff-of-many-pages", animation("tiff", 50), "animation or several pages"),
        ("tiff-whose-directory-points-to-itself", _tiff_in_a_circle(), "TIFF"),
        ("tiff-cut-off", encoded("tiff", 100, 100)[:300], "TIFF"),
        ("svg", svg, "markup"),
        ("svg-behind-an-xml-head", b'<?xml version="1.0"?>\n<!DOCTYPE svg>' + svg, "markup"),
        (
            "xml-of-a-billion-laughs",
            b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">]><l>&a;</l>',
            "markup",
        ),
        ("html", b"<!doctype html><script>1</script>", "markup"),
        ("zip", zip_of(b"0" * 1_000_000), "zip"),
        ("gzip", b"\x1f\x8b\x08\0" + b"\0" * 50, "gzip"),
        ("pickle", b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix", "pickle"),
        ("program", b"\x7fELF" + b"\0" * 100, "program"),
        ("noise", np.random.default_rng(2).integers(128, 255, 4096, np.uint8).tobytes(), "expected a PNG"),
        ("text", b"hello world\n" * 100, "expected a PNG"),
        ("a-model-as-picture", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "expected a picture"),
    ]
    return [
        Upload(f"picture-{name}", "picture", (("file.png", content),), part) for name, content, part in rows
    ]


def encoded_bomb(kind: str) -> bytes:
    """A few kilobytes that would be 81 million pixels."""
    buffer = io.BytesIO()
    Image.new("L", (9000, 9000)).convert("RGB").save(buffer, kind, quality=1, method=0)
    return buffer.getvalue()


def _text_bomb() -> bytes:
    """A compressed text chunk of 80 MB before the pixels."""
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 80_000_000, 9))
    whole = encoded("png")
    return whole[:33] + text + whole[33:]


def _jpeg_of_huge_size() -> bytes:
    content = bytearray(encoded("jpeg"))
    frame = content.find(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(content)


def _bmp_of_huge_size() -> bytes:
    content = bytearray(encoded("bmp"))
    content[18:26] = struct.pack("<ii", 2**31 - 1, 2**31 - 1)
    return bytes(content)


def _tiff_in_a_circle() -> bytes:
    """Its first directory has no entries and names itself as the next."""
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8)
