"""What can go wrong with an attack."""

from perturber.errors import PerturberError


class AttackError(PerturberError, ValueError):
    """Settings, a picture or a target no attack can take; the message names what was expected and got."""
