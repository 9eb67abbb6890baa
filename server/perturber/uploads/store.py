"""What was brought and parsed, kept under the hash of its content, in the user's cache."""

import contextlib
import json
import os
import re
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perturber import paths
from perturber.uploads import limits
from perturber.uploads.errors import GoneError

KINDS = ("object", "background", "picture")
HASH = re.compile(r"[0-9a-f]{64}")


class Store:
    """Arrays and a description for each content, as `<kind>/<hash>.npz` and `.json` in one folder.

    Processes may share it: files appear whole. `sweep` removes what nobody used for `seconds`, and above
    `most_bytes` what was used longest ago.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        most_bytes: int = limits.KEPT_BYTES,
        seconds: float = limits.KEPT_SECONDS,
    ) -> None:
        self.folder = folder or paths.cache() / "uploads"
        self._most_bytes, self._seconds = most_bytes, seconds

    def new_file(self) -> "tempfile._TemporaryFileWrapper[bytes]":
        """A file for the parser to write into, to be given to `keep`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self.folder, prefix="new-", delete=False)

    def keep(self, kind: str, content: str, file: Path, about: Mapping[str, object]) -> dict[str, Any]:
        """Take `file` over as the arrays of `content`; its description."""
        place = self._place(kind, content)
        place.parent.mkdir(parents=True, exist_ok=True)
        described = {**about, "kind": kind, "content": content}
        text = place.with_suffix(".json.new")
        text.write_text(json.dumps(described), encoding="utf-8")
        file.replace(place)
        text.replace(place.with_suffix(".json"))
        self.sweep()
        return described

    def about(self, kind: str, content: str) -> dict[str, Any]:
        """The description of a content, which counts as a use.

        Raises:
            GoneError: it isn't here (any more).
        """
        place = self._place(kind, content)
        try:
            described = json.loads(place.with_suffix(".json").read_text(encoding="utf-8"))
            os.utime(place)
        except (OSError, ValueError):
            raise _gone(kind, content) from None
        if not isinstance(described, dict):
            raise _gone(kind, content)
        return described

    def arrays(self, kind: str, content: str) -> dict[str, NDArray[Any]]:
        """The arrays of a content, which counts as a use.

        Raises:
            GoneError: they aren't here (any more).
        """
        place = self._place(kind, content)
        try:
            os.utime(place)
            with np.load(place, allow_pickle=False) as archive:
                return dict(archive)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            raise _gone(kind, content) from None

    def array(self, kind: str, content: str, name: str) -> NDArray[Any]:
        """One array of a content, without the others.

        Raises:
            GoneError: it isn't here (any more).
        """
        try:
            with np.load(self._place(kind, content), allow_pickle=False) as archive:
                return np.asarray(archive[name])
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            raise _gone(kind, content) from None

    def remove(self, kind: str, content: str) -> None:
        """Forget a content; one that isn't here is no error."""
        for suffix in (".npz", ".json"):
            self._place(kind, content).with_suffix(suffix).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what is too old, then what is too much, and what an ended server left half written."""
        now, kept, rows = time.time(), 0, []
        for file in self.folder.glob("**/*"):
            with contextlib.suppress(OSError):
                known = file.stat()
                if file.name.startswith("new-") and now - known.st_mtime > 3600:
                    file.unlink()
                elif file.suffix == ".npz":
                    rows.append((known.st_mtime, known.st_size, file))
        for used, size, file in sorted(rows, reverse=True):
            kept += size
            if now - used > self._seconds or kept > self._most_bytes:
                file.unlink(missing_ok=True)
                file.with_suffix(".json").unlink(missing_ok=True)

    def _place(self, kind: str, content: str) -> Path:
        if kind not in KINDS or not HASH.fullmatch(content):
            raise _gone(kind, content)
        return self.folder / kind / f"{content}.npz"


def _gone(kind: str, content: str) -> GoneError:
    shown = content[:12] if HASH.fullmatch(content) else "none"
    return GoneError(
        f"the {kind} with content {shown} is not kept on this machine: it was removed, or brought on "
        "another; load its file again"
    )
