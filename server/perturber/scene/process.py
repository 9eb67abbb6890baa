"""A worker process as its parent sees it: a pipe for requests, a life line, a picture in shared memory."""

import math
import mmap
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from perturber.scene.errors import RenderError
from perturber.scene.worker_messages import Failed, Reply, Request, Task

START_TIMEOUT = 10.0


class WorkerLostError(RenderError):
    """The worker died or didn't answer in time."""


class WorkerHungError(WorkerLostError):
    """The worker didn't answer in time."""


class WorkerProcess:
    """A running worker for one `task`, with a picture of `size` by `size` pixels that both sides see.

    Raises:
        RenderError: the worker can't do its task here (no OpenGL); the message holds the cure.
        WorkerLostError: it ended, or wasn't ready after `START_TIMEOUT` seconds.
    """

    def __init__(self, task: Task, size: int, assets: Path) -> None:
        shape = (size, size, 3)
        with ExitStack() as theirs, ExitStack() as undo:
            memory = os.memfd_create("perturber-picture")
            theirs.callback(os.close, memory)
            os.ftruncate(memory, math.prod(shape))
            mapped = undo.enter_context(mmap.mmap(memory, math.prod(shape)))
            self._requests, requests = Pipe()
            undo.callback(self._requests.close)
            theirs.callback(requests.close)
            life, ours = os.pipe()
            theirs.callback(os.close, life)
            undo.callback(os.close, ours)
            passed = {"requests": requests.fileno(), "life": life, "memory": memory}
            self._child = _spawn({"task": task, "size": size, "assets": assets} | passed, passed)
            undo.callback(self._kill)
            theirs.close()
            self._receive(START_TIMEOUT)
            self._owned = undo.pop_all()
        self._memory, self._shape = mapped, shape

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def ask(self, request: Request, timeout: float, work: float = 0.0) -> Reply:
        """What the worker answers within `timeout` seconds; within twice as long if it got less than `work`
        seconds of processor time in the first: then the machine is busy, and the worker may not be at fault.

        Raises:
            WorkerLostError: it ended; `WorkerHungError`: it gave no answer in time. It is of no more use.
            RenderError: the request failed; the worker goes on.
        """
        try:
            before = self._worked()
            self._requests.send(request)
            if not self._requests.poll(timeout) and self._worked() - before < work:
                self._requests.poll(timeout)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WorkerLostError(self._epitaph()) from error
        return self._receive(0.0, timeout)

    def picture(self) -> NDArray[np.uint8]:
        """A copy of the shared picture: (size, size, 3)."""
        return np.frombuffer(self._memory, np.uint8).reshape(self._shape).copy()

    def put(self, picture: NDArray[np.uint8]) -> None:
        """Make `picture` (size, size, 3) the shared one."""
        self._memory[:] = picture.tobytes()

    def end(self) -> None:
        """Kill the process, wait until it's gone, and give back what it shared with this one."""
        self._owned.close()

    def _kill(self) -> int:
        self._child.kill()
        return self._child.wait()

    def _worked(self) -> float:
        """Processor seconds of all its threads so far (proc(5): utime and stime); 0 once it's gone."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def _receive(self, timeout: float, waited: float = 0.0) -> Reply:
        try:
            if not self._requests.poll(timeout):
                raise WorkerHungError(f"the render worker gave no answer for {waited + timeout:g} seconds")
            reply: Reply = self._requests.recv()
        except (EOFError, ConnectionResetError) as error:
            raise WorkerLostError(self._epitaph()) from error
        if isinstance(reply, Failed):
            raise RenderError(reply.reason)
        return reply

    def _epitaph(self) -> str:
        status = self._kill()
        cause = signal.Signals(-status).name if status < 0 else f"status {status}"
        return f"the render worker ended ({cause})"


class Supervised:
    """A worker that starts with the first request, and again with the next after it was lost; for any thread.

    `restarts` counts the processes that were lost. A context manager: its end is the worker's.
    """

    def __init__(self, task: Task, size: int, assets: Path) -> None:
        self.size = size
        self.restarts = 0
        self._task: Task = task
        self._assets = assets
        self._lock = threading.Lock()
        self._process: WorkerProcess | None = None
        self._closed = False

    def start(self) -> None:
        """Start the process ahead of the first request.

        Raises:
            RenderError: no OpenGL; the message holds the cure.
        """
        with self._lock:
            self._running()

    @property
    def pid(self) -> int | None:
        """The process id while there is one."""
        process = self._process
        return process.pid if process else None

    def close(self) -> None:
        """End the process; later requests fail."""
        with self._lock:
            self._closed = True
            self._discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> WorkerProcess:
        if self._closed:
            raise RenderError(f"the {self._task} worker is closed")
        if self._process is None:
            self._process = WorkerProcess(self._task, self.size, self._assets)
        return self._process

    def _lose(self) -> None:
        self._discard()
        self.restarts += 1

    def _discard(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


def _spawn(options: dict[str, Any], passed: dict[str, int]) -> "subprocess.Popen[bytes]":
    """A fresh interpreter: no fork of a threaded server, and no second import of its main module."""
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "perturber.scene.worker_process", *arguments]
    source = str(Path(__file__).resolve().parents[2])
    search = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": search}
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, pass_fds=tuple(passed.values())
    )
