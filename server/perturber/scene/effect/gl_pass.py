"""The custom effect on the graphics side: a full-screen pass over any picture."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perturber.scene.errors import RenderError
from perturber.scene.gl import SHADERS
from perturber.scene.opengl import GL, create_context
from perturber.scene.worker_messages import Done, Endless, Refused, Reply

MOST_PROGRAMS = 32
"""How many compiled effects are kept, the last used ones."""

UNINITIALIZED = "used uninitialized"
"""What Mesa only warns of: such a picture would be another one each time."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class _Program:
    """A linked program and where its uniforms are (-1: not read)."""

    identifier: int
    value: int
    resolution: int


class _RefusedError(Exception):
    """The compiler's log."""


class EffectPass:
    """Puts pictures of `size` by `size` pixels through effects, in the thread that made it.

    Values are sRGB as they are shown: nothing decodes or encodes them.

    Raises:
        RenderError: no off-screen OpenGL; the message holds the cure.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._context = create_context()
        self._context.make_current()
        self.on_cpu = "llvmpipe" in _text(GL.glGetString(GL.GL_RENDERER))
        """Whether the driver draws in this process's own memory."""
        self._vertex = _shader(GL.GL_VERTEX_SHADER, (SHADERS / "effect.vert").read_text("utf-8"))
        self._source = (SHADERS / "effect.frag").read_text("utf-8")
        self._programs: OrderedDict[str, _Program] = OrderedDict()
        GL.glBindTexture(GL.GL_TEXTURE_2D, GL.glGenTextures(1))
        for end in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, end, GL.GL_LINEAR)
        for side in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, side, GL.GL_CLAMP_TO_EDGE)
        GL.glTexStorage2D(GL.GL_TEXTURE_2D, 1, GL.GL_RGBA8, size, size)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, GL.glGenFramebuffers(1))
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, GL.glGenRenderbuffers(1))
        GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, GL.GL_RGBA8, size, size)
        place = (GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_RENDERBUFFER)
        GL.glFramebufferRenderbuffer(*place, GL.glGetIntegerv(GL.GL_RENDERBUFFER_BINDING))
        GL.glBindVertexArray(GL.glGenVertexArrays(1))
        GL.glViewport(0, 0, size, size)
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        self._rgba = np.empty((size, size, 4), np.uint8)

    def apply(self, code: str, value: float, picture: Pixels) -> Reply:
        """Change `picture` (size, size, 3), rows from the top, by the translated snippet `code`.

        `Refused` and `Endless` leave it as it was.
        """
        try:
            program = self._program(code)
        except _RefusedError as error:
            return Refused(str(error))
        rows_from_bottom = np.ascontiguousarray(picture[::-1])
        whole = (0, 0, self._size, self._size)
        GL.glTexSubImage2D(GL.GL_TEXTURE_2D, 0, *whole, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, rows_from_bottom)
        GL.glUseProgram(program.identifier)
        GL.glUniform1f(program.value, value)
        GL.glUniform2f(program.resolution, self._size, self._size)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        GL.glReadPixels(*whole, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, self._rgba)
        endless = self._rgba[self._rgba[..., 3] == 0]
        if len(endless):
            return Endless(int(endless[0, 0]) + 256 * int(endless[0, 1]))
        picture[...] = self._rgba[::-1, :, :3]
        return Done()

    def _program(self, code: str) -> _Program:
        if code not in self._programs:
            self._programs[code] = self._compile(code)
        self._programs.move_to_end(code)
        if len(self._programs) > MOST_PROGRAMS:
            _, oldest = self._programs.popitem(last=False)
            GL.glDeleteProgram(oldest.identifier)
        return self._programs[code]

    def _compile(self, code: str) -> _Program:
        fragment = _shader(GL.GL_FRAGMENT_SHADER, self._source.replace("SNIPPET", code))
        identifier = GL.glCreateProgram()
        for shader in (self._vertex, fragment):
            GL.glAttachShader(identifier, shader)
        GL.glLinkProgram(identifier)
        GL.glDetachShader(identifier, fragment)
        GL.glDeleteShader(fragment)
        if not GL.glGetProgramiv(identifier, GL.GL_LINK_STATUS):
            log = _text(GL.glGetProgramInfoLog(identifier))
            GL.glDeleteProgram(identifier)
            raise _RefusedError(log)
        value, resolution = (GL.glGetUniformLocation(identifier, name) for name in ("value", "resolution"))
        return _Program(identifier, value, resolution)


def _shader(kind: int, source: str) -> int:
    shader = GL.glCreateShader(kind)
    GL.glShaderSource(shader, source)
    GL.glCompileShader(shader)
    log = _text(GL.glGetShaderInfoLog(shader))
    if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS) or UNINITIALIZED in log:
        GL.glDeleteShader(shader)
        if kind == GL.GL_VERTEX_SHADER:
            raise RenderError(f"the driver doesn't take our own shader: {log}")
        raise _RefusedError(log)
    return int(shader)


def _text(log: bytes | str) -> str:
    return log.decode("utf-8", "replace") if isinstance(log, bytes) else str(log)
