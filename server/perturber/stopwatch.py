"""How long the stages of a frame take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Milliseconds by stage, and in total. A stage measured twice counts both."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._stages: dict[str, float] = {}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._stages[stage] = self._stages.get(stage, 0.0) + (time.perf_counter() - start) * 1e3

    def finish(self) -> dict[str, float]:
        return self._stages | {"total": (time.perf_counter() - self._start) * 1e3}
