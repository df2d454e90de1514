"""Small shapes that several modules share."""

Pair = tuple[str, str]
"""A user id and a device id."""
