"""A Python client of the dashboard's websocket: what docs/protocol.md says, and nothing else.

with Client("ws://127.0.0.1:8000/ws") as client:
    client.patch({"camera.yaw": 30, "morph.overall": 1})
    frame = client.frame()
    frame.picture, frame.header["models"]["model1"]["top"]
"""

import base64
import io
import json
import struct
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import numpy.typing as npt
from PIL import Image
from websockets.sync.client import connect

from perturber import protocol
from perturber.uploads import bundle


class ServerError(RuntimeError):
    """An `error` message of the server; `body` holds its fields."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        super().__init__(body["message"])


@dataclass(frozen=True)
class ClientFrame:
    """One received frame: the header of docs/protocol.md and its arrays by name."""

    header: dict[str, Any]
    buffers: dict[str, npt.NDArray[Any]]

    @property
    def revision(self) -> int:
        """The revision that the frame shows."""
        return int(self.header["revision"])

    @property
    def picture(self) -> npt.NDArray[np.uint8]:
        """`(size, size, 3)` sRGB, rows from the top."""
        return self.buffers["picture"]

    def activations(self, slot: str) -> npt.NDArray[np.float32]:
        """`(units, height, width)` before the ReLU."""
        return self.buffers[f"{slot}.activations"]


@dataclass(frozen=True)
class ClientLayer:
    """A whole layer of every shown slot: the header of docs/protocol.md and its arrays by name."""

    header: dict[str, Any]
    buffers: dict[str, npt.NDArray[Any]]

    def maps(self, slot: str) -> npt.NDArray[np.float32]:
        """`(channels, height, width)` before the ReLU over the divisor, cut to [-1, 1]; at most 32 a side."""
        levels: npt.NDArray[np.float32] = self.buffers[f"{slot}.maps"].astype(np.float32)
        return (levels - np.float32(127)) / np.float32(127)

    def peaks(self, slot: str) -> npt.NDArray[np.float32]:
        """`(channels,)`: each unit's highest value before the ReLU."""
        return self.buffers[f"{slot}.peaks"]


@dataclass
class ClientRow:
    """A slot's feature visualizations as far as they have come: the newest message, pictures by unit."""

    message: dict[str, Any]
    pictures: dict[int, npt.NDArray[np.uint8]]

    @property
    def done(self) -> bool:
        """Whether nothing more will come, but by another state."""
        return self.message["state"] in ("done", "failed")


class Client:
    """One session, open until `close` or the end of its `with`; calls block up to `timeout` seconds."""

    def __init__(self, url: str = "ws://127.0.0.1:8000/ws", *, timeout: float = 30) -> None:
        self._timeout = timeout
        self._url = url
        self._resources = ExitStack()
        self._socket = self._resources.enter_context(
            connect(url, max_size=None, compression=None, open_timeout=timeout)
        )
        self.revision = 0
        self.notices: list[dict[str, Any]] = []
        self._granted = False
        self._awaited = 0
        self.rows: dict[str, ClientRow] = {}
        """The slots' feature visualizations as received so far."""
        self._waiting: list[ClientFrame] = []
        try:
            self.send({"type": "hello", "protocol": protocol.VERSION})
            self.welcome = self._receive_text("welcome")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session."""
        self._resources.close()

    def send(self, message: Mapping[str, object] | str | bytes) -> None:
        """Send one message as it is; for what `patch` and `frame` don't say."""
        self._socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def patch(self, values: Mapping[str, object]) -> int:
        """Change parameters; gives the patch's revision. A refusal is raised by the next `frame`."""
        self.revision += 1
        self._awaited = self.revision
        self.send({"type": "patch", "revision": self.revision, "values": dict(values)})
        return self.revision

    def upload(self, kind: str, *files: Path) -> dict[str, Any]:
        """Bring an `object` (a model with its MTL and textures), a `background` or a `picture`.

        Gives its description; its `content` is the value for `scene.object_file` and the like.

        Raises:
            ServerError: refused, with the reason.
        """
        address = f"http{self._url.removeprefix('ws').removesuffix('/ws')}/api/uploads/{kind}"
        body = bundle.encode([(file.name, file.read_bytes()) for file in files])
        headers = {"X-Perturber-Session": self.welcome["session"]}
        try:
            with urlopen(Request(address, body, headers), timeout=self._timeout) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            with error:
                detail = json.loads(error.read() or b"{}").get("detail", str(error))
            raise ServerError({"code": "upload", "status": error.code, "message": detail}) from None

    def webcam(self, picture: npt.NDArray[np.uint8]) -> None:
        """Send a picture (size, size, 3) as the webcam's; shown while `scene.source` is `webcam`."""
        self.send(b"PTBW" + struct.pack("<I", len(picture)) + np.ascontiguousarray(picture).tobytes())

    def attack(self, action: protocol.AttackAction, steps: int = 1) -> None:
        """Act on the session's attack; the next `frame` shows what came of it, or raises the refusal."""
        self.send({"type": "attack", "action": action} | ({"steps": steps} if action == "step" else {}))

    def featurevis(self, action: protocol.FeatureVisAction, slot: protocol.Slot) -> None:
        """Let a slot's feature visualizations form, or pause them."""
        self.send({"type": "featurevis", "action": action, "slot": slot})

    def row(self, slot: str, until: Callable[[ClientRow], bool] = lambda row: row.done) -> ClientRow:
        """Wait until a slot's feature visualizations are done, or `until` holds; a frame starts them.

        Raises:
            ServerError: the server answered with an error.
            TimeoutError: no news came in time.
        """
        while slot not in self.rows or not until(self.rows[slot]):
            self._take()
        return self.rows[slot]

    def frame(self) -> ClientFrame:
        """Grant a frame and wait for the one that shows all of the last patch.

        While a network loads the server sends frames of the one before; they are passed over.

        Raises:
            ServerError: the server answered with an error (the grant stays open for the next call).
            TimeoutError: no frame came in time; an unchanged state sends none.
        """
        while True:
            frame = self.next_frame()
            if frame.revision >= self._awaited:
                return frame

    def next_frame(self) -> ClientFrame:
        """Grant a frame and wait for it, whatever revision it shows all of.

        Raises:
            ServerError, TimeoutError: as `frame`.
        """
        if self._waiting:
            return self._waiting.pop(0)
        if not self._granted:
            self.send({"type": "ready"})
            self._granted = True
        while not self._waiting:
            self._take()
        return self._waiting.pop(0)

    def layer(self) -> ClientLayer:
        """Ask for all units of the shown layer, and wait for them.

        Raises:
            ServerError: the server answered with an error.
            TimeoutError: no answer came in time.
        """
        self.send({"type": "layer"})
        while (layer := self._take()) is None:
            pass
        return layer

    def _take(self) -> ClientLayer | None:
        """Take one message: a layer is given back, a frame waits for `frame`, all else is noted."""
        message = self._socket.recv(self._timeout)
        if not isinstance(message, bytes):
            self._note(json.loads(message))
            return None
        header, buffers = protocol.decode_frame(message)
        if header.get("type") == "layer":
            return ClientLayer(header, buffers)
        self._granted = False
        self._waiting.append(ClientFrame(header, buffers))
        return None

    def error(self) -> dict[str, Any]:
        """Wait for the next `error` message and give its fields."""
        body = self._receive_text("error")
        self._awaited = 0  # no frame may ever show all of a patch that was refused
        return body

    def _receive_text(self, kind: str) -> dict[str, Any]:
        while True:
            message = self._socket.recv(self._timeout)
            if isinstance(message, bytes):
                self._granted = False
                continue
            body: dict[str, Any] = json.loads(message)
            if body["type"] == kind:
                return body
            self._note(body)

    def _note(self, body: dict[str, Any]) -> None:
        if body["type"] == "error":
            self._awaited = 0
            raise ServerError(body)
        if body["type"] == "featurevis":
            self._show(body)
            return
        self.notices.append(body)

    def _show(self, body: dict[str, Any]) -> None:
        """Pictures of the same units of the same weights stay until newer ones come."""
        row = self.rows.get(body["slot"])
        same = ("weights", "layer", "units", "naive", "diversity")
        if row is None or any(row.message[name] != body[name] for name in same):
            row = self.rows[body["slot"]] = ClientRow(body, {})
        row.message = body
        for unit, address in zip(body["units"], body["pictures"], strict=True):
            if address is not None:
                content = base64.b64decode(address.partition(",")[2])
                row.pictures[unit] = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
