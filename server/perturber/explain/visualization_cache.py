"""Finished visualizations on disk, by content: bounded, shared by processes, indifferent to damage."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from perturber.explain.visualization import Visualization

LIMIT_BYTES = 96 * 2**20
"""Some five thousand pictures."""

_KEPT_SHARE = 0.8
"""What an eviction leaves of the limit, so that not every picture evicts."""
_ROUND = 16
"""Pictures written between two looks at the folder's size."""


class VisualizationCache:
    """A folder of PNG files named by a hash; the least recently used go first.

    Safe for several threads and processes: a file appears whole or not at all, and may be gone at any time.
    A folder that can't be written keeps nothing.
    """

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES) -> None:
        self._folder, self._limit, self._written = folder, limit, 0

    def find(self, key: str) -> Visualization | None:
        """The picture kept under `key`; None where there is none, or a damaged one, which is removed."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        try:
            found = Visualization.from_png(content)
        except Exception:  # whatever the decoder makes of damaged bytes
            _remove(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return found

    def keep(self, key: str, visualization: Visualization) -> None:
        """Keep a picture under `key`, and drop the least recently used ones beyond the limit."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(self._path(key), visualization.to_png())
            self._written += 1
            if self._written % _ROUND == 1:
                self._evict()

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.png"

    def _write(self, path: Path, content: bytes) -> None:
        handle, name = tempfile.mkstemp(suffix=".tmp", dir=self._folder)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            temporary.replace(path)
        except BaseException:
            _remove(temporary)
            raise

    def _evict(self) -> None:
        """By the time of last use; what another process has removed meanwhile is no trouble."""
        files = []
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):
                facts = path.stat()
                files.append((facts.st_mtime_ns, facts.st_size, path))
        total = sum(size for _, size, _ in files)
        if total <= self._limit:
            return
        for _, size, path in sorted(files):
            _remove(path)
            total -= size
            if total <= _KEPT_SHARE * self._limit:
                return


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
