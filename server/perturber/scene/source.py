"""Where a frame's picture comes from: the 3D scene, a picture of the user's, or the webcam."""

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from perturber.scene.assets import Pixels
from perturber.scene.errors import RenderError
from perturber.scene.own import read_own_picture
from perturber.scene.view import Plane, SceneView

if TYPE_CHECKING:
    from perturber.parameters import SceneState


class Renderer(Protocol):
    """What draws the scene: `(size, size, 3)` sRGB bytes, rows from the top."""

    @property
    def size(self) -> int: ...

    def render(self, view: SceneView) -> Pixels: ...


def draw_source(
    state: "SceneState", renderer: Renderer, webcam: Pixels | None, plane: Plane | None = None
) -> Pixels:
    """The picture (size, size, 3) that everything behind the scene works on; a `plane` replaces the object.

    Raises:
        RenderError: the scene can't be drawn, there is no such picture, or none came from the webcam.
    """
    match state.text("scene.source"):
        case "picture":
            whole = state.text("scene.picture_fit") == "letterbox"
            return read_own_picture(state.text("scene.picture_file"), renderer.size, whole=whole)
        case "webcam":
            if webcam is None:
                raise RenderError("expected a picture of the webcam, got none: allow it in the browser")
            return webcam
        case _:
            view = SceneView.from_state(state)
            return renderer.render(view if plane is None else replace(view, object=plane))
