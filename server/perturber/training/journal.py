"""What a training says while it runs: a progress line for who watches, JSON lines for later."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Journal:
    """Rows of a JSON lines file, each with its iteration and the seconds of training so far."""

    def __init__(self, file: Path, iteration: int) -> None:
        """Go on after `iteration`: rows beyond it come from steps that were lost and will be taken again."""
        rows = []
        if iteration and file.is_file():
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        kept = [row for row in rows if row["iteration"] <= iteration]
        self._file = file
        self._file.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
        self._start = time.monotonic() - (kept[-1]["seconds"] if kept else 0)

    def write(self, iteration: int, **values: Any) -> None:
        """Add a row."""
        row = {"iteration": iteration, "seconds": round(time.monotonic() - self._start, 1), **values}
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")


class ProgressLine:
    """One line on stderr that is rewritten on a terminal, and repeated where there is none."""

    def __init__(self, iterations: int, done: int, batch: int) -> None:
        self._iterations, self._first, self._batch = iterations, done, batch
        self._start = time.monotonic()
        self._end = "\r" if sys.stderr.isatty() else "\n"

    def show(self, iteration: int, figures: Mapping[str, float]) -> None:
        """Where the training is, how fast, and how long it will still take."""
        pace = (iteration - self._first) / (time.monotonic() - self._start)
        shown = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        left = (self._iterations - iteration) / pace / 60
        print(
            f"iteration {iteration:,} of {self._iterations:,}: {shown}, "
            f"{pace * self._batch:.0f} pictures/s, {left:.0f} min left   ",
            end=self._end,
            file=sys.stderr,
            flush=True,
        )
