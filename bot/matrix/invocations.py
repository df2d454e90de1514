"""A command that a client sent as a structure (MSC4391, unstable), written as the line that a person would type.

The line goes through the same reader as any other, so that nothing can be said in the structure that could not be typed.
"""

import re
from typing import cast

from commands.reading.signs import ANGLE, DOUBLE

COMMAND = "org.matrix.msc4391.command"
MOST = 40
"""Arguments of one command; no command has as many."""
_NAME = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,4}")
_KEY = re.compile(r"[^\W\d_]{1,40}")
_MARKS = ((frozenset(DOUBLE), '"{}"'), (frozenset(ANGLE), "«{}»"))
"""Quotation marks, and what may not stand between them."""


def line(block: object) -> str:
    """Return the command as typed, "" for what is none. A value that cannot be quoted is left out: the bot then asks for it."""
    content = cast("dict[str, object]", block) if isinstance(block, dict) else {}
    name, given = content.get("command"), content.get("arguments", {})
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(given, dict):
        return ""
    arguments = cast("dict[str, object]", given)
    if len(arguments) > MOST or not all(_KEY.fullmatch(key) for key in arguments):
        return ""
    words = [f"{key}={value}" for key, each in arguments.items() if (value := _value(each))]
    return " ".join((f"!{name}", *words))


def _value(value: object) -> str:
    if isinstance(value, list):
        found = [_one(each) for each in cast("list[object]", value)]
        return ",".join(found) if all(found) else ""
    return _one(value)


def _one(value: object) -> str:
    match value:
        case bool():
            return "ja" if value else "nej"
        case int():
            return str(value)
        case str() if value.strip():
            text = value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
            return next((form.format(text) for taken, form in _MARKS if not taken & set(text)), "")
        case _:
            return ""
