"""How much one session may bring."""

import time
from collections import deque
from collections.abc import Callable

from perturber.uploads import limits
from perturber.uploads.errors import QuotaError


class Quota:
    """Counts a session's uploads and their bytes over the last `SESSION_WINDOW` seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: deque[tuple[float, int]] = deque()

    def take(self, size: int) -> None:
        """Count an upload of `size` bytes.

        Raises:
            QuotaError: more than is allowed; it isn't counted.
        """
        now = self._clock()
        while self._taken and now - self._taken[0][0] > limits.SESSION_WINDOW:
            self._taken.popleft()
        total = size + sum(taken for _, taken in self._taken)
        if len(self._taken) < limits.SESSION_UPLOADS and total <= limits.SESSION_BYTES:
            self._taken.append((now, size))
            return
        wait = limits.SESSION_WINDOW - (now - self._taken[0][0]) if self._taken else 0
        most = f"{limits.SESSION_UPLOADS} uploads and {limits.SESSION_BYTES // limits.MEBIBYTE} MiB"
        raise QuotaError(
            f"expected at most {most} in {limits.SESSION_WINDOW / 60:g} minutes; try again in {wait:.0f} s"
        )
