"""What the browser tests drive: the server's process, and the page as a user handles it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import IO, Any

import psutil
from playwright.sync_api import Page

START_SECONDS = 60


class Server:
    """`perturber serve` as a process of its own, on a port that stays the same over restarts."""

    def __init__(self, log: IO[bytes], *options: str) -> None:
        self._log = log
        self._options = options
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it takes visitors."""
        command = [sys.executable, "-m", "perturber.cli", "serve", "--port", str(self.port), *self._options]
        environment = {**os.environ, "PYOPENGL_PLATFORM": "egl"}
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, f"the server ended: {self._tail()}"
            assert time.monotonic() < deadline, f"no answer in {START_SECONDS} s: {self._tail()}"
            time.sleep(0.1)

    def kill_children(self) -> None:
        """Kill the server's own worker processes."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children():
            child.kill()

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}api/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _tail(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]


class Dashboard:
    """The page in one tab, and what a user does with it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self, fragment: str = "") -> None:
        """Load the page and wait for the frame of its whole state."""
        self.page.goto(self.url + fragment)
        self.settle()

    def settle(self) -> None:
        """Wait until the picture shows the newest state."""
        # A change goes out with the next repaint: before it, nothing is waited for yet.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
        self.page.wait_for_function(
            """() => document.body.dataset.phase === "live" && document.body.dataset.connection === "live"
                 && !document.getElementById("scene").hasAttribute("data-computing")"""
        )

    def picture(self) -> str:
        """The shown picture, pixel for pixel."""
        return str(self.page.evaluate("document.getElementById('picture').toDataURL()"))

    def maps(self) -> list[str]:
        """The shown activation maps, pixel for pixel."""
        script = "[...document.querySelectorAll('.tile canvas')].map((canvas) => canvas.toDataURL())"
        return list(self.page.evaluate(script))

    def wait_for_other_picture(self, old: str) -> None:
        """Wait until the picture isn't `old` any more."""
        self.page.wait_for_function("old => document.getElementById('picture').toDataURL() !== old", arg=old)

    def wait_for_picture(self, expected: str) -> None:
        """Wait until the picture is `expected`, pixel for pixel."""
        self.page.wait_for_function(
            "expected => document.getElementById('picture').toDataURL() === expected", arg=expected
        )

    def wait_for_hash(self, pattern: str) -> None:
        """Wait until the address's fragment matches a regular expression."""
        self.page.wait_for_function("pattern => new RegExp(pattern).test(location.hash)", arg=pattern)

    def control(self, key: str, part: str = "") -> Any:
        """The input of a parameter; part `.value` is its typed value."""
        return self.page.locator(f'[id="{key}{part}"]')

    def number(self, key: str) -> float:
        """The typed value's number."""
        return float(self.control(key, ".value").input_value())

    def scene_point(self) -> tuple[float, float]:
        """The middle of the picture."""
        box = self.page.locator("#scene").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, right: float, down: float, *, button: Any = "left") -> None:
        """Drag from the middle of the picture."""
        x, y = self.scene_point()
        self.page.mouse.move(x, y)
        self.page.mouse.down(button=button)
        self.page.mouse.move(x + right / 2, y + down / 2)
        self.page.mouse.move(x + right, y + down)
        self.page.mouse.up(button=button)
