"""From a view to a picture: an object before a background, morphed, textured and lit by OpenGL."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from perturber import paths
from perturber.scene import assets, catalog, lighting
from perturber.scene.backdrop import FlatBackdrop, FlatLoader
from perturber.scene.camera import Camera, half_extent, projection_matrix
from perturber.scene.errors import RenderError
from perturber.scene.gl import SHADERS, Program, ShadowMask, Target, Uniform
from perturber.scene.morph_object import MorphObject, ObjectLoader
from perturber.scene.opengl import GL, ShaderProgramCache, create_context, delete_context
from perturber.scene.own import read_own_background, read_own_object
from perturber.scene.panorama import Panorama, PanoramaLoader
from perturber.scene.plane import plane_mesh
from perturber.scene.view import OwnBackground, OwnObject, Plane, SceneView

Backdrop = Panorama | FlatBackdrop
Known = TypeVar("Known")
Drawn = TypeVar("Drawn", MorphObject, Backdrop)
MOST_OWN = 4
"""Own objects, planes, and own backgrounds, that stay on the graphics side."""

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
        self._variants: dict[tuple[str, ...], Program] = {}
        for mixed in (False, True):
            for blurred in (False, True):
                self._program("object.vert", "object.frag", MIX_TEXTURES=mixed, BLUR_TEXTURE=blurred)
        self._program("shadow.vert", "coverage.frag")
        self._shadow_mask = ShadowMask()
        self._program("background.vert", "background.frag")
        self._no_vertices = GL.glGenVertexArrays(1)
        self._object_loader = ObjectLoader(self._cache)
        self._panorama_loader = PanoramaLoader(self._cache)
        self._objects: dict[str | OwnObject | Plane, MorphObject] = {}
        self._panoramas: dict[str | OwnBackground, Backdrop] = {}

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
        shadow_strength = 0.0 if panorama.flat else view.lighting_influence * (1.0 - view.background_blur)
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
        cut_out = shown.mesh.cut_out
        _bind(GL.GL_TEXTURE_2D, 0, shown.textures[0])
        self._program("shadow.vert", "coverage.frag", CUT_OUT=cut_out).use(
            uniforms | lighting.uniforms(view.yaw)
        )
        self._shadow_mask.begin()
        shown.draw()
        self._shadow_mask.end()

    def _draw_object(self, view: SceneView, shown: MorphObject, camera: Camera) -> None:
        start, end = shown.textures
        painted, cut_out = shown.kind
        program = self._program(
            "object.vert",
            "object.frag",
            MIX_TEXTURES=0.0 < view.texture < 1.0 and start != end,
            BLUR_TEXTURE=view.texture_blur > 0.0,
            PAINT=painted,
            CUT_OUT=cut_out,
        )
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
        panorama: Backdrop,
        camera: Camera,
        shadow_strength: float,
    ) -> None:
        _bind(panorama.target, 0, panorama.texture)
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
        program = self._program("background.vert", "background.frag", FLAT=panorama.flat)
        program.use(uniforms | panorama.uniforms(view, self.size))
        self._target.begin_picture()
        GL.glBindVertexArray(self._no_vertices)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)

    def _program(self, vertex: str, fragment: str, **wanted: bool) -> Program:
        """A variant of a program: a software renderer pays for every branch, taken or not."""
        defines = [name for name, on in wanted.items() if on]
        key = (vertex, fragment, *defines)
        if key not in self._variants:
            self._variants[key] = Program(self._cache, vertex, fragment, *defines)
        return self._variants[key]

    def _object(self, name: str | OwnObject | Plane) -> MorphObject:
        if isinstance(name, Plane):
            put = lambda: self._object_loader.load(plane_mesh(name))  # noqa: E731
            return _recent(self._objects, name, Plane, put)
        if isinstance(name, OwnObject):
            load = lambda: self._object_loader.load(read_own_object(name))  # noqa: E731
            return _recent(self._objects, name, OwnObject, load)
        if name not in self._objects:
            pair = _find("object", name, catalog.objects(self._assets))
            self._objects[name] = self._object_loader.load(assets.read_object(pair))
        return self._objects[name]

    def _panorama(self, name: str | OwnBackground) -> Backdrop:
        if isinstance(name, OwnBackground):
            loader = FlatLoader() if name.flat else self._panorama_loader
            load = lambda: loader.load(read_own_background(name))  # noqa: E731
            return _recent(self._panoramas, name, OwnBackground, load)
        if name not in self._panoramas:
            background = _find("background", name, catalog.backgrounds(self._assets))
            self._panoramas[name] = self._panorama_loader.load(assets.read_background(background))
        return self._panoramas[name]


def _recent(known: dict[Any, Any], own: object, kind: type, load: Callable[[], Drawn]) -> Drawn:
    """What is known of `own`, else loaded; of its `kind` only the few used last stay."""
    found: Drawn = known.pop(own, None) or load()
    for old in [name for name in known if isinstance(name, kind)][: -(MOST_OWN - 1)]:
        known.pop(old).forget()
    known[own] = found
    return found


def _find(kind: str, name: str, known: dict[str, Known]) -> Known:
    if name not in known:
        raise RenderError(f"{kind}: expected one of {', '.join(known)}, got {name!r}")
    return known[name]


def _bind(kind: int, unit: int, texture: int) -> None:
    GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
    GL.glBindTexture(kind, texture)
