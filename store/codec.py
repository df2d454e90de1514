"""Values to bytes and back: events, effects and forms are plain dataclasses, and JSON is what the store seals."""

import base64
import json
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

T = TypeVar("T")


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _binary(kind: type[Any]) -> frozenset[str]:
    return frozenset(f.name for f in fields(kind) if f.type is bytes)


def encode(value: object) -> bytes:
    """Return a dataclass value as JSON. Half a surrogate pair, which JSON from outside may hold and no text can, becomes "?"."""
    return json.dumps(to_jsonable_python(value, bytes_mode="base64"), ensure_ascii=False).encode(errors="replace")


def decode(kind: type[T], data: bytes) -> T:
    """Return the value of a dataclass that `encode` wrote; raise pydantic.ValidationError when it does not fit."""
    # mypy does not see that a type is hashable.
    adapter: TypeAdapter[T] = _adapter(kind)  # type: ignore[arg-type]
    binary = _binary(kind)  # type: ignore[arg-type]
    if not binary:
        return adapter.validate_json(data)
    plain = json.loads(data)
    for name in binary:
        plain[name] = base64.urlsafe_b64decode(plain[name])
    return adapter.validate_python(plain)
