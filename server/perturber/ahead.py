"""What may take long, made outside the frames' thread before a frame that needs it."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import torch

from perturber import protocol
from perturber.featvis_plane import KEY
from perturber.memo import Memo
from perturber.parameters import SceneState
from perturber.pipeline import Pipeline
from perturber.scene.effect.effect import Effect, EffectStoppedError
from perturber.scene.effect.worker import EffectWorker
from perturber.stopwatch import Stopwatch

Notify = Callable[[str], Awaitable[None]]

NOTICE_AFTER = 0.3
"""Seconds that something may take before the page says that it is being made."""


class Ahead:
    """Custom effects and the scene's feature visualization: a session with one holds up none without.

    `frames` is the frames' thread.
    """

    def __init__(self, pipeline: Pipeline, effects: EffectWorker, frames: ThreadPoolExecutor) -> None:
        self._pipeline, self._effects, self._frames = pipeline, effects, frames
        self._trials = ThreadPoolExecutor(1, "effects")
        # One core: the others go on making frames.
        self._visuals = ThreadPoolExecutor(1, "visuals", lambda: torch.set_num_threads(1))

    def warm_up(self) -> None:
        """Start the effects' process, which takes a second, without waiting for it."""
        self._trials.submit(self._effects.start)

    def close(self) -> None:
        """End the threads."""
        for executor in (self._trials, self._visuals):
            executor.shutdown(cancel_futures=True)

    async def prepare(self, state: SceneState, memo: Memo, clock: Stopwatch, notify: Notify) -> None:
        """Make what the picture of `state` needs of them; `memo` and the pipeline hand it over.

        Raises:
            PerturberError: as `Pipeline.render` and `Pipeline.apply_effect`.
        """
        if not self._pipeline.planes.is_at_hand(state):
            await self._visualize(state, memo, notify)
        if Effect.from_state(state) is not None:
            await self._apply_effect(state, memo, clock)

    async def _visualize(self, state: SceneState, memo: Memo, notify: Notify) -> None:
        """The last picture stays until the plane's is there, and the page says what it waits for."""
        loop, find = asyncio.get_running_loop(), self._pipeline.planes.find
        finding = loop.run_in_executor(self._visuals, find, state, memo.session)
        done, _ = await asyncio.wait([finding], timeout=NOTICE_AFTER)
        if not done:
            what = f"feature visualization {state.text(KEY)}"
            await notify(protocol.notice("info", "loading", f"The {what} is being made.", what=what))
            await asyncio.wait([finding])
            await notify(protocol.notice("info", "loaded", f"The {what} is there.", what=what))
        await finding

    async def _apply_effect(self, state: SceneState, memo: Memo, clock: Stopwatch) -> None:
        loop = asyncio.get_running_loop()
        render = functools.partial(self._pipeline.render, state, memo, clock)
        rendered = await loop.run_in_executor(self._frames, render)
        apply = functools.partial(self._pipeline.apply_effect, rendered, state, memo, clock)
        try:
            await loop.run_in_executor(self._trials, apply)
        except EffectStoppedError:
            self.warm_up()  # the next effect need not wait for the process
            raise
