"""What the renderer needs to know of a state: the scene's parameters, typed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perturber.parameters import SceneState


OWN = "custom"
"""The name, among objects and backgrounds, of what the user brought."""


@dataclass(frozen=True, slots=True)
class OwnObject:
    """An object that the user brought: the contents of its start and its end (empty: none), its up axis."""

    start: str
    end: str = ""
    up: str = "y"


@dataclass(frozen=True, slots=True)
class OwnBackground:
    """A background that the user brought: its content; `flat` fills the picture, else it is a panorama."""

    content: str
    flat: bool = True


@dataclass(frozen=True, slots=True)
class Plane:
    """A picture on an upright square: its `pixels` (`size`, `size`, 3), sRGB, rows from the top, as bytes."""

    size: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class SceneView:
    """The camera, the object, its morph, the background and the light of one picture.

    Angles are in degrees, distances and pans in object radii, everything else in [0, 1].
    `shape` and `texture` are the effective morphs: Overall and the own slider together.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    distance: float = 2.6
    pan_x: float = 0.0
    pan_y: float = 0.0
    object: str | OwnObject | Plane = "dog-cat"
    background: str | OwnBackground = "lawn"
    background_rotation: float = 0.0
    background_blur: float = 0.0
    background_saturation: float = 1.0
    texture_influence: float = 1.0
    texture_blur: float = 0.0
    lighting_influence: float = 1.0
    shape: float = 0.0
    texture: float = 0.0

    @staticmethod
    def from_state(state: "SceneState") -> "SceneView":
        """The view of `state`: equal for states that differ in nothing the picture shows."""
        number, overall = state.number, state.number("morph.overall")
        return SceneView(
            yaw=number("camera.yaw"),
            pitch=number("camera.pitch"),
            roll=number("camera.roll"),
            distance=number("camera.distance"),
            pan_x=number("camera.pan_x"),
            pan_y=number("camera.pan_y"),
            object=_object_of(state),
            background=_background_of(state),
            background_rotation=number("scene.background_rotation"),
            background_blur=number("scene.background_blur"),
            background_saturation=number("scene.background_saturation"),
            texture_influence=number("scene.texture_influence"),
            texture_blur=number("scene.texture_blur"),
            lighting_influence=number("scene.lighting_influence"),
            shape=effective_morph(overall, number("morph.shape")),
            texture=effective_morph(overall, number("morph.texture")),
        )


def _object_of(state: "SceneState") -> str | OwnObject:
    name, text = state.text("scene.object"), state.text
    if name != OWN:
        return name
    return OwnObject(text("scene.object_file"), text("scene.object_end_file"), text("scene.object_up"))


def _background_of(state: "SceneState") -> str | OwnBackground:
    name = state.text("scene.background")
    if name != OWN:
        return name
    return OwnBackground(state.text("scene.background_file"), state.text("scene.background_shape") == "flat")


def effective_morph(overall: float, own: float) -> float:
    """How far a morph has gone: `own` goes the rest of the way that `overall` leaves."""
    return 1.0 - (1.0 - overall) * (1.0 - own)
