"""A real server, a real Chromium, the real page.

`PERTURBER_CHROMIUM` names the browser's executable where it isn't found by itself.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.driver import Dashboard, Server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-pre-commit-input",  # else keys are dropped until the first paint, late on a busy machine
]
WAIT_MS = 20_000
WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def new_server() -> Iterator[Callable[..., Server]]:
    """Makes started servers; each ends with the session."""
    servers: list[Server] = []
    with tempfile.TemporaryDirectory() as folder:
        logs: list[IO[bytes]] = []

        def make(*options: str) -> Server:
            logs.append((Path(folder) / f"{len(logs)}.log").open("wb+"))
            servers.append(Server(logs[-1], *options))
            servers[-1].start()
            return servers[-1]

        yield make
        for server in servers:
            server.stop()
        for log in logs:
            log.close()


@pytest.fixture(scope="session")
def server(new_server: Callable[..., Server]) -> Server:
    """The server that most tests share: sessions don't disturb each other."""
    return new_server()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium with a fresh profile."""
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    executable = os.environ.get("PERTURBER_CHROMIUM") or next(filter(None, found), None)
    if executable is None:
        pytest.skip("no Chromium found; install it, or name its executable in PERTURBER_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


class Watched:
    """A page, and all that it did wrong: errors in its console, requests to foreign hosts."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self._context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})
        self._context.set_default_timeout(WAIT_MS)
        self._own = (url, url.replace("http", "ws"), "data:", "blob:")
        self.complaints: list[str] = []
        self.page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("console", self._read)
        self.page.on("request", lambda request: self._visit(request.url))

    def _read(self, message: ConsoleMessage) -> None:
        # The browser itself logs a refused connection, and a refused upload.
        address = str(message.location.get("url", ""))
        expected = "WebSocket connection to" in message.text or "/api/uploads/" in address
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(message.text)

    def _visit(self, address: str) -> None:
        if not address.startswith(self._own):
            self.complaints.append(f"foreign request: {address}")

    def close(self) -> None:
        """Close the tab and forget its profile."""
        self._context.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages with profiles of their own."""
    watched: list[Watched] = []

    def make(url: str, **options: Any) -> Page:
        watched.append(Watched(browser, url, **options))
        return watched[-1].page

    yield make
    for page in watched:
        page.close()
    assert [complaint for page in watched for complaint in page.complaints] == []


@pytest.fixture(scope="session")
def shared(browser: Browser, server: Server) -> Iterator[Watched]:
    """One tab for the tests that need nothing special: its cache makes loading quick."""
    watched = Watched(browser, server.url)
    yield watched
    watched.close()


@pytest.fixture
def dashboard(shared: Watched, server: Server) -> Iterator[Dashboard]:
    """The page, opened at its defaults, remembering nothing."""
    opened = Dashboard(shared.page, server.url)
    opened.open()
    yield opened
    shared.page.evaluate("localStorage.clear()")
    shared.page.goto("about:blank")
    complaints, shared.complaints = shared.complaints, []
    assert complaints == []
