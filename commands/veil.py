"""Long numbers hidden: what the bot repeats of a message never holds the number of a person."""

import re
from collections.abc import Mapping
from typing import cast

LONG = re.compile(r"\d{6,}[ +–-]?\d*")
"""Six digits together or more: perhaps the number of a person, never a date or a time."""


def veiled(text: str) -> str:
    """Return the text with long numbers hidden, each letter in its place."""
    return LONG.sub(lambda found: re.sub(r"\d", "•", found.group()), text)


def hidden(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of an answer with the same done to every text among them, and to the texts of every list."""
    return {name: _hidden(value) for name, value in values.items()}


def _hidden(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_hidden(each) for each in cast("tuple[object, ...]", value))
    return veiled(value) if type(value) is str else value
