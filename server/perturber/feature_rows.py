"""A session's rows of feature visualizations: asked for after each frame, sent as they form."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable

from perturber.explain.rows import Wanted
from perturber.explain.visualizer import Visualizer
from perturber.frame import Frame
from perturber.parameters import SceneState
from perturber.slots import EDITED


class FeatureRows:
    """The rows of one session. Each frame says which networks they are of: nothing is loaded for them."""

    def __init__(self, visualizer: Visualizer, send: Callable[[str], Awaitable[None]]) -> None:
        self._visualizer, self._send = visualizer, send
        self._fresh: set[str] = set()
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Send news until cancelled; a slow client gets fewer, and always the newest."""
        while True:
            await self._news.wait()
            self._news.clear()
            slots, self._fresh = self._fresh, set()
            for slot in sorted(slots):
                row = self._visualizer.row(self, slot)
                if row is not None:
                    await self._send(json.dumps({**row.take(), "slot": slot}))

    def follow(self, state: SceneState, frame: Frame) -> None:
        """Show what `state` asks of the networks that made `frame`; the Edited Model waits for play."""
        layer, naive = state.text("view.layer"), state.flag("view.naive")
        diversity = state.flag("view.diversity")
        shown = frame.models if state.flag("view.featvis") else {}
        wanted = {
            slot: Wanted(answer.network.classifier, layer, answer.units, naive, diversity)
            for slot, answer in shown.items()
            if answer.units  # a network may lack the layer
        }
        loop = asyncio.get_running_loop()

        def changed(slot: str) -> None:
            with contextlib.suppress(RuntimeError):  # the loop ended before the thread did
                loop.call_soon_threadsafe(self._note, slot)

        self._visualizer.show(self, wanted, {slot: slot != EDITED for slot in wanted}, changed)

    def play(self, slot: str, playing: bool) -> None:
        """Let a slot's row form, or pause it."""
        self._visualizer.play(self, slot, playing)

    def close(self) -> None:
        """Nobody looks any more."""
        self._visualizer.leave(self)

    def _note(self, slot: str) -> None:
        self._fresh.add(slot)
        self._news.set()
