"""A message cut into pieces: words, quotations, and `name=` with what follows it directly."""

import re
from dataclasses import dataclass

from tests.commands.oracle.verdict import Wrong

FAMILIES = ('"“”„', "«»", "'‘’")
PAIRS = {mark: family for family in FAMILIES for mark in family}
"""Any mark of a family closes what another began."""
APOSTROPHES = FAMILIES[2]
NAME = re.compile(r"[^\W\d][\w-]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a quotation of the message, from `start` to `end`; `name` is set where `name=` stands before it (squeezed by nobody)."""

    text: str
    start: int
    end: int
    quoted: bool = False
    name: str = ""
    broken: bool = False


def pieces(message: str, start: int) -> list[Piece]:
    """Return the pieces from a place on."""
    found: list[Piece] = []
    at = start
    while at < len(message):
        if message[at].isspace():
            at += 1
            continue
        piece = _piece(message, at)
        found.append(piece)
        at = piece.end
    return found


def _piece(message: str, at: int) -> Piece:
    named = re.match(rf"({NAME.pattern})=", message[at:])
    value = at + named.end() if named else at
    name = named[1] if named else ""
    if value < len(message) and message[value] in PAIRS:
        closed = _closing(message, value)
        if closed:
            return Piece(message[value + 1 : closed], at, closed + 1, quoted=True, name=name)
    end = value
    while end < len(message) and not message[end].isspace():
        end += 1
    broken = value < end and message[value] in PAIRS and message[value] not in APOSTROPHES
    return Piece(message[value:end], at, end, name=name, broken=broken)


def _closing(message: str, opening: int) -> int:
    """Return where a quotation ends: at the next mark of its family, unless that mark begins another; 0 where it never ends.

    An apostrophe inside a word (it's) ends nothing.
    """
    for place in range(opening + 1, len(message)):
        if message[place] not in PAIRS[message[opening]]:
            continue
        before, letter_follows = message[place - 1], message[place + 1 : place + 2].isalnum()
        if message[place] in APOSTROPHES and letter_follows:
            continue
        return 0 if place - 1 > opening and letter_follows and (before.isspace() or before == "=") else place
    return 0


def unended(found: list[Piece]) -> list[Wrong]:
    """Return what is wrong with each quotation that is begun and never ended."""
    return [Wrong("unclosed_quote", (piece.start, piece.end)) for piece in found if piece.broken]
