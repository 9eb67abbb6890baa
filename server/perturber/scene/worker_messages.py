"""What the server and the render worker say to each other. A new kind of request is a new class here."""

from dataclasses import dataclass

from perturber.scene.view import SceneView


@dataclass(frozen=True, slots=True)
class Render:
    """Request: put the picture of `view` into the shared memory."""

    view: SceneView


@dataclass(frozen=True, slots=True)
class Done:
    """Reply: what was asked for is done; the first one says that the worker is ready."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Reply: it couldn't be done, and why."""

    reason: str
