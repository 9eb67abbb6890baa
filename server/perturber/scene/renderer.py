"""From a view to a picture: an object before a background, morphed, textured and lit by OpenGL."""

from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from perturber import paths
from perturber.scene import assets, catalog, lighting
from perturber.scene.camera import Camera, half_extent, projection_matrix
from perturber.scene.errors import RenderError
from perturber.scene.gl import SHADERS, Program, ShadowMask, Target, Uniform
from perturber.scene.morph_object import MorphObject, ObjectLoader
from perturber.scene.opengl import GL, ShaderProgramCache, create_context, delete_context
from perturber.scene.panorama import Panorama, PanoramaLoader
from perturber.scene.view import SceneView

Known = TypeVar("Known")

# The target's first row is the picture's top row: the flip is in the projection instead of in a copy.
_ROWS_FROM_TOP = np.diag([1.0, -1.0, 1.0, 1.0])


class Renderer:
    """Renders views of the objects and backgrounds in the folder `assets`, in the thread that made it.

    Whatever was shown once stays uploaded. `close` gives everything back, and leaving a `with` does so too.

    Raises:
        RenderError: no off-screen OpenGL; the message holds the cure.
    """

    def __init__(self, size: int = 224, assets: Path = paths.ASSETS) -> None:
        self.size = size
        self._assets = assets
        self._context = create_context()
        self._cache = ShaderProgramCache(str(SHADERS))
        self._target = Target(size)
        self._front = {
            (mixed, blurred): Program(self._cache, "object.vert", "object.frag", *_defines(mixed, blurred))
            for mixed in (False, True)
            for blurred in (False, True)
        }
        self._shadow = Program(self._cache, "shadow.vert", "coverage.frag")
        self._shadow_mask = ShadowMask()
        self._behind = Program(self._cache, "background.vert", "background.frag")
        self._no_vertices = GL.glGenVertexArrays(1)
        self._object_loader = ObjectLoader(self._cache)
        self._panorama_loader = PanoramaLoader(self._cache)
        self._objects: dict[str, MorphObject] = {}
        self._panoramas: dict[str, Panorama] = {}

    def render(self, view: SceneView) -> NDArray[np.uint8]:
        """The picture of `view`: (size, size, 3) uint8, sRGB, rows from the top.

        Raises:
            RenderError: an unknown or broken object or background.
        """
        picture = np.empty((self.size, self.size, 3), np.uint8)
        self.render_into(view, picture)
        return picture

    def render_into(self, view: SceneView, picture: NDArray[np.uint8]) -> None:
        """As `render`, into an array of that shape."""
        self._context.make_current()
        shown, panorama = self._object(view.object), self._panorama(view.background)
        camera = Camera.orbit(view, shown.focus(view.shape), shown.radius(view.shape))
        shadow_strength = view.lighting_influence * (1.0 - view.background_blur)
        if shadow_strength > 0.0:
            self._draw_shadow(view, shown)
        self._draw_object(view, shown, camera)
        self._draw_background(view, shown, panorama, camera, shadow_strength)
        self._target.read(picture)

    def close(self) -> None:
        """End the OpenGL context and everything in it."""
        if self._context is not None:
            delete_context(self._context)
            self._context = None

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draw_shadow(self, view: SceneView, shown: MorphObject) -> None:
        uniforms: dict[str, Uniform] = {
            "shape": view.shape,
            "ground": shown.mesh.ground,
            "shadow_extent": shown.shadow_extent,
        }
        self._shadow.use(uniforms | lighting.uniforms(view.yaw))
        self._shadow_mask.begin()
        shown.draw()
        self._shadow_mask.end()

    def _draw_object(self, view: SceneView, shown: MorphObject, camera: Camera) -> None:
        start, end = shown.textures
        program = self._front[0.0 < view.texture < 1.0, view.texture_blur > 0.0]
        _bind(GL.GL_TEXTURE_2D, 0, end if view.texture >= 1.0 else start)
        _bind(GL.GL_TEXTURE_2D, 1, end)
        uniforms: dict[str, Uniform] = {
            "world_to_clip": _ROWS_FROM_TOP @ projection_matrix() @ camera.view_matrix(),
            "camera_position": camera.position,
            "shape": view.shape,
            "texture_morph": view.texture,
            "texture_blur": view.texture_blur,
            "texture_influence": view.texture_influence,
            "lighting_influence": view.lighting_influence,
        }
        program.use(uniforms | shown.uniforms(view) | lighting.uniforms(view.yaw))
        self._target.begin_foreground()
        shown.draw()

    def _draw_background(
        self,
        view: SceneView,
        shown: MorphObject,
        panorama: Panorama,
        camera: Camera,
        shadow_strength: float,
    ) -> None:
        _bind(GL.GL_TEXTURE_CUBE_MAP, 0, panorama.cube)
        _bind(GL.GL_TEXTURE_2D, 1, shown.contact)
        _bind(GL.GL_TEXTURE_2D, 2, self._target.foreground)
        _bind(GL.GL_TEXTURE_2D, 3, self._shadow_mask.texture)
        uniforms: dict[str, Uniform] = {
            "camera_axes": camera.axes,
            "camera_position": camera.position,
            "half_extent": half_extent(),
            "shape": view.shape,
            "ground": shown.mesh.ground,
            "contact_extent": shown.contact_extent,
            "shadow_extent": shown.shadow_extent,
            "shadow_strength": shadow_strength,
        }
        self._behind.use(uniforms | panorama.uniforms(view, self.size))
        self._target.begin_picture()
        GL.glBindVertexArray(self._no_vertices)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)

    def _object(self, name: str) -> MorphObject:
        if name not in self._objects:
            pair = _find("object", name, catalog.objects(self._assets))
            self._objects[name] = self._object_loader.load(assets.read_object(pair))
        return self._objects[name]

    def _panorama(self, name: str) -> Panorama:
        if name not in self._panoramas:
            background = _find("background", name, catalog.backgrounds(self._assets))
            self._panoramas[name] = self._panorama_loader.load(assets.read_background(background))
        return self._panoramas[name]


def _defines(mixed: bool, blurred: bool) -> list[str]:
    """Variants of the object's shader: a software renderer pays for every branch, taken or not."""
    return [name for name, wanted in (("MIX_TEXTURES", mixed), ("BLUR_TEXTURE", blurred)) if wanted]


def _find(kind: str, name: str, known: dict[str, Known]) -> Known:
    if name not in known:
        raise RenderError(f"{kind}: expected one of {', '.join(known)}, got {name!r}")
    return known[name]


def _bind(kind: int, unit: int, texture: int) -> None:
    GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
    GL.glBindTexture(kind, texture)
