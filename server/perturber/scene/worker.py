"""The renderer behind a watchdog: a process of its own that may hang or die without harm to the server."""

from collections.abc import Hashable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perturber import paths
from perturber.scene.process import START_TIMEOUT, Supervised, WorkerLostError, WorkerProcess
from perturber.scene.view import Plane, SceneView
from perturber.scene.worker_messages import Render

TIMEOUT = 2.0
ATTEMPTS = 2


class RenderWorker(Supervised):
    """Renders views in another process; for any thread, one request at a time.

    A worker that dies or takes longer than `timeout` seconds is replaced and the request is made once more;
    a worker's first picture of an object or a background may take `START_TIMEOUT`, as it uploads them.
    """

    def __init__(self, size: int = 224, *, timeout: float = TIMEOUT, assets: Path = paths.ASSETS) -> None:
        super().__init__("scene", size, assets)
        self.timeout = timeout
        self._uploaded: set[tuple[str, Hashable]] = set()

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
                    self._lose()
                    if attempt == ATTEMPTS - 1:
                        raise
        raise AssertionError("unreachable")

    def _render(self, process: WorkerProcess, view: SceneView, timeout: float) -> NDArray[np.uint8]:
        needed: set[tuple[str, Hashable]] = {("background", view.background)}
        if not isinstance(view.object, Plane):  # which is uploaded in no time
            needed.add(("object", view.object))
        process.ask(Render(view), timeout if needed <= self._uploaded else max(timeout, START_TIMEOUT))
        self._uploaded |= needed
        return process.picture()

    def _discard(self) -> None:
        super()._discard()
        self._uploaded.clear()
