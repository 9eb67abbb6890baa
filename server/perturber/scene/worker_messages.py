"""What the server and its workers say to each other. A new kind of request is a new class here."""

from dataclasses import dataclass
from typing import Literal

from perturber.scene.view import SceneView

Task = Literal["scene", "effect"]
"""What a worker is started for: `Render` requests, or `Apply` requests."""


@dataclass(frozen=True, slots=True)
class Render:
    """Request: put the picture of `view` into the shared memory."""

    view: SceneView


@dataclass(frozen=True, slots=True)
class Apply:
    """Request: put the shared picture through the custom effect whose translated GLSL is `code`."""

    code: str
    value: float


@dataclass(frozen=True, slots=True)
class Done:
    """Reply: what was asked for is done; the first one says that the worker is ready."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Reply: it couldn't be done, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Reply: the compiler doesn't take the effect; `log` is what it said."""

    log: str


@dataclass(frozen=True, slots=True)
class Endless:
    """Reply: some pixel came to the end of its loop turns, in the loop at `line` of the effect."""

    line: int


Request = Render | Apply
Reply = Done | Failed | Refused | Endless
