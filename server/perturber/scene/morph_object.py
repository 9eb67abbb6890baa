"""An object pair on the graphics side: both shapes in one vertex buffer, textures, a shadow."""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perturber.scene.assets import MorphMesh, Pixels
from perturber.scene.gl import Canvas, Program, Uniform
from perturber.scene.opengl import GL, Primitive
from perturber.scene.view import SceneView

CONTACT_SIZE = 128
CONTACT_MARGIN = 0.5
PAINT_LOCATIONS = (10, 11)
SHADOW_REACH = 2.2
"""How far a shadow may fall, as a multiple of what the object and its contact shadow cover."""


@dataclass(frozen=True)
class MorphObject:
    """An uploaded pair; drawing it moves no vertex and no texel, a morph is a uniform."""

    mesh: MorphMesh
    primitive: Any
    textures: tuple[int, int]
    contact: int
    contact_extent: float
    shadow_extent: float

    def focus(self, shape: float) -> NDArray[np.float64]:
        """The point (3,) that the camera looks at and orbits."""
        start, end = self.mesh.focus.astype(np.float64)
        return np.asarray((1.0 - shape) * start + shape * end)

    def radius(self, shape: float) -> float:
        """What the camera's distance and pan count in."""
        start, end = self.mesh.radius
        return (1.0 - shape) * start + shape * end

    def uniforms(self, view: SceneView) -> dict[str, Uniform]:
        """What `object.frag` needs to know of this object for `view`."""
        start, end = self.mesh.surfaces
        size = max(self.mesh.textures[0].shape)
        mean = np.ones(3) if self.mesh.paint is None else self.mesh.paint.reshape(-1, 3).mean(axis=0)
        return {
            "mean_paint": mean,
            "texture_size": float(size),
            "texture_levels": float(size.bit_length() - 1),
            "specular": start.specular + (end.specular - start.specular) * view.texture,
            "shininess": start.shininess + (end.shininess - start.shininess) * view.texture,
        }

    @property
    def kind(self) -> tuple[bool, bool]:
        """Whether its vertices are painted, and whether its textures cut it out."""
        return self.mesh.paint is not None, self.mesh.cut_out

    def forget(self) -> None:
        """Give back what the graphics side holds of it."""
        GL.glDeleteTextures([*set(self.textures), self.contact])
        self.primitive._remove_from_context()

    def draw(self) -> None:
        """Draw all faces with the current program; upside down, so faces turn clockwise."""
        GL.glFrontFace(GL.GL_CW)
        if not self.mesh.two_sided:
            GL.glEnable(GL.GL_CULL_FACE)
        self.primitive._bind()
        GL.glDrawElements(GL.GL_TRIANGLES, self.mesh.faces.size, GL.GL_UNSIGNED_INT, None)


class ObjectLoader:
    """Uploads object pairs; owns the programs that find which texels are used and where the object stands."""

    def __init__(self, cache: Any) -> None:
        self._coverage = Program(cache, "coverage.vert", "coverage.frag")
        self._contact = Program(cache, "contact.vert", "contact.frag")

    def load(self, mesh: MorphMesh) -> MorphObject:
        """Upload `mesh` with its textures."""
        primitive = upload_mesh(mesh)
        GL.glDisable(GL.GL_FRAMEBUFFER_SRGB)
        GL.glDisable(GL.GL_CULL_FACE)
        used = self._used_texels(mesh, primitive)
        start, end = mesh.textures
        first = _upload(_covered(start, used), GL.GL_SRGB8_ALPHA8)
        last = first if end is start else _upload(_covered(end, used), GL.GL_SRGB8_ALPHA8)
        extent = float(np.abs(mesh.positions[..., [0, 2]]).max()) + CONTACT_MARGIN
        contact = self._load_contact(mesh, primitive, extent)
        return MorphObject(mesh, primitive, (first, last), contact, extent, SHADOW_REACH * extent)

    def _used_texels(self, mesh: MorphMesh, primitive: Any) -> NDArray[np.uint8]:
        """255 where a triangle uses the texel, else 0: (H, W), rows from the bottom; all if it repeats."""
        height, width = mesh.textures[0].shape[:2]
        if mesh.uv.min() < 0.0 or mesh.uv.max() > 1.0 or mesh.cut_out:
            return np.full((height, width), 255, np.uint8)
        with Canvas(width, height) as canvas:
            self._coverage.use({})
            primitive._bind()
            for mode in (GL.GL_FILL, GL.GL_LINE):  # lines catch triangles thinner than a texel
                GL.glPolygonMode(GL.GL_FRONT_AND_BACK, mode)
                GL.glDrawElements(GL.GL_TRIANGLES, mesh.faces.size, GL.GL_UNSIGNED_INT, None)
            GL.glPolygonMode(GL.GL_FRONT_AND_BACK, GL.GL_FILL)
            return canvas.read()[..., 3]

    def _load_contact(self, mesh: MorphMesh, primitive: Any, extent: float) -> int:
        kept = np.zeros((CONTACT_SIZE, CONTACT_SIZE, 4), np.uint8)
        for end in (0, 1):
            with Canvas(CONTACT_SIZE, CONTACT_SIZE) as canvas:
                GL.glEnable(GL.GL_DEPTH_TEST)
                self._contact.use({"shape": float(end), "ground": mesh.ground, "extent": extent})
                primitive._bind()
                GL.glDrawElements(GL.GL_TRIANGLES, mesh.faces.size, GL.GL_UNSIGNED_INT, None)
                touching, above = np.moveaxis(canvas.read()[..., :2] / 255.0, -1, 0)
            texels = CONTACT_SIZE / (2.0 * extent)
            near = np.minimum(1.8 * _blurred(touching, 0.04 * texels), 0.8)
            wide = 0.9 * _blurred(above, 0.1 * texels)
            kept[..., end] = np.round(255.0 * (1.0 - (1.0 - near) * (1.0 - wide)))
        return _upload(kept, GL.GL_RGBA8, border=True)


def upload_mesh(mesh: MorphMesh) -> Any:
    """Both shapes as one pyrender `Primitive` in the current context; `object.vert` tells what lies where."""
    primitive = Primitive(
        positions=mesh.positions[0],
        normals=mesh.normals[0],
        tangents=np.column_stack([mesh.positions[1], mesh.openness[0]]),
        texcoord_0=mesh.uv,
        color_0=np.column_stack([mesh.normals[1], mesh.openness[1]]),
        indices=mesh.faces,
    )
    primitive._add_to_context()
    if mesh.paint is not None:
        _add_paint(primitive, mesh.paint)
    return primitive


def _add_paint(primitive: Any, paint: NDArray[np.float32]) -> None:
    """Start and end colours, behind the attributes that pyrender's `Primitive` has."""
    GL.glBindVertexArray(primitive._vaid)
    buffer = GL.glGenBuffers(1)
    primitive._buffers.append(buffer)
    GL.glBindBuffer(GL.GL_ARRAY_BUFFER, buffer)
    data = np.ascontiguousarray(paint, np.float32)
    GL.glBufferData(GL.GL_ARRAY_BUFFER, data.nbytes, data, GL.GL_STATIC_DRAW)
    for end, location in enumerate(PAINT_LOCATIONS):
        offset = ctypes.c_void_p(end * data[0].nbytes)
        GL.glVertexAttribPointer(location, 3, GL.GL_FLOAT, GL.GL_FALSE, 0, offset)
        GL.glEnableVertexAttribArray(location)
    GL.glBindVertexArray(0)


def _covered(pixels: Pixels, used: NDArray[np.uint8]) -> Pixels:
    """An RGBA texture (H, W, 4), rows from the bottom: black and transparent where it isn't `used`.

    One that cuts out keeps its own alpha.
    """
    if pixels.shape[2] == 4:
        return np.ascontiguousarray(pixels[::-1])
    contents = np.empty((*used.shape, 4), np.uint8)
    np.bitwise_and(pixels[::-1], used[..., None], out=contents[..., :3])
    contents[..., 3] = used
    return contents


def _blurred(picture: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    reach = np.arange(-int(4 * sigma) - 1, int(4 * sigma) + 2)
    kernel = np.exp(-0.5 * (reach / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        picture = np.apply_along_axis(np.convolve, axis, picture, kernel, "same")
    return picture


def _upload(contents: Pixels, kind: int, *, border: bool = False) -> int:
    height, width = contents.shape[:2]
    texture = GL.glGenTextures(1)
    GL.glBindTexture(GL.GL_TEXTURE_2D, texture)
    formats = (GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
    GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, kind, width, height, 0, *formats, contents)
    GL.glGenerateMipmap(GL.GL_TEXTURE_2D)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_LINEAR)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR)
    if border:  # transparent black, OpenGL's default, around what was drawn
        for side in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, side, GL.GL_CLAMP_TO_BORDER)
    return int(texture)
