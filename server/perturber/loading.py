"""While a network loads, its slot goes on with the one it had: no slot waits for another's."""

import asyncio
from collections.abc import Callable

from perturber.errors import PerturberError
from perturber.nets import catalog
from perturber.nets.edit import Base
from perturber.parameters import SceneState
from perturber.slots import base_of
from perturber.studio import Notify, Studio


class Loading:
    """What one session can draw at once. `redraw` is called whenever a load has ended."""

    def __init__(self, studio: Studio, notify: Notify, redraw: Callable[[], None]) -> None:
        self._studio = studio
        self._notify = notify
        self._redraw = redraw
        self._complete: tuple[SceneState, int] | None = None
        self._tasks: dict[Base, asyncio.Task[None]] = {}

    def close(self) -> None:
        """Wait for nothing any more."""
        for task in self._tasks.values():
            task.cancel()

    def drawable(self, state: SceneState, revision: int) -> tuple[SceneState, int]:
        """The state to draw now, and the newest revision that it shows all of.

        It is `state` itself where its networks are there, or where a slot can't go on with the one it had: at
        the first frame, across families, and when there is no such network or its load failed, which drawing
        reports.
        """
        try:
            missing = self._studio.missing(state)
        except catalog.UnknownModelError:
            return state, revision
        if self._complete is None or not missing or not self._can_wait(state, missing):
            self._complete = state, revision
            self._tasks = {base: task for base, task in self._tasks.items() if not task.done()}
            return state, revision
        before, shown = self._complete
        for slot in missing:
            self._begin(base_of(state, slot))
        kept = [f"{slot}.{field}" for slot in missing for field in ("variant", "checkpoint")]
        return state.changed({key: before[key] for key in kept}), shown

    def _can_wait(self, state: SceneState, missing: list[str]) -> bool:
        assert self._complete is not None
        for slot in missing:
            wanted, had = base_of(state, slot), base_of(self._complete[0], slot)
            task = self._tasks.get(wanted)
            if (task is not None and task.done()) or _family(wanted) != _family(had):
                return False
        return True

    def _begin(self, base: Base) -> None:
        if base not in self._tasks:
            self._tasks[base] = asyncio.create_task(self._load(base))
            self._tasks[base].add_done_callback(lambda task: None if task.cancelled() else self._redraw())

    async def _load(self, base: Base) -> None:
        try:
            await self._studio.load(base, self._notify)
        except PerturberError:
            return  # drawing tries again, and tells


def _family(base: Base) -> str:
    return catalog.find(base.variant, base.checkpoint).family
