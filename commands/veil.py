"""Long numbers hidden: what the bot repeats of a message never holds the number of a person."""

import re

LONG = re.compile(r"\d{6,}[ +–-]?\d*")
"""Six digits together or more: perhaps the number of a person, never a date or a time."""


def veiled(text: str) -> str:
    """Return the text with long numbers hidden, each letter in its place."""
    return LONG.sub(lambda found: re.sub(r"\d", "•", found.group()), text)
