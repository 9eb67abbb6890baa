"""One browser tab: its newest state, its granted frame, its end."""

import asyncio
import logging
from typing import Protocol

import numpy as np
import numpy.typing as npt

from perturber import protocol
from perturber.attacks.live import LiveAttack
from perturber.feature_rows import FeatureRows
from perturber.loading import Loading
from perturber.memo import Memo
from perturber.parameter import ParameterError
from perturber.parameters import SceneState
from perturber.protocol import Attack, FeatureVis, Hello, Layer, Patch, ProtocolError, Ready, Webcam
from perturber.studio import Studio

_log = logging.getLogger(__name__)


class Connection(Protocol):
    """The session's side of one websocket."""

    async def send_text(self, text: str) -> None: ...

    async def send_bytes(self, data: bytes) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


class Session:
    """Keeps the newest state (latest wins) and sends one frame for each grant, when the state is new."""

    def __init__(self, connection: Connection, studio: Studio) -> None:
        self._connection = connection
        self._studio = studio
        self._sending = asyncio.Lock()
        self.rows = FeatureRows(studio.visualizer, self._send_text)
        self._greeted = False
        self._state = SceneState.default()
        self._revision = 0
        self._changed = True
        self._granted = False
        self._layer_asked = False
        self._wake = asyncio.Event()
        self._memo = Memo()
        self._attack: LiveAttack | None = None
        self._steps_left = 0
        self._actions = 0
        self._webcam: npt.NDArray[np.uint8] | None = None
        self._name = studio.uploads.open_session()
        self._loading = Loading(studio, self._send_text, self._redraw)

    def close(self) -> None:
        """Nothing is loaded or formed for this session, or uploaded in its name, any more."""
        self._loading.close()
        self.rows.close()
        self._studio.uploads.close_session(self._name)
        # What holds this session's methods would hold them until the next garbage collection.
        self._attack, self._memo = None, Memo()

    async def run_frames(self) -> None:
        """Make attack steps and send frames until cancelled; while steps are left, a frame after each."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._steps_left:
                await self._step()
                self._wake.set()
            if self._granted and self._changed:
                await self._draw()
            if self._layer_asked:
                await self._send_layer()

    async def _send_layer(self) -> None:
        """The shown layer of the newest state; a frame before it has left the maps in the memo."""
        self._layer_asked = False
        revision = self._revision
        try:
            data = await self._studio.whole_layer(
                self._state, revision, self._memo, self._send_text, self._attack
            )
        except ProtocolError as error:
            await self._send_text(error.to_message())
            return
        except Exception as error:
            _log.exception("the layer of revision %d failed", revision)
            await self._send_text(_internal(error, revision).to_message())
            return
        async with self._sending:
            await self._connection.send_bytes(data)

    async def _draw(self) -> None:
        revision = self._revision
        self._look_up()
        # Marked before the work: a state that fails is not tried again until it changes.
        self._changed = False
        try:
            state, revision = self._loading.drawable(self._state, revision)
            frame = await self._studio.frame(state, revision, self._memo, self._send_text, self._attack)
            if frame.attack is not None:
                frame.attack["running"] = self._steps_left
            data = frame.encode()
        except ProtocolError as error:
            await self._send_text(error.to_message())
            return
        except Exception as error:
            _log.exception("revision %d failed", revision)
            await self._send_text(_internal(error, revision).to_message())
            return
        self._granted = False
        async with self._sending:
            await self._connection.send_bytes(data)
        self.rows.follow(state, frame)

    def _redraw(self) -> None:
        self._changed = True
        self._wake.set()

    async def _step(self) -> None:
        """One step of the attack, by the newest state; a failed one ends the run."""
        actions, revision = self._actions, self._revision
        self._look_up()
        try:
            after = await self._studio.step_attack(
                self._state, revision, self._memo, self._send_text, self._attack
            )
        except ProtocolError as error:
            self._end_run(actions)
            await self._send_text(error.to_message())
            return
        except Exception as error:
            _log.exception("an attack step at revision %d failed", revision)
            self._end_run(actions)
            await self._send_text(_internal(error, revision).to_message())
            return
        if self._actions == actions:
            self._steps_left -= 1
            self._show_attack(after)

    def _end_run(self, actions: int) -> None:
        if self._actions == actions:
            self._steps_left, self._changed = 0, True

    def _show_attack(self, attack: LiveAttack | None) -> None:
        self._attack, self._changed = attack, True
        if attack is not None:
            self._studio.attacks[attack.name] = attack
        self._wake.set()

    def _look_up(self) -> None:
        """Take the webcam's newest picture; only between two pieces of work, which read the memo."""
        if self._webcam is not None:
            self._memo.see(self._webcam)
            self._webcam = None

    async def receive(self, text: str | None, data: bytes | None = None) -> None:
        """Take one client message, text or binary; a bad one gets an error and changes nothing."""
        try:
            match protocol.parse(text) if data is None else protocol.parse_binary(data):
                case Hello() as hello:
                    await self._hello(hello)
                case Patch() as patch:
                    self._patch(patch)
                case Ready():
                    self._ready()
                case Attack() as attack:
                    self._act(attack)
                case FeatureVis() as message:
                    self._require_greeting("featurevis")
                    self.rows.play(message.slot, message.action == "play")
                case Webcam() as webcam:
                    self._see(webcam)
                case Layer():
                    self._require_greeting("layer")
                    self._layer_asked = True
                    self._wake.set()
        except ProtocolError as error:
            await self._send_text(error.to_message())
            if error.code == "version":
                await self._connection.close(protocol.CLOSE_INCOMPATIBLE, str(error))

    async def _hello(self, hello: Hello) -> None:
        if self._greeted:
            raise _out_of_order("one hello", "a second hello")
        if hello.protocol != protocol.VERSION:
            raise ProtocolError(
                "version",
                f"this server speaks protocol {protocol.VERSION}, the page {hello.protocol}: reload the page",
                expected=f"protocol {protocol.VERSION}",
                received=f"protocol {hello.protocol}",
            )
        self._greeted = True
        await self._send_text(self._studio.welcome(self._name))

    def _patch(self, patch: Patch) -> None:
        self._require_greeting("patch")
        if patch.revision <= self._revision:
            raise _out_of_order(f"a revision above {self._revision}", f"revision {patch.revision}")
        try:
            self._state = self._state.changed(patch.values)
        except ParameterError as error:
            raise ProtocolError.of_parameter(error, patch.revision) from None
        self._revision = patch.revision
        self._changed = True
        self._wake.set()

    def _ready(self) -> None:
        self._require_greeting("ready")
        if self._granted:
            raise _out_of_order("one ready for each frame", "a second ready before the frame")
        self._granted = True
        self._wake.set()

    def _see(self, message: Webcam) -> None:
        self._require_greeting("webcam")
        size = self._studio.settings.picture_size
        if message.picture.shape[0] != size:
            got = f"{message.picture.shape[0]} pixels a side"
            raise ProtocolError(
                "malformed",
                f"webcam: expected {size} pixels a side, got {got}",
                expected=f"{size} pixels a side",
                received=got,
            )
        self._webcam = message.picture
        if self._state.text("scene.source") == "webcam":
            self._changed = True
            self._wake.set()

    def _act(self, message: Attack) -> None:
        """Without an attack, undo, reset and cancel change nothing: a press may cross the end on its way."""
        self._require_greeting("attack")
        if message.action == "step":
            self._steps_left = min(self._steps_left + message.steps, protocol.MAX_ATTACK_STEPS)
            self._wake.set()
            return
        # A step that is under way is not wanted any more.
        self._actions += 1
        self._steps_left = 0
        if self._attack is not None:
            undone = self._attack.undone() if message.action == "undo" else self._attack
            self._show_attack(None if message.action == "reset" else undone)

    def _require_greeting(self, kind: str) -> None:
        if not self._greeted:
            raise _out_of_order("hello first", kind)

    async def _send_text(self, text: str) -> None:
        async with self._sending:
            await self._connection.send_text(text)


def _out_of_order(expected: str, received: str) -> ProtocolError:
    message = f"expected {expected}, got {received}"
    return ProtocolError("order", message, expected=expected, received=received)


def _internal(error: Exception, revision: int) -> ProtocolError:
    message = f"the server failed on this state ({error!r}); change it and go on, and please report this"
    return ProtocolError("internal", message, expected="a frame", received=repr(error), revision=revision)
