"""What can go wrong between a view and its picture."""

from perturber.errors import PerturberError


class RenderError(PerturberError):
    """A picture that could not be made; the message says why, and the cure where there is one."""


class AssetError(RenderError):
    """A file that doesn't hold what it should: the message says which, what was expected, what came."""
