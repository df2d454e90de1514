"""What clients are told of the commands, so that they can offer them (MSC4391, unstable): pure values from the declarations.

One state event for each command: its key must be the hash of command and sender, so several commands cannot share one.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from care.effects import PlaceKind
from care.language import Language
from commands.catalogue import COMMANDS
from commands.declare import Command, Kind, Parameter
from commands.translation import english

DESCRIPTION = "org.matrix.msc4391.command_description"
TAIL = "fi.mau.tail_parameter"
"""Which parameter takes the rest of the line: not in the proposal, but in what clients use of it (mautrix, gomuks)."""
_TYPES: Mapping[Kind, str] = {Kind.YES_NO: "boolean", Kind.NUMBER: "integer", Kind.USER: "user_id"}

Content = dict[str, Any]


def state_key(name: str, user: str) -> str:
    """Return the key under which a user describes a command: padded base64 of the SHA-256 of both (MSC4391, "Invariants")."""
    return base64.b64encode(hashlib.sha256(f"{name}{user}".encode()).digest()).decode("ascii")


def descriptions(kind: PlaceKind, language: Language = Language.SV) -> tuple[Content, ...]:
    """Return the content of a state event for each command that works in rooms of a kind.

    A room of several has one set of them, so they are in the language of the installation; the names of the other are aliases.
    """
    return tuple(_description(command, language) for command in COMMANDS if kind in command.where)


def digest(found: tuple[Content, ...]) -> str:
    """Return what changes when any of the descriptions does, "" for none."""
    plain = json.dumps(found, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest() if found else ""


def _description(declared: Command, language: Language) -> Content:
    translated = english(declared)
    command, other = (declared, translated) if language is Language.SV else (translated, declared)
    tail = next((parameter.word for parameter in command.parameters if parameter.rest), "")
    return {
        "command": command.name,
        "aliases": [other.name, *command.also],
        "description": _text(command.says),
        "parameters": [_parameter(parameter) for parameter in command.parameters],
        **({TAIL: tail} if tail else {}),
    }


def _parameter(parameter: Parameter) -> Content:
    """Return a parameter. Required is only what has a place of its own: Samrum asks for the rest, one thing at a time."""
    optional = not parameter.required or parameter.named_only or parameter.rest
    return {
        "key": parameter.word,
        "schema": {"schema_type": "array", "items": _schema(parameter)} if parameter.many else _schema(parameter),
        **({"description": _text(parameter.arg.ask)} if parameter.arg.ask else {}),
        **({"optional": True} if optional else {}),
    }


def _schema(parameter: Parameter) -> Content:
    if parameter.kind is Kind.CHOICE:
        return {"schema_type": "union", "variants": [{"schema_type": "literal", "value": word} for word in parameter.choices]}
    return {"schema_type": "primitive", "type": _TYPES.get(parameter.kind, "string")}


def _text(words: str) -> Content:
    return {"m.text": [{"body": words}]}
