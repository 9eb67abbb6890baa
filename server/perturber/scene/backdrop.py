"""A flat background on the graphics side: a picture that fills the frame, whatever the camera does."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from perturber.scene.gl import Uniform
from perturber.scene.opengl import GL
from perturber.scene.panorama import blurred, to_linear
from perturber.scene.view import SceneView


@dataclass(frozen=True)
class FlatBackdrop:
    """An uploaded picture as `texture` of `width` by `height`, its `mean` in linear light."""

    texture: int
    width: int
    height: int
    mean: NDArray[np.float64]
    flat: ClassVar[bool] = True
    target: ClassVar[int] = int(GL.GL_TEXTURE_2D)

    def forget(self) -> None:
        """Give back what the graphics side holds of it."""
        GL.glDeleteTextures([self.texture])

    def uniforms(self, view: SceneView, size: int) -> dict[str, Uniform]:
        """What `background.frag` needs to show the central square in a picture of `size` pixels.

        Blur runs as a panorama's: over the mip levels, and past the last to the mean.
        """
        side = min(self.width, self.height)
        levels = max(self.width, self.height).bit_length() - 1
        sharpest = max(math.log2(side / size), 0.0)
        shown = {"shown_size": np.array([side / self.width, side / self.height, 0.0])}
        return shown | blurred(view, sharpest, levels, self.mean)


class FlatLoader:
    """Uploads flat backgrounds."""

    def load(self, pixels: NDArray[np.uint8]) -> FlatBackdrop:
        """Upload a picture (H, W, 3), sRGB, rows from the top: as the target's are, so it isn't turned."""
        height, width = pixels.shape[:2]
        texture = GL.glGenTextures(1)
        GL.glBindTexture(GL.GL_TEXTURE_2D, texture)
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        contents = np.ascontiguousarray(pixels)
        formats = (GL.GL_RGB, GL.GL_UNSIGNED_BYTE)
        GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_SRGB8, width, height, 0, *formats, contents)
        GL.glGenerateMipmap(GL.GL_TEXTURE_2D)
        GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_LINEAR)
        GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR)
        for side in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, side, GL.GL_CLAMP_TO_EDGE)
        mean = to_linear(pixels).reshape(-1, 3).mean(axis=0, dtype=np.float64)
        return FlatBackdrop(int(texture), width, height, mean)
