"""The parser behind a watchdog: a process for each upload, which may hang or die without harm."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from perturber.uploads import limits
from perturber.uploads.bundle import BundledFile
from perturber.uploads.errors import UploadError

START_SECONDS = 30.0
MOST = 65_536


class Parser:
    """Starts parsers, one ahead so that no upload waits for it. For any thread, one job at a time.

    `seconds` bounds one job. `close` ends what runs, and so does leaving a `with`.
    """

    def __init__(self, seconds: float = limits.PARSE_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._next: _Child | None = None
        self._closed = False

    def prepare(self) -> None:
        """Start a parser ahead of the first upload."""
        with self._lock:
            if self._next is None and not self._closed:
                self._next = _Child()

    def parse(self, kind: str, files: Sequence[BundledFile], source: int, target: int) -> dict[str, object]:
        """Read `files` of the open file `source`, write the kept arrays to `target`; what to say of them.

        Raises:
            UploadError: refused with the reason, or the parser took too long, too much memory, or died.
        """
        with self._lock:
            if self._closed:
                raise UploadError("the server is about to end")
            child = self._next or _Child()
            self._next = None
            try:
                answer = child.work(kind, files, source, target, self._seconds)
            finally:
                child.end()
                self._next = _Child()
        refused = answer.get("refused")
        if refused is not None:
            raise UploadError(str(refused)[:500])
        about = answer.get("about")
        if not isinstance(about, dict):
            raise UploadError("the file broke its parser")
        return about

    def close(self) -> None:
        """End the waiting parser; later jobs fail."""
        with self._lock:
            self._closed = True
            if self._next is not None:
                self._next.end()
                self._next = None

    def __enter__(self) -> "Parser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Child:
    """One parser process and the socket to it."""

    def __init__(self) -> None:
        self._talk, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = _spawn(theirs.fileno())
        except BaseException:
            self._talk.close()
            raise
        finally:
            theirs.close()

    def work(
        self, kind: str, files: Sequence[BundledFile], source: int, target: int, seconds: float
    ) -> dict[str, object]:
        rows = [{"name": file.name, "offset": file.offset, "size": file.size} for file in files]
        try:
            self._talk.settimeout(START_SECONDS)
            if self._talk.recv(MOST) != b"ready":
                raise UploadError("the parser didn't start")
            self._talk.settimeout(seconds)
            began = time.monotonic()
            socket.send_fds(
                self._talk, [json.dumps({"kind": kind, "files": rows}).encode()], [source, target]
            )
            answer = self._talk.recv(MOST)
        except TimeoutError:
            raise UploadError(
                f"the file took longer than {seconds:g} seconds to read and was given up"
            ) from None
        except OSError as error:
            raise UploadError(f"the file broke its parser ({error})") from error
        if not answer:
            raise UploadError(self._epitaph(time.monotonic() - began))
        parsed = json.loads(answer)
        return parsed if isinstance(parsed, dict) else {}

    def _epitaph(self, seconds: float) -> str:
        status = self._process.wait(timeout=5)
        if -status in (signal.SIGXCPU, signal.SIGKILL):
            most = limits.PARSE_CPU_SECONDS
            return f"the file took more than {most} seconds of processor time to read and was given up"
        cause = signal.Signals(-status).name if status < 0 else f"status {status}"
        return f"the file broke its parser ({cause} after {seconds:.1f} s)"

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._talk.close()


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
