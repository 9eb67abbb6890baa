"""The renderer behind a watchdog: a process of its own that may hang or die without harm to the server."""

import math
import mmap
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Hashable
from contextlib import ExitStack
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perturber import paths
from perturber.scene.errors import RenderError
from perturber.scene.view import SceneView
from perturber.scene.worker_messages import Done, Failed, Render

TIMEOUT = 2.0
START_TIMEOUT = 10.0
ATTEMPTS = 2


class WorkerLostError(RenderError):
    """The worker died or didn't answer in time."""


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
        self._process: _Process | None = None
        self._closed = False

    def render(self, view: SceneView, timeout: float | None = None) -> NDArray[np.uint8]:
        """The picture of `view`: (size, size, 3) uint8, sRGB, rows from the top.

        Raises:
            RenderError: a broken asset, no OpenGL, or two workers lost in a row.
        """
        with self._lock:
            for attempt in range(ATTEMPTS):
                try:
                    return self._running().render(view, timeout or self.timeout)
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

    def _running(self) -> "_Process":
        if self._closed:
            raise RenderError("the render worker is closed")
        if self._process is None:
            self._process = _Process(self.size, self._assets)
        return self._process

    def _discard(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


class _Process:
    """One worker process with its pipe, its life line and its memory."""

    def __init__(self, size: int, assets: Path) -> None:
        self._shape = (size, size, 3)
        self._uploaded: set[tuple[str, Hashable]] = set()
        with ExitStack() as theirs, ExitStack() as undo:
            memory = os.memfd_create("perturber-picture")
            theirs.callback(os.close, memory)
            os.ftruncate(memory, math.prod(self._shape))
            self._memory = undo.enter_context(mmap.mmap(memory, math.prod(self._shape)))
            self._requests, requests = Pipe()
            undo.callback(self._requests.close)
            theirs.callback(requests.close)
            life, ours = os.pipe()
            theirs.callback(os.close, life)
            undo.callback(os.close, ours)
            self._child = _spawn(requests.fileno(), life, memory, size, assets)
            undo.callback(self._kill)
            theirs.close()
            self._receive(START_TIMEOUT)
            self._owned = undo.pop_all()

    @property
    def pid(self) -> int:
        return self._child.pid

    def render(self, view: SceneView, timeout: float) -> NDArray[np.uint8]:
        try:
            self._requests.send(Render(view))
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WorkerLostError(self._epitaph()) from error
        needed: set[tuple[str, Hashable]] = {("object", view.object), ("background", view.background)}
        self._receive(timeout if needed <= self._uploaded else max(timeout, START_TIMEOUT))
        self._uploaded |= needed
        return np.frombuffer(self._memory, np.uint8).reshape(self._shape).copy()

    def end(self) -> None:
        """Kill the process, wait until it's gone, and give back what it shared with this one."""
        self._owned.close()

    def _kill(self) -> int:
        self._child.kill()
        return self._child.wait()

    def _receive(self, timeout: float) -> None:
        try:
            if not self._requests.poll(timeout):
                raise WorkerLostError(f"the render worker gave no answer for {timeout:g} seconds")
            reply = self._requests.recv()
        except (EOFError, ConnectionResetError) as error:
            raise WorkerLostError(self._epitaph()) from error
        match reply:
            case Done():
                return
            case Failed(reason):
                raise RenderError(reason)

    def _epitaph(self) -> str:
        status = self._kill()
        cause = signal.Signals(-status).name if status < 0 else f"status {status}"
        return f"the render worker ended ({cause})"


def _spawn(requests: int, life: int, memory: int, size: int, assets: Path) -> "subprocess.Popen[bytes]":
    """A fresh interpreter: no fork of a threaded server, and no second import of its main module."""
    passed = {"requests": requests, "life": life, "memory": memory, "size": size}
    options = [f"--{name}={value}" for name, value in passed.items()]
    command = [sys.executable, "-m", "perturber.scene.worker_process", *options, f"--assets={assets}"]
    source = str(Path(__file__).resolve().parents[2])
    search = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": search}
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, pass_fds=(requests, life, memory)
    )
