"""A folder of real examples: found by wnid or name, and nothing hostile in it does harm."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from perturber.explain.class_images import (
    MAX_BYTES,
    SIDE,
    ClassImages,
    ClassImagesError,
    RefusedImageError,
    thumbnail,
)
from perturber.nets.classes import ClassName

TABBY = ClassName("n02123045", "tabby, tabby cat")


def save(path: Path, colour: str = "red", size: tuple[int, int] = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def read(picture: bytes | None) -> np.ndarray:
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.size) == ("WEBP", (SIDE, SIDE))
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize(
    "name", ["n02123045", "N02123045", "tabby", "Tabby cat", "tabby_cat", "tabby, tabby cat"]
)
def test_a_subfolder_is_found_by_wnid_or_by_any_name(tmp_path: Path, name: str) -> None:
    save(tmp_path / name / "images" / "1.png")
    picture = read(ClassImages(tmp_path).find(TABBY))
    assert np.abs(picture - [255, 0, 0]).max() < 12


def test_a_class_without_a_folder_has_none(tmp_path: Path) -> None:
    save(tmp_path / "goldfish" / "1.png")
    assert ClassImages(tmp_path).find(TABBY) is None
    assert ClassImages(tmp_path).find(ClassName("", "../goldfish")) is None


def test_the_middle_of_a_picture_upright_without_its_metadata(tmp_path: Path) -> None:
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:10, 20:40] = 255  # white above in the middle third
    exif = Image.Exif()
    exif[0x0112] = 3  # lies upside down
    exif[0x010E] = "where I live"
    path = tmp_path / "tabby" / "1.jpg"
    path.parent.mkdir()
    Image.fromarray(wide).save(path, exif=exif, quality=95)
    picture = ClassImages(tmp_path).find(TABBY)
    assert picture is not None
    assert b"where I live" not in picture
    brightness = read(picture).mean(axis=(1, 2))
    assert brightness[: SIDE // 3].max() < 40
    assert brightness[-SIDE // 3 :].min() > 200


def bomb(side: int) -> bytes:
    """A PNG that is small as a file and `side` x `side` pixels when read."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * min(side, 2000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def png() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(out, "PNG")
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n(rm) run",
        gif(),
        png()[:200],
        png()[:40] + b"\xff" * 400,
        bomb(7_000),
        bomb(12_000),
        bomb(60_000),
        bytes(MAX_BYTES + 1),
    ],
    ids=lambda content: f"{len(content)} bytes",
)
def test_what_is_no_picture_within_the_limits_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(RefusedImageError, match=r"x\.png: expected"):
        thumbnail(path)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("make", [pipe, folder, dangling])
def test_what_is_no_file_is_passed_over(tmp_path: Path, make: Callable[[Path], None]) -> None:
    save(tmp_path / "tabby" / "2.png", "blue")
    make(tmp_path / "tabby" / "1.png")
    assert read(ClassImages(tmp_path).find(TABBY))[..., 2].min() > 240


def test_a_refused_file_gives_way_to_the_next(tmp_path: Path) -> None:
    save(tmp_path / "tabby" / "2.png", "blue")
    (tmp_path / "tabby" / "1.png").write_bytes(bomb(60_000))
    assert read(ClassImages(tmp_path).find(TABBY))[..., 2].min() > 240


def test_a_folder_that_cannot_serve_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ClassImagesError, match="expected a folder"):
        ClassImages(tmp_path / "missing")
    with pytest.raises(ClassImagesError, match="a subfolder for each class, got none"):
        ClassImages(tmp_path)
