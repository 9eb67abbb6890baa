"""What a session's last frame was made of, so that only what changed is made again."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


@dataclass
class Memo:
    """The newest result of each stage of one session, with the values it was made from."""

    session: object = field(default_factory=object)
    """Stands for the session where others keep something for it."""
    webcam: npt.NDArray[np.uint8] | None = None
    """The session's newest picture of its webcam, (size, size, 3), sRGB; `see` sets it."""
    _results: dict[str, tuple[Hashable, object]] = field(default_factory=dict)

    def see(self, picture: npt.NDArray[np.uint8]) -> None:
        """Take a new picture of the webcam: what was made of the last one is forgotten."""
        self.webcam = picture
        self._results.clear()

    def recall(self, stage: str, key: Hashable, make: Callable[[], T]) -> T:
        """The stage's last result if it was made from the same `key`, else a new one."""
        known = self._results.get(stage)
        if known is None or known[0] != key:
            known = (key, make())
            self._results[stage] = known
        return cast(T, known[1])
