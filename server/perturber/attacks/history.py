"""The states of a running attack, so that steps can be undone."""

from dataclasses import dataclass, replace

from perturber.attacks.attack import AttackState

LIMIT = 65
"""States kept: at 224 pixels each has a picture of 0.6 MB."""


@dataclass(frozen=True)
class History:
    """The newest states, the current one last; never changed."""

    states: tuple[AttackState, ...]

    @property
    def current(self) -> AttackState:
        """The state that is shown."""
        return self.states[-1]

    def added(self, state: AttackState) -> "History":
        """The history with `state` as its current one; beyond the limit the oldest is forgotten."""
        return replace(self, states=(*self.states, state)[-LIMIT:])

    def undone(self) -> "History":
        """The history without its current state, or as it is where no earlier one is known."""
        return replace(self, states=self.states[:-1]) if len(self.states) > 1 else self
