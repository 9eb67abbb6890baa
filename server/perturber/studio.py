"""The one place that owns what is costly: render worker, networks, and the thread that runs the frames."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakValueDictionary

from perturber import protocol, welcome, whole_layer
from perturber.ahead import Ahead
from perturber.attacks.errors import AttackError
from perturber.attacks.live import LiveAttack
from perturber.errors import PerturberError
from perturber.explain.visualizer import Visualizer
from perturber.frame import Frame
from perturber.memo import Memo
from perturber.nets.edit import Base
from perturber.nets.zoo import Zoo
from perturber.parameters import SceneState
from perturber.pipeline import Pipeline, shown_slots
from perturber.protocol import ProtocolError
from perturber.scene.effect.effect import EffectError
from perturber.scene.effect.worker import EffectWorker
from perturber.scene.errors import RenderError
from perturber.scene.worker import RenderWorker
from perturber.slots import base_of, bases
from perturber.stopwatch import Stopwatch
from perturber.uploads.uploads import Uploads

PICTURE_SIZE = 224

T = TypeVar("T")
Notify = Callable[[str], Awaitable[None]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StudioSettings:
    """`device` is a torch device name or `auto` (CUDA where there is one); `picture_size` is in pixels.

    `class_images` says whether the user has pictures of classes, beside the shipped ones.
    """

    device: str = "auto"
    picture_size: int = PICTURE_SIZE
    class_images: bool = False


class Studio:
    """Makes frames for all sessions, one at a time. A context manager: its end stops worker and threads."""

    def __init__(self, settings: StudioSettings) -> None:
        self.settings = settings
        self.zoo = Zoo(settings.device)
        self.worker = RenderWorker(settings.picture_size)
        self.effects = EffectWorker(settings.picture_size)
        self.pipeline = Pipeline(self.worker, self.effects, self.zoo)
        self.visualizer = Visualizer()
        self.uploads = Uploads()
        self._frames = ThreadPoolExecutor(1, thread_name_prefix="frames")
        self._ahead = Ahead(self.pipeline, self.effects, self._frames)
        self._loads = ThreadPoolExecutor(1, thread_name_prefix="loads")
        self.attacks: WeakValueDictionary[str, LiveAttack] = WeakValueDictionary()
        """The sessions' active attacks by name, for their files."""
        self._welcome = welcome.describe(settings.picture_size, settings.class_images, str(self.zoo.device))

    def __enter__(self) -> "Studio":
        return self

    def __exit__(self, *_: object) -> None:
        self.visualizer.close()
        self._loads.shutdown(cancel_futures=True)
        self._ahead.close()
        self._frames.shutdown(cancel_futures=True)
        self.uploads.close()
        self.pipeline.close()
        self.effects.close()
        self.worker.close()

    def welcome(self, session: str) -> str:
        """The `welcome` message: table, layers, models, objects, and the session's name for uploads."""
        return json.dumps({**self._welcome, "session": session})

    def warm_up(self) -> None:
        """Make the default frame and an attack step once: the first visitor doesn't wait for first calls."""
        self.uploads.prepare()
        state, memo = SceneState.default(), Memo()
        self._ahead.warm_up()
        self.make(state, 0, memo)
        self._frames.submit(self.pipeline.step_attack, state, memo, None).result()

    def make(self, state: SceneState, revision: int, memo: Memo) -> Frame:
        """The frame of `state`, for scripts that have no event loop.

        Raises:
            PerturberError: as `Pipeline.run_frame`.
        """
        return self._frames.submit(self.pipeline.run_frame, state, revision, memo).result()

    async def frame(
        self,
        state: SceneState,
        revision: int,
        memo: Memo,
        notify: Notify,
        attack: LiveAttack | None = None,
    ) -> Frame:
        """The frame of `state`, made in the frames' thread; networks load and custom effects run beside it.

        Raises:
            ProtocolError: the scene could not be drawn (`render`), nor its custom effect applied (`effect`),
                nor a network loaded (`model`).
        """
        slots, clock = shown_slots(state), Stopwatch()

        async def make() -> Frame:
            if attack is None:
                await self._ahead.prepare(state, memo, clock, notify)
            return await self._in_frames(self.pipeline.run_frame, state, revision, memo, attack, clock)

        return await self._make(make, state, slots, revision, notify)

    async def whole_layer(
        self, state: SceneState, revision: int, memo: Memo, notify: Notify, attack: LiveAttack | None
    ) -> bytes:
        """The message `layer` for `state`, made in the frames' thread.

        Raises:
            ProtocolError: as `frame`.
        """

        async def make() -> bytes:
            if attack is None:
                await self._ahead.prepare(state, memo, Stopwatch(), notify)
            maps = await self._in_frames(self.pipeline.whole_layer, state, memo, attack)
            return whole_layer.encode(revision, state.text("view.layer"), maps)

        return await self._make(make, state, shown_slots(state), revision, notify)

    async def step_attack(
        self, state: SceneState, revision: int, memo: Memo, notify: Notify, attack: LiveAttack | None
    ) -> LiveAttack:
        """`attack` (None: a new one on the picture of `state`) one step further, made in the frames' thread.

        Raises:
            ProtocolError: as `frame`, or the target is none (`attack`).
        """
        slots = [state.text("attack.source")]

        async def make() -> LiveAttack:
            if attack is None:
                await self._ahead.prepare(state, memo, Stopwatch(), notify)
            return await self._in_frames(self.pipeline.step_attack, state, memo, attack)

        return await self._make(make, state, slots, revision, notify)

    async def _in_frames(self, make: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._frames, make, *arguments)

    async def _make(
        self,
        make: Callable[[], Awaitable[T]],
        state: SceneState,
        slots: list[str],
        revision: int,
        notify: Notify,
    ) -> T:
        try:
            await self._load(state, slots, notify)
            restarts = self.worker.restarts
            made = await make()
        except EffectError as error:
            raise ProtocolError.of_effect(error, revision) from error
        except RenderError as error:
            _log.warning("revision %d could not be drawn: %s", revision, error)
            raise ProtocolError(
                "render", str(error), expected="a picture", received=str(error), revision=revision
            ) from error
        except AttackError as error:
            raise ProtocolError(
                "attack", str(error), expected="an attack that can go on", received=str(error)
            ) from error
        except PerturberError as error:
            raise ProtocolError(
                "model", str(error), expected="a network", received=str(error), revision=revision
            ) from error
        if self.worker.restarts != restarts:
            text = "The renderer stopped and was restarted; your settings are unchanged."
            await notify(protocol.notice("warning", "worker_restarted", text))
        return made

    async def _load(self, state: SceneState, slots: list[str], notify: Notify) -> None:
        """Load what `slots` hold, outside the frames' thread: other sessions go on meanwhile."""
        for base in {base: None for slot in slots for base in bases(state, slot)}:
            if not self.zoo.holds(base.variant, base.checkpoint):
                await self.load(base, notify)

    async def load(self, base: Base, notify: Notify) -> None:
        """Load a network in the loads' thread.

        Raises:
            ModelError, UnknownModelError: as `Zoo.load`.
        """
        loop, variant = asyncio.get_running_loop(), base.variant
        await notify(protocol.notice("info", "loading", f"Loading {variant}.", what=variant))
        await loop.run_in_executor(self._loads, self.zoo.load, variant, base.checkpoint)
        await notify(protocol.notice("info", "loaded", f"Loaded {variant}.", what=variant))

    def missing(self, state: SceneState) -> list[str]:
        """Which of Model 1 and Model 2 a frame of `state` needs and must load first.

        Raises:
            UnknownModelError: a variant or checkpoint that isn't in the catalog.
        """
        needed = {base for slot in shown_slots(state) for base in bases(state, slot)}
        absent = {base for base in needed if not self.zoo.holds(base.variant, base.checkpoint)}
        return [slot for slot in ("model1", "model2") if base_of(state, slot) in absent]
