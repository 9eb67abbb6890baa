"""Programs and targets: what the renderer draws with and into."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perturber.scene.errors import RenderError
from perturber.scene.opengl import GL

SHADERS = Path(__file__).parent / "shaders"
SUPERSAMPLING = 2
"""Samples per pixel along each side: on Mesa's software renderer at half the price of 4 multisamples, and
they smooth texture and highlights too."""

Uniform = float | NDArray[Any]

_SETTERS: Mapping[int, Callable[[int, int, Any], None]] = {
    GL.GL_FLOAT: lambda place, _, value: GL.glUniform1f(place, value),
    GL.GL_FLOAT_VEC3: lambda place, count, value: GL.glUniform3fv(place, count, _floats(value)),
    GL.GL_FLOAT_MAT3: lambda place, count, value: GL.glUniformMatrix3fv(place, count, True, _floats(value)),
    GL.GL_FLOAT_MAT4: lambda place, count, value: GL.glUniformMatrix4fv(place, count, True, _floats(value)),
}


def _floats(value: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(value, np.float32)


class Program:
    """A linked pair of shaders from `shaders/`, with its uniforms by name."""

    def __init__(self, cache: Any, vertex: str, fragment: str, *defines: str) -> None:
        self._program = cache.get_program(vertex, fragment, defines=dict.fromkeys(defines, 1))
        if not self._program._in_context():
            self._program._add_to_context()
        identifier = self._program._program_id
        self._uniforms: dict[str, tuple[Callable[[int, int, Any], None], int, int]] = {}
        for index in range(GL.glGetProgramiv(identifier, GL.GL_ACTIVE_UNIFORMS)):
            raw_name, count, kind = GL.glGetActiveUniform(identifier, index)
            name = raw_name.decode().removesuffix("[0]")
            if kind in _SETTERS:
                place = GL.glGetUniformLocation(identifier, name)
                self._uniforms[name] = (_SETTERS[kind], place, int(count))

    def use(self, uniforms: Mapping[str, Uniform]) -> None:
        """Make this the current program and set its uniforms; names that it doesn't read are passed over."""
        self._program._bind()
        for name, value in uniforms.items():
            if name in self._uniforms:
                setter, place, count = self._uniforms[name]
                setter(place, count, value)


class Target:
    """Where a picture is made: a supersampled `foreground`, and the picture of `size` by `size` pixels.

    Both are sRGB: OpenGL encodes what is drawn and decodes what is sampled, so shaders see linear light only.

    Raises:
        RenderError: the driver can't hold a picture of that size.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._fine = size * SUPERSAMPLING
        self.foreground = GL.glGenTextures(1)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.foreground)
        for end in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, end, GL.GL_LINEAR)
        GL.glTexStorage2D(GL.GL_TEXTURE_2D, 1, GL.GL_SRGB8_ALPHA8, self._fine, self._fine)
        depth, picture = GL.glGenRenderbuffers(2)
        self._front, self._whole = GL.glGenFramebuffers(2)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._front)
        place = (GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D)
        GL.glFramebufferTexture2D(*place, self.foreground, 0)
        _attach(GL.GL_DEPTH_ATTACHMENT, depth, GL.GL_DEPTH_COMPONENT24, self._fine)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._whole)
        _attach(GL.GL_COLOR_ATTACHMENT0, picture, GL.GL_SRGB8_ALPHA8, size)
        self._rgba = np.empty((size, size, 4), np.uint8)

    def begin_foreground(self) -> None:
        """Draw into the foreground from now on: transparent so far, nearest wins."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._front)
        GL.glViewport(0, 0, self._fine, self._fine)
        GL.glEnable(GL.GL_FRAMEBUFFER_SRGB)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glClearColor(0.0, 0.0, 0.0, 0.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)

    def begin_picture(self) -> None:
        """Draw into the picture from now on."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._whole)
        GL.glViewport(0, 0, self.size, self.size)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_CULL_FACE)

    def read(self, out: NDArray[np.uint8]) -> None:
        """Copy the picture into `out` (size, size, 3)."""
        GL.glReadPixels(0, 0, self.size, self.size, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, self._rgba)
        out[...] = self._rgba[..., :3]


class ShadowMask:
    """A small picture (`SIZE`, `SIZE`) of where a shadow falls, with its mip levels."""

    SIZE = 128

    def __init__(self) -> None:
        self.texture = GL.glGenTextures(1)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.texture)
        GL.glTexStorage2D(GL.GL_TEXTURE_2D, self.SIZE.bit_length(), GL.GL_R8, self.SIZE, self.SIZE)
        GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_LINEAR)
        for side in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, side, GL.GL_CLAMP_TO_BORDER)
        self._framebuffer = GL.glGenFramebuffers(1)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._framebuffer)
        place = (GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D)
        GL.glFramebufferTexture2D(*place, self.texture, 0)

    def begin(self) -> None:
        """Draw into the mask from now on: no shadow so far."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._framebuffer)
        GL.glViewport(0, 0, self.SIZE, self.SIZE)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glClearColor(0.0, 0.0, 0.0, 0.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)

    def end(self) -> None:
        """Make the mip levels."""
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.texture)
        GL.glGenerateMipmap(GL.GL_TEXTURE_2D)


class Canvas:
    """A plain RGBA picture with depth, to draw into once and read back. A context manager."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._framebuffer = GL.glGenFramebuffers(1)
        self._colour, self._depth = GL.glGenRenderbuffers(2)

    def __enter__(self) -> "Canvas":
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._framebuffer)
        for buffer, kind, place in (
            (self._colour, GL.GL_RGBA8, GL.GL_COLOR_ATTACHMENT0),
            (self._depth, GL.GL_DEPTH_COMPONENT24, GL.GL_DEPTH_ATTACHMENT),
        ):
            GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
            GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, kind, *self._size)
            GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, place, GL.GL_RENDERBUFFER, buffer)
        GL.glViewport(0, 0, *self._size)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glClearColor(0.0, 0.0, 0.0, 0.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        return self

    def read(self) -> NDArray[np.uint8]:
        """The picture (H, W, 4), rows from the bottom."""
        width, height = self._size
        contents = np.empty((height, width, 4), np.uint8)
        GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, contents)
        return contents

    def read_depth(self) -> NDArray[np.float32]:
        """The depth buffer (H, W), 0 near to 1 far, rows from the bottom."""
        width, height = self._size
        contents = np.empty((height, width), np.float32)
        GL.glReadPixels(0, 0, width, height, GL.GL_DEPTH_COMPONENT, GL.GL_FLOAT, contents)
        return contents

    def __exit__(self, *_: object) -> None:
        GL.glDeleteFramebuffers(1, [self._framebuffer])
        GL.glDeleteRenderbuffers(2, [self._colour, self._depth])


def _attach(place: int, buffer: int, kind: int, size: int) -> None:
    GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
    GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, kind, size, size)
    GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, place, GL.GL_RENDERBUFFER, buffer)
    status = GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER)
    if status != GL.GL_FRAMEBUFFER_COMPLETE:
        raise RenderError(f"the driver refuses a picture of {size} pixels (framebuffer status {status:#x})")
