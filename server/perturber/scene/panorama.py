"""A background on the graphics side: a panorama turned into a cube map whose mip levels are its blur."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from perturber.scene.camera import half_extent, orbit_axes
from perturber.scene.gl import Program, Uniform
from perturber.scene.opengl import GL
from perturber.scene.view import SceneView

LARGEST_FACE = 1024
SMOOTH_WIDTH = 2048

# Columns: what a face's right, down and outward are in the world, in OpenGL's order +x -x +y -y +z -z.
_FACE_AXES = (
    ((0, 0, 1), (0, -1, 0), (-1, 0, 0)),
    ((0, 0, -1), (0, -1, 0), (1, 0, 0)),
    ((1, 0, 0), (0, 0, 1), (0, 1, 0)),
    ((1, 0, 0), (0, 0, -1), (0, -1, 0)),
    ((1, 0, 0), (0, -1, 0), (0, 0, 1)),
    ((-1, 0, 0), (0, -1, 0), (0, 0, -1)),
)


@dataclass(frozen=True)
class Panorama:
    """An uploaded background: the cube map `texture`, its last level `levels`, its `mean` in linear light."""

    texture: int
    levels: int
    mean: NDArray[np.float64]
    flat: ClassVar[bool] = False
    target: ClassVar[int] = int(GL.GL_TEXTURE_CUBE_MAP)

    def forget(self) -> None:
        """Give back what the graphics side holds of it."""
        GL.glDeleteTextures([self.texture])

    def uniforms(self, view: SceneView, size: int) -> dict[str, Uniform]:
        """What `background.frag` needs to show this panorama in a picture of `size` pixels.

        Blur runs from the mip level that fits the pixels to one past the last, where only the mean is left.
        """
        texel = 2.0 / 2**self.levels
        sharpest = max(math.log2(2.0 * half_extent() / size / texel), 0.0)
        axes = {"panorama_axes": orbit_axes(view.background_rotation, 0.0, 0.0)}
        return axes | blurred(view, sharpest, self.levels, self.mean)


def blurred(view: SceneView, sharpest: float, levels: int, mean: NDArray[np.float64]) -> dict[str, Uniform]:
    """Blur and saturation of a background that is sharp at mip level `sharpest` and has `levels` of them."""
    level = sharpest + view.background_blur * (levels + 1 - sharpest)
    return {
        "panorama_level": min(level, float(levels)),
        "mean_share": max(level - levels, 0.0),
        "mean_colour": mean,
        "saturation": view.background_saturation,
    }


class PanoramaLoader:
    """Uploads panoramas; owns the two programs that this takes."""

    def __init__(self, cache: Any) -> None:
        self._to_cube = Program(cache, "cube_face.vert", "panorama_to_cube.frag")
        self._blur = Program(cache, "cube_face.vert", "cube_blur.frag")
        self._framebuffer = GL.glGenFramebuffers(1)
        self._no_vertices = GL.glGenVertexArrays(1)
        GL.glEnable(GL.GL_TEXTURE_CUBE_MAP_SEAMLESS)

    def load(self, pixels: NDArray[np.uint8]) -> Panorama:
        """Upload an equirectangular panorama (H, 2 H, 3), sRGB, rows from the top."""
        levels = min(LARGEST_FACE, pixels.shape[1]).bit_length() - 1
        flat, cube = _upload_flat(enlarged(pixels)), _empty_cube(levels)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._framebuffer)
        GL.glBindVertexArray(self._no_vertices)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_FRAMEBUFFER_SRGB)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, flat)
        self._draw_faces(cube, 0, 2**levels, self._to_cube, {})
        GL.glBindTexture(GL.GL_TEXTURE_CUBE_MAP, cube)
        for level in range(1, levels + 1):
            _sample_only(level - 1, level - 1)
            size = 2 ** (levels - level)
            self._draw_faces(cube, level, size, self._blur, {"texel": 1.0 / size})
        _sample_only(0, levels)
        GL.glDeleteTextures([flat])
        return Panorama(cube, levels, mean_colour(pixels))

    def _draw_faces(
        self, cube: int, level: int, size: int, program: Program, uniforms: dict[str, Uniform]
    ) -> None:
        GL.glViewport(0, 0, size, size)
        for face, axes in enumerate(_FACE_AXES):
            side = GL.GL_TEXTURE_CUBE_MAP_POSITIVE_X + face
            GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, side, cube, level)
            program.use({"face_axes": np.array(axes, np.float32), **uniforms})
            GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)


def mean_colour(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The mean over the sphere of an equirectangular sRGB panorama (H, W, 3), in linear light (3,)."""
    linear = to_linear(pixels)
    rows = len(pixels)
    weight = np.sin(np.pi * (np.arange(rows) + 0.5) / rows)
    return np.asarray(np.average(linear.mean(axis=1, dtype=np.float64), axis=0, weights=weight))


def to_linear(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An sRGB picture in linear light, in [0, 1]."""
    encoded = np.arange(256) / 255.0
    table = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(table.astype(np.float32)[pixels])


def enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A small panorama (H, 2 H, 3) grown to `SMOOTH_WIDTH` by bicubic interpolation, seamless at the back.

    Bilinear interpolation alone would show its texels as blocks.
    """
    factor = SMOOTH_WIDTH // pixels.shape[1]
    if factor < 2:
        return pixels
    margin = 4
    around = np.pad(pixels, ((0, 0), (margin, margin), (0, 0)), mode="wrap")
    size = around.shape[1] * factor, around.shape[0] * factor
    grown = np.asarray(Image.fromarray(around).resize(size, Image.Resampling.BICUBIC))
    return grown[:, margin * factor : -margin * factor]


def _upload_flat(pixels: NDArray[np.uint8]) -> int:
    height, width = pixels.shape[:2]
    texture = GL.glGenTextures(1)
    GL.glBindTexture(GL.GL_TEXTURE_2D, texture)
    GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
    contents = np.ascontiguousarray(pixels)
    formats = (GL.GL_RGB, GL.GL_UNSIGNED_BYTE)
    GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_SRGB8, width, height, 0, *formats, contents)
    for name in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, name, GL.GL_LINEAR)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE)
    return int(texture)


def _empty_cube(levels: int) -> int:
    cube = GL.glGenTextures(1)
    GL.glBindTexture(GL.GL_TEXTURE_CUBE_MAP, cube)
    GL.glTexStorage2D(GL.GL_TEXTURE_CUBE_MAP, levels + 1, GL.GL_SRGB8_ALPHA8, 2**levels, 2**levels)
    GL.glTexParameteri(GL.GL_TEXTURE_CUBE_MAP, GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_LINEAR)
    GL.glTexParameteri(GL.GL_TEXTURE_CUBE_MAP, GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR)
    return int(cube)


def _sample_only(first: int, last: int) -> None:
    GL.glTexParameteri(GL.GL_TEXTURE_CUBE_MAP, GL.GL_TEXTURE_BASE_LEVEL, first)
    GL.glTexParameteri(GL.GL_TEXTURE_CUBE_MAP, GL.GL_TEXTURE_MAX_LEVEL, last)
