"""What every command can say to its user when it can't go on."""


class Problem(Exception):
    """Something the user can mend; the message names what was expected, what came, and the cure."""
