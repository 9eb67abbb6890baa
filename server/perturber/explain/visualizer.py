"""The thread in which feature visualizations form, for all sessions: low in priority, on one core."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping

import torch

from perturber.explain.library import Library, Order
from perturber.explain.rows import Making, Row, Wanted

SHOW_SECONDS = 0.3
"""Between two pictures of a row that forms."""
NICENESS = 10
"""The thread's, where the system has one for threads (Linux): frames go first."""

_Key = tuple[Order, tuple[int, ...]]
_log = logging.getLogger(__name__)


class Visualizer:
    """Makes the rows that sessions show, turn by turn, and stops at once with what is no longer shown."""

    def __init__(self, library: Library | None = None) -> None:
        self.library = library or Library()
        self._rows: dict[object, dict[str, Row]] = {}
        self._opening: list[Row] = []
        self._dropped: list[Row] = []
        self._makings: dict[_Key, Making] = {}
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="featurevis", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread after its step."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def show(
        self,
        viewer: object,
        wanted: Mapping[str, Wanted],
        playing: Mapping[str, bool],
        changed: Callable[[str], None],
    ) -> None:
        """What `viewer` sees from now on, by slot; rows that stay the same go on.

        `playing` says which rows begin by themselves. `changed` is called with the slot, in the thread here,
        when `row(viewer, slot)` has news.
        """
        with self._wake:
            rows = self._rows.setdefault(viewer, {})
            for slot in list(rows):
                if slot not in wanted:
                    self._dropped.append(rows.pop(slot))
            for slot, what in wanted.items():
                before = rows.get(slot)
                if before is not None and before.wanted.same(what):
                    continue
                if before is not None:
                    self._dropped.append(before)
                row = Row(what, playing[slot], _bound(changed, slot), before)
                rows[slot] = row
                self._opening.append(row)
            self._wake.notify()

    def play(self, viewer: object, slot: str, playing: bool) -> None:
        """Let a row form, or pause it; nothing where there is no such row."""
        with self._wake:
            row = self._rows.get(viewer, {}).get(slot)
            if row is None:
                return
            row.playing = playing
            self._wake.notify()
        row.tell()

    def row(self, viewer: object, slot: str) -> Row | None:
        """What a slot of a viewer shows."""
        with self._wake:
            return self._rows.get(viewer, {}).get(slot)

    def leave(self, viewer: object) -> None:
        """A viewer is gone: its rows are given up."""
        with self._wake:
            self._dropped += self._rows.pop(viewer, {}).values()
            self._wake.notify()

    def _run(self) -> None:
        torch.set_num_threads(1)
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        turn = 0
        shown: dict[Making, float] = {}
        while True:
            with self._wake:
                self._wake.wait_for(self._has_work)
                if self._closing:
                    return
                opening, self._opening = self._opening, []
                dropped, self._dropped = self._dropped, []
            for row in opening:
                if row not in dropped:
                    self._guard(row, self._open)
            for row in dropped:
                self._release(row)
            active = [making for making in self._makings.values() if _is_playing(making)]
            if active:
                turn += 1
                self._advance(active[turn % len(active)], shown)

    def _has_work(self) -> bool:
        pending = bool(self._closing or self._opening or self._dropped)
        return pending or any(_is_playing(making) for making in self._makings.values())

    def _open(self, row: Row) -> None:
        missing = row.open(self.library)
        if missing:
            assert row.order is not None
            key = (row.order, tuple(missing))
            making = self._makings.get(key) or Making(row, missing)
            self._makings[key] = making
            making.rows.add(row)
            row.making = making
        row.tell()

    def _advance(self, making: Making, shown: dict[Making, float]) -> None:
        try:
            making.ascent.advance()
            now = time.monotonic()
            if making.ascent.done:
                del self._makings[making.order, tuple(making.units)]
                shown.pop(making, None)
                making.finish(self.library)
            elif now - shown.get(making, 0) >= SHOW_SECONDS:
                shown[making] = now
                making.show()
        except Exception:
            _log.exception("feature visualizations of %s failed", making.order)
            self._makings.pop((making.order, tuple(making.units)), None)
            for row in making.rows:
                _fail(row)

    def _guard(self, row: Row, work: Callable[[Row], None]) -> None:
        try:
            work(row)
        except Exception:
            _log.exception("a row of feature visualizations failed")
            _fail(row)

    def _release(self, row: Row) -> None:
        making, row.making = row.making, None
        if making is None:
            return
        making.rows.discard(row)
        if not making.rows:
            self._makings.pop((making.order, tuple(making.units)), None)


def _is_playing(making: Making) -> bool:
    return any(row.playing for row in making.rows)


def _fail(row: Row) -> None:
    row.failed, row.making = True, None
    row.tell()


def _bound(changed: Callable[[str], None], slot: str) -> Callable[[], None]:
    return lambda: changed(slot)
