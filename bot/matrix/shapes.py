"""Small shapes that several modules share: pairs, and what may be read of JSON that an enemy may have made."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

Pair = tuple[str, str]
"""A user id and a device id."""
Fields = Mapping[str, Any]
NOTHING: Fields = MappingProxyType({})


def fields(value: object) -> Fields:
    """Return the value if it is a JSON object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else NOTHING


def items(value: object) -> list[Fields]:
    """Return the objects of a JSON list; anything else in it is left out."""
    found = [fields(item) for item in cast("list[object]", value)] if isinstance(value, list) else []
    return [item for item in found if item is not NOTHING]


def texts(value: object) -> tuple[str, ...]:
    """Return the strings of a JSON list; anything else in it is left out."""
    found = (text(item) for item in cast("list[object]", value)) if isinstance(value, list) else ()
    return tuple(item for item in found if item)


def text(value: object) -> str:
    """Return the value if it is a string, without lone surrogates and NUL, which databases refuse; else ""."""
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd") if isinstance(value, str) else ""
