"""What the rest of the house calls: take an upload, and whatever sessions brought so far."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from perturber.uploads import limits
from perturber.uploads.bundle import PREFIX, BundledFile, content_hash, encode, header_size, parse_header
from perturber.uploads.errors import NotAllowedError, TooLargeError, UploadError
from perturber.uploads.parser import Parser
from perturber.uploads.quota import Quota
from perturber.uploads.store import KINDS, Store

_CHUNK = 1 << 20


class Uploads:
    """Parser, store and the open sessions' quotas. A context manager: its end stops the parser."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self._parser = Parser()
        self._sessions: dict[str, Quota] = {}

    def __enter__(self) -> "Uploads":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the parser."""
        self._parser.close()

    def prepare(self) -> None:
        """Get ready for the first upload: a parser waits, what is too old is gone."""
        self._parser.prepare()
        self.store.sweep()

    def open_session(self) -> str:
        """A new session's secret name: who knows it may upload."""
        name = secrets.token_urlsafe(18)
        self._sessions[name] = Quota()
        return name

    def close_session(self, name: str) -> None:
        """Nobody may upload in this session's name any more."""
        self._sessions.pop(name, None)

    def quota(self, session: str) -> Quota:
        """The quota of an open session.

        Raises:
            NotAllowedError: there is no such session.
        """
        quota = self._sessions.get(session)
        if quota is None:
            raise NotAllowedError("expected the session of an open dashboard: reload the page")
        return quota

    def body(self, kind: str) -> "Body":
        """A place for an upload of `kind` to come in.

        Raises:
            UploadError: there is no such kind.
        """
        if kind not in KINDS:
            raise UploadError(f"expected an upload of {', '.join(KINDS)}, got {kind[:40]!r}")
        return Body(kind)

    def take(self, body: "Body") -> dict[str, Any]:
        """Parse what came in and keep it; its description. Content that is known isn't parsed again.

        Raises:
            UploadError: refused, with the reason.
        """
        files = body.files()
        content = content_hash([(file.name, body.digest(file)) for file in files])
        try:
            return self.store.about(body.kind, content)
        except UploadError:
            pass
        with self.store.new_file() as target:
            try:
                about = self._parser.parse(body.kind, files, body.file.fileno(), target.fileno())
                return self.store.keep(body.kind, content, Path(target.name), about)
            finally:
                Path(target.name).unlink(missing_ok=True)

    def take_files(self, kind: str, files: Sequence[Path]) -> dict[str, Any]:
        """As `take`, for files of this machine, as a command names them.

        Raises:
            UploadError: refused, with the reason.
        """
        try:
            if sum(file.stat().st_size for file in files) > limits.BYTES[kind]:
                raise TooLargeError(too_large(kind))
            contents = [(file.name, file.read_bytes()) for file in files]
        except OSError as error:
            raise UploadError(f"{error.filename}: can't be read: {error.strerror}") from error
        with self.body(kind) as body:
            body.write(encode(contents))
            return self.take(body)


class Body:
    """One upload on its way in: a nameless file of bounded size."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.size = 0
        self.file: IO[bytes] = tempfile.TemporaryFile(prefix="perturber-upload-")  # noqa: SIM115

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLargeError: more than an upload of this kind may have.
        """
        self.size += len(chunk)
        if self.size > limits.BYTES[self.kind] + limits.HEADER_BYTES + PREFIX:
            raise TooLargeError(too_large(self.kind))
        self.file.write(chunk)

    def files(self) -> list[BundledFile]:
        """The files that came in.

        Raises:
            UploadError: not an upload, or a list of files that doesn't fit what came.
        """
        self.file.flush()
        length = header_size(os.pread(self.file.fileno(), PREFIX, 0))
        return parse_header(os.pread(self.file.fileno(), length, PREFIX), self.size, self.kind)

    def digest(self, file: BundledFile) -> str:
        """The SHA-256 of one of the files."""
        known = hashlib.sha256()
        for offset in range(file.offset, file.offset + file.size, _CHUNK):
            size = min(_CHUNK, file.offset + file.size - offset)
            known.update(os.pread(self.file.fileno(), size, offset))
        return known.hexdigest()


def too_large(kind: str) -> str:
    article = "an" if kind == "object" else "a"
    return f"expected at most {limits.BYTES[kind] // limits.MEBIBYTE} MiB for {article} {kind}"
