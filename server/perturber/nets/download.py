"""Downloads that are whole, not too large, and the same as the first time."""

import contextlib
import hashlib
import http.client
import json
import os
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from perturber.nets.weights import ModelError

Progress = Callable[[int, int | None], None]
"""Called with the bytes received so far and the bytes expected (None where the server doesn't say)."""

MAX_BYTES = 256 * 2**20
"""Several times what an Inception V1 takes."""

_TIMEOUT_S = 30
_CHUNK_BYTES = 2**18


@contextlib.contextmanager
def temporary_file(folder: Path) -> Iterator[Path]:
    """An empty file in `folder`, gone at the end unless it was moved away.

    Raises:
        ModelError: the folder can't be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".partial-", dir=folder)
    except OSError as error:
        raise ModelError(f"{folder}: expected a folder that can be written, got: {error}") from error
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def write_atomically(path: Path, content: str) -> None:
    """`content` into the file at `path`: whoever reads it sees the old or the new one, whole."""
    with temporary_file(path.parent) as partial:
        partial.write_text(content, encoding="utf-8")
        partial.replace(path)


def download(url: str, target: Path, progress: Progress | None) -> str:
    """Write what is at `url` into `target` and give its SHA-256.

    Raises:
        ModelError: the address can't be reached, the file ends too early or is too large.
    """
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response, target.open("wb") as file:
            return _receive(url, response, file, progress)
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(f"{url}: expected a download, got: {error}") from error


def _receive(url: str, response: http.client.HTTPResponse, file: BinaryIO, progress: Progress | None) -> str:
    header = response.headers.get("Content-Length", "")
    total = int(header) if header.isdigit() else None
    digest, received = hashlib.sha256(), 0
    while chunk := response.read(_CHUNK_BYTES):
        received += len(chunk)
        if max(received, total or 0) > MAX_BYTES:
            raise ModelError(f"{url}: expected at most {MAX_BYTES} bytes, got {max(received, total or 0)}")
        digest.update(chunk)
        file.write(chunk)
        if progress is not None:
            progress(received, total)
    if total is not None and received != total:
        raise ModelError(f"{url}: expected {total} bytes, got {received}: the download broke off")
    return digest.hexdigest()


class Checksums:
    """The SHA-256 of each address's first good download, in a JSON file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self, url: str, sha256: str) -> None:
        """That `sha256` is the recorded one, or the first.

        Raises:
            ModelError: another one is recorded.
        """
        expected = self._read().get(url, sha256)
        if sha256 != expected:
            cure = f"if the new file is to be trusted, delete {self._file}"
            raise ModelError(f"{url}: expected SHA-256 {expected} as at first, got {sha256}; {cure}")

    def record(self, url: str, sha256: str) -> None:
        """From now on `url` must give `sha256`."""
        write_atomically(self._file, json.dumps(self._read() | {url: sha256}, indent=2) + "\n")

    def _read(self) -> dict[str, str]:
        if not self._file.is_file():
            return {}
        try:
            return dict(json.loads(self._file.read_text(encoding="utf-8")))
        except (TypeError, ValueError) as error:
            raise ModelError(f"{self._file}: expected recorded checksums, got {error}") from error
