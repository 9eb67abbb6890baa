"""The renderer behind a watchdog: a process of its own that may hang or die without harm to the server."""

import threading
from collections.abc import Hashable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perturber import paths
from perturber.scene.errors import RenderError
from perturber.scene.process import START_TIMEOUT, WorkerLostError, WorkerProcess
from perturber.scene.view import Plane, SceneView
from perturber.scene.worker_messages import Render

TIMEOUT = 2.0
ATTEMPTS = 2


class RenderWorker:
    """Renders views in another process; for any thread, one request at a time.

    A worker that dies or takes longer than `timeout` seconds is replaced and the request is made once more;
    a worker's first picture of an object or a background may take `START_TIMEOUT`, as it uploads them. The
    worker starts with the first request; `close` ends it, and so does the end of this process. `restarts`
    counts the workers that were lost.
    """

    def __init__(self, size: int = 224, *, timeout: float = TIMEOUT, assets: Path = paths.ASSETS) -> None:
        self.size = size
        self.timeout = timeout
        self.restarts = 0
        self._assets = assets
        self._lock = threading.Lock()
        self._process: WorkerProcess | None = None
        self._uploaded: set[tuple[str, Hashable]] = set()
        self._closed = False

    def render(self, view: SceneView, timeout: float | None = None) -> NDArray[np.uint8]:
        """The picture of `view`: (size, size, 3) uint8, sRGB, rows from the top.

        Raises:
            RenderError: a broken asset, no OpenGL, or two workers lost in a row.
        """
        with self._lock:
            for attempt in range(ATTEMPTS):
                try:
                    return self._render(self._running(), view, timeout or self.timeout)
                except WorkerLostError:
                    self._discard()
                    self.restarts += 1
                    if attempt == ATTEMPTS - 1:
                        raise
        raise AssertionError("unreachable")

    def start(self) -> None:
        """Start the worker ahead of the first request.

        Raises:
            RenderError: no OpenGL; the message holds the cure.
        """
        with self._lock:
            self._running()

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        process = self._process
        return process.pid if process else None

    def close(self) -> None:
        """End the worker; later requests fail."""
        with self._lock:
            self._closed = True
            self._discard()

    def __enter__(self) -> "RenderWorker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _render(self, process: WorkerProcess, view: SceneView, timeout: float) -> NDArray[np.uint8]:
        needed: set[tuple[str, Hashable]] = {("background", view.background)}
        if not isinstance(view.object, Plane):  # which is uploaded in no time
            needed.add(("object", view.object))
        process.ask(Render(view), timeout if needed <= self._uploaded else max(timeout, START_TIMEOUT))
        self._uploaded |= needed
        return process.picture()

    def _running(self) -> WorkerProcess:
        if self._closed:
            raise RenderError("the render worker is closed")
        if self._process is None:
            self._uploaded.clear()
            self._process = WorkerProcess("scene", self.size, self._assets)
        return self._process

    def _discard(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None
