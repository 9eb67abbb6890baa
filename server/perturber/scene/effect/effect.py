"""The custom effect of a state, and what can be wrong with one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perturber.scene.effect.library import DEFAULT
from perturber.scene.errors import RenderError

if TYPE_CHECKING:
    from perturber.parameters import SceneState

TEXT, VALUE = "post.custom", "post.custom_value"


@dataclass(frozen=True, slots=True)
class Effect:
    """A GLSL snippet that changes `vec3 color`, and its `value` in [0, 1]."""

    text: str
    value: float

    @staticmethod
    def from_state(state: "SceneState") -> "Effect | None":
        """The effect of `state`; None where there is none, or where it is contrast and changes nothing."""
        effect = Effect(state.text(TEXT), state.number(VALUE))
        neutral = not effect.text.strip() or effect == Effect(DEFAULT.text, DEFAULT.value)
        return None if neutral else effect


class EffectError(RenderError):
    """An effect that makes no picture: why, and where in its `text` (from 1; None where nobody knows)."""

    stopped = False
    """Whether it was taken, ran, and had to be stopped."""

    def __init__(self, reason: str, text: str, line: int | None = None, column: int | None = None) -> None:
        self.reason, self.text, self.line, self.column = reason, text, line, column
        place = "" if line is None else f", line {line}" + ("" if column is None else f", column {column}")
        super().__init__(f"custom effect{place}: {reason}")


class EffectStoppedError(EffectError):
    """An effect that did not come to an end."""

    stopped = True
