"""The parser behind a watchdog: a process for each upload, which may hang or die without harm."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perturber.uploads import limits
from perturber.uploads.bundle import BundledFile
from perturber.uploads.errors import UploadError

START_SECONDS = 30.0
GRACE = 5.0
"""Beyond a job's own seconds until its watchdog itself is given up."""
MOST = 65_536


class Parser:
    """Hands uploads to a process that forks for each. For any thread, one job at a time.

    `seconds` bounds one job. The process starts with the first job or with `prepare`, and is replaced when it
    is lost; `close` ends it, and so does leaving a `with`.
    """

    def __init__(self, seconds: float = limits.PARSE_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._closed = False

    def prepare(self) -> None:
        """Start the process ahead of the first upload."""
        with self._lock:
            self._running()

    def parse(self, kind: str, files: Sequence[BundledFile], source: int, target: int) -> dict[str, object]:
        """Read `files` of the open file `source`, write the kept arrays to `target`; what to say of them.

        Raises:
            UploadError: refused with the reason, or the parser took too long, too much memory, or died.
        """
        rows = [{"name": file.name, "offset": file.offset, "size": file.size} for file in files]
        job = {"kind": kind, "files": rows, "seconds": self._seconds}
        with self._lock:
            try:
                answer = self._running().work(job, source, target)
            except OSError as error:  # timeouts too
                self._discard()
                raise UploadError(f"the file broke its parser ({error})") from error
        refused, about = answer.get("refused"), answer.get("about")
        if refused is not None or not isinstance(about, dict):
            raise UploadError(str(refused or "the file broke its parser")[:500])
        return about

    def close(self) -> None:
        """End the process; later jobs fail."""
        with self._lock:
            self._closed = True
            self._discard()

    def __enter__(self) -> "Parser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> "_Process":
        if self._closed:
            raise UploadError("the server is about to end")
        if self._process is not None and not self._process.alive:
            self._discard()
        if self._process is None:
            self._process = _Process()
        return self._process

    def _discard(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


class _Process:
    """The process that forks, and the socket to it."""

    def __init__(self) -> None:
        self._ready = False
        self._talk, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = _spawn(theirs.fileno())
        except BaseException:
            self._talk.close()
            raise
        finally:
            theirs.close()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def work(self, job: dict[str, Any], source: int, target: int) -> dict[str, Any]:
        """The child's answer, or why there is none."""
        if not self._ready:
            self._talk.settimeout(START_SECONDS)
            if self._talk.recv(MOST) != b"ready":
                raise ConnectionError("it didn't start")
            self._ready = True
        self._talk.settimeout(job["seconds"] + GRACE)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            ours.settimeout(job["seconds"] + GRACE)
            with theirs:
                message = json.dumps(job).encode()
                socket.send_fds(self._talk, [message], [source, target, theirs.fileno()])
            answer = ours.recv(MOST)
            outcome = json.loads(self._talk.recv(MOST))
        if answer:
            return dict(json.loads(answer))
        return {"refused": _epitaph(outcome, job["seconds"])}

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._talk.close()


def _epitaph(outcome: dict[str, Any], seconds: float) -> str:
    status = int(outcome["status"])
    if not outcome["in_time"]:
        return f"the file took longer than {seconds:g} seconds to read and was given up"
    if -status in (signal.SIGXCPU, signal.SIGKILL):
        most = limits.PARSE_CPU_SECONDS
        return f"the file took more than {most} seconds of processor time to read and was given up"
    cause = signal.Signals(-status).name if status < 0 else f"status {status}"
    return f"the file broke its parser ({cause})"


def _spawn(talk: int) -> "subprocess.Popen[bytes]":
    """A fresh interpreter that inherits nothing but its socket, and of the environment only what it needs."""
    package = str(Path(__file__).resolve().parents[2])
    search = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "TMPDIR") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "perturber.uploads.parser_process", f"--socket={talk}"]
    return subprocess.Popen(
        command,
        env={**kept, **threads, "PYTHONPATH": search, "MALLOC_ARENA_MAX": "2"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(talk,),
        start_new_session=True,
    )
