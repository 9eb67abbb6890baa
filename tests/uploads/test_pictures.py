"""Pictures of every kind that people have."""

import io

import numpy as np
import pytest
from PIL import Image

from perturber.uploads import limits
from perturber.uploads.parse import parse


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(content: bytes, kind: str = "picture") -> np.ndarray:
    found: np.ndarray = parse(kind, [("a", content)]).arrays["pixels"]
    return found


GRADIENT = np.tile(np.linspace(0, 255, 64).round().astype(np.uint8), (32, 1))
COLOURS = np.dstack([GRADIENT, GRADIENT[:, ::-1], np.full_like(GRADIENT, 90)])


@pytest.mark.parametrize("kind", ["png", "webp", "bmp", "tiff"])
def test_a_lossless_picture_comes_as_it_is(kind: str) -> None:
    options = {"lossless": True} if kind == "webp" else {}
    np.testing.assert_array_equal(pixels(saved(Image.fromarray(COLOURS), kind, **options)), COLOURS)


def test_a_jpeg_comes_as_pillow_decodes_it() -> None:
    content = saved(Image.fromarray(COLOURS), "jpeg", quality=90)
    np.testing.assert_array_equal(pixels(content), np.asarray(Image.open(io.BytesIO(content))))


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    deep = Image.fromarray(GRADIENT.astype(np.uint16) * 257)
    np.testing.assert_array_equal(pixels(saved(deep, "png"))[..., 0], GRADIENT)


def test_palette_grey_and_cmyk_become_colours() -> None:
    picture = Image.fromarray(COLOURS)
    assert np.abs(pixels(saved(picture.quantize(256), "gif")).astype(int) - COLOURS).mean() < 6
    np.testing.assert_array_equal(pixels(saved(Image.fromarray(GRADIENT), "png"))[..., 2], GRADIENT)
    cmyk = pixels(saved(picture.convert("CMYK"), "jpeg", quality=95)).astype(int)
    assert np.abs(cmyk - COLOURS).mean() < 6


def test_the_camera_is_turned_upright() -> None:
    lying = Image.fromarray(COLOURS).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    np.testing.assert_array_equal(pixels(saved(lying, "png", exif=exif)), COLOURS)


def test_what_is_transparent_shows_grey() -> None:
    half = np.dstack([COLOURS, np.repeat([[0], [255]], 16, axis=0).repeat(64, axis=1).astype(np.uint8)])
    found = pixels(saved(Image.fromarray(half), "png"))
    assert (found[:16] == 128).all()
    np.testing.assert_array_equal(found[16:], COLOURS[16:])


@pytest.mark.parametrize("kind", ["picture", "background"])
def test_a_large_picture_is_scaled_down_in_its_proportions(kind: str) -> None:
    found = pixels(saved(Image.new("RGB", (6000, 3000), (10, 200, 30)), "jpeg"), kind)
    assert found.shape == (limits.KEPT_SIDE[kind] // 2, limits.KEPT_SIDE[kind], 3)
    assert np.abs(found.astype(int) - (10, 200, 30)).max() <= 3
