"""What a session's last frame was made of, so that only what changed is made again."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

T = TypeVar("T")


@dataclass
class Memo:
    """The newest result of each stage of one session, with the values it was made from."""

    session: object = field(default_factory=object)
    """Stands for the session where others keep something for it."""
    _results: dict[str, tuple[Hashable, object]] = field(default_factory=dict)

    def recall(self, stage: str, key: Hashable, make: Callable[[], T]) -> T:
        """The stage's last result if it was made from the same `key`, else a new one."""
        known = self._results.get(stage)
        if known is None or known[0] != key:
            known = (key, make())
            self._results[stage] = known
        return cast(T, known[1])
