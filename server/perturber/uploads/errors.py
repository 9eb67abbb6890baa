"""What can be wrong with a file that somebody brings."""

from perturber.errors import PerturberError


class UploadError(PerturberError):
    """A file that is refused; the message says what was expected and what came. `status` is HTTP's."""

    status = 400


class TooLargeError(UploadError):
    """More bytes than are taken."""

    status = 413


class QuotaError(UploadError):
    """More than one session may bring in a time."""

    status = 429


class NotAllowedError(UploadError):
    """An upload that doesn't come from an open dashboard of this server."""

    status = 403


class GoneError(UploadError):
    """Content that is not kept here."""

    status = 404
