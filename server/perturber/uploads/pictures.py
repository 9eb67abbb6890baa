"""A picture file as pixels; runs in the parser's process only."""

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from perturber.uploads import limits
from perturber.uploads.errors import UploadError

Pixels = NDArray[np.uint8]

BACKDROP = 128
"""What shows through a transparent picture that has to be opaque: mid grey."""
_FORMATS = {name: name.upper() for name in ("png", "jpeg", "webp", "gif", "bmp", "tiff")}


def decode(content: bytes, kind: str, name: str, longest: int) -> Pixels:
    """The picture (H, W, 4) uint8, sRGB with alpha, upright by its EXIF note, at most `longest` a side.

    Deep, palette, grey and CMYK pictures are turned into 8-bit RGB.

    Raises:
        UploadError: too many pixels, several frames, broken, cut off, or something behind its end.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own, of a broken file's broken notes
        try:
            with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as picture:
                _check_size(picture, name)
                _check_frames(picture, kind, name)
                _check_tail(content, kind, name)
                return _decoded(picture, longest)
        except UploadError:
            raise
        except MemoryError:
            raise UploadError(f"{name}: the picture needs more memory than is allowed") from None
        except Image.DecompressionBombError:
            raise UploadError(f"{name}: expected at most {limits.PIXELS:,} pixels, got far more") from None
        except UnidentifiedImageError:
            raise UploadError(f"{name}: expected a whole {kind.upper()} picture, got a broken one") from None
        except Exception as error:  # whatever a decoder says of a broken file
            raise UploadError(
                f"{name}: expected a whole {kind.upper()} picture: {str(error)[:120]}"
            ) from None


def opaque(pixels: Pixels) -> Pixels:
    """(H, W, 3): what is transparent lies over mid grey."""
    if (pixels[..., 3] == 255).all():
        return np.ascontiguousarray(pixels[..., :3])
    share = pixels[..., 3:].astype(np.float32) / 255.0
    return np.asarray(np.round(pixels[..., :3] * share + BACKDROP * (1.0 - share)), dtype=np.uint8)


def _check_size(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    if width * height > limits.PIXELS or max(width, height) > limits.SIDE:
        most = f"at most {limits.PIXELS:,} pixels and {limits.SIDE:,} a side"
        raise UploadError(f"{name}: expected {most}, got {width:,} x {height:,}")


def _check_frames(picture: Image.Image, kind: str, name: str) -> None:
    if kind != "jpeg" and getattr(picture, "is_animated", False):  # a JPEG's second picture is a preview
        raise UploadError(f"{name}: expected one picture, got an animation or several pages")


def _check_tail(content: bytes, kind: str, name: str) -> None:
    """A picture that goes on behind its end may be another file, too."""
    end = _END[kind](content) if kind in _END else len(content)
    behind = content[end:].strip(b"\0\r\n ")
    if behind:
        raise UploadError(
            f"{name}: expected the file to end with its picture, got {len(behind):,} bytes more"
        )


def _png_end(content: bytes) -> int:
    place = 8
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        kind = content[place + 4 : place + 8]
        place += 12 + length
        if kind == b"IEND":
            return place
    return len(content)


def _last(mark: bytes, content: bytes) -> int:
    found = content.rfind(mark)
    return found + len(mark) if found >= 0 else len(content)


_END: dict[str, Any] = {
    "png": _png_end,
    "jpeg": lambda content: _last(b"\xff\xd9", content),
    "webp": lambda content: 8 + int.from_bytes(content[4:8], "little"),
    "bmp": lambda content: max(int.from_bytes(content[2:6], "little"), 14),
}


def _decoded(picture: Image.Image, longest: int) -> Pixels:
    if picture.format == "JPEG":
        picture.draft(None, (longest, longest))  # decodes no larger than needed
    upright = ImageOps.exif_transpose(picture)
    if max(upright.size) > 4 * longest:
        upright = upright.reduce(max(1, max(upright.size) // (2 * longest))) if _plain(upright) else upright
    rgba = _eight_bits(upright).convert("RGBA")
    rgba.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(rgba)


def _plain(picture: Image.Image) -> bool:
    return picture.mode in ("RGB", "RGBA", "L", "CMYK")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Deep greys scaled to 8 bits; Pillow would clip them."""
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
        top = 1.0 if picture.mode == "F" and values.max() <= 1.0 else 65_535.0
        return Image.fromarray(np.clip(np.round(values * (255.0 / top)), 0, 255).astype(np.uint8))
    return picture
