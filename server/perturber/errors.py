"""What all of the product's own errors have in common."""


class PerturberError(Exception):
    """Something a user can understand and mend: the message names what was expected and what came."""
