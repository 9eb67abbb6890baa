"""What a case of the corpus is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Upload:
    """Files brought as `kind`; the refusal must hold `part`."""

    name: str
    kind: str
    files: tuple[tuple[str, bytes], ...]
    part: str


@dataclass(frozen=True)
class Body:
    """A raw body sent to an address, with the HTTP status and a part of the refusal."""

    name: str
    kind: str
    content: bytes
    status: int
    part: str


@dataclass(frozen=True)
class Message:
    """A websocket message, with the code of the error that must answer it."""

    name: str
    content: str | bytes
    code: str


@dataclass(frozen=True)
class Command:
    """Files for `perturber ARGUMENTS`, where `{0}` is the first one; the error must hold `part`."""

    name: str
    files: tuple[tuple[str, bytes], ...]
    arguments: tuple[str, ...]
    part: str
