"""One real server for all tests that talk to it, and one studio for those that need no server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from perturber.client import Client
from perturber.studio import Studio, StudioSettings


@dataclass(frozen=True)
class RunningServer:
    """A `perturber serve` process and where it listens."""

    process: subprocess.Popen[str]
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def websocket(self) -> str:
        return f"ws://{self.host}:{self.port}/ws"

    def client(self) -> Client:
        return Client(self.websocket)


def start_server(port: int = 0) -> RunningServer:
    """Start the dashboard as a user would, and wait until it says where it is."""
    command = [sys.executable, "-m", "perturber.cli", "serve", "--port", str(port), "--device", "cpu"]
    environment = {**os.environ, "PYTHONWARNINGS": "error::ResourceWarning"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://([\d.]+):(\d+)", line)
        if found:
            return RunningServer(process, found[1], int(found[2]))
    raise RuntimeError(f"the server ended with status {process.wait()} before it was up")


def stop_server(server: RunningServer) -> int:
    """End it as Ctrl+C does; its exit status."""
    server.process.terminate()
    status = server.process.wait(timeout=20)
    assert server.process.stdout is not None
    server.process.stdout.close()
    return status


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    running = start_server()
    yield running
    stop_server(running)


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    with Studio(StudioSettings(device="cpu")) as studio:
        yield studio
