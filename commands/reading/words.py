"""A message cut into words, quotations and `name=value`, each with its place in the text as typed."""

import re
import unicodedata
from collections.abc import Container, Iterator
from typing import NamedTuple

from commands.folding import squeeze
from commands.reading.passing import passed
from commands.reading.signs import FAMILIES, LONGEST_QUOTE, MARKS, NAME, QUOTES, SINGLE, TOLD

_FAMILY = {mark: family for family in FAMILIES for mark in family}
_CLOSING = {family: re.compile(f"[{family}](?!\\w)" if family == SINGLE else f"[{family}]") for family in FAMILIES}
_BEGINNING = re.compile(rf"[\s=][{MARKS}]\w")
"""A quotation mark that stands where one begins."""
_TWICE = re.compile(rf"([{SINGLE}])\1(?=[^\s{SINGLE}])")
_TWICE_CLOSING = re.compile(rf"([{SINGLE}])\1(?!\w)")
_NAMED = re.compile(rf"({NAME})(\s{{0,2}})=(\s{{0,2}})")
_HERE = re.compile(TOLD)
_SPOT = re.compile(rf"(?<!\S){TOLD}")
_SIGN = re.compile(f"[=:!/–—{MARKS}-]")
"""One of these is in every such place, at most `_REACH` letters after its beginning."""
_REACH = 45
_WORD = re.compile(r"\S+")
_SPACE = re.compile(r"\s")
_STRETCH = re.compile(r"\S(?:.*\S)?", re.DOTALL)
_EDGE, _MANY = 240, 60
"""Letters at both ends of a long text that are cut into words; after so many tokens no quotation is an argument of its own."""
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


class Word(NamedTuple):
    """A word and where it begins."""

    text: str
    at: int


class Token(NamedTuple):
    """A word, a quotation, or a named value. `text` (from `at`) is what is meant; `start` to `end` is all that was typed for it.

    The middle of a long text is one token with spaces in it.
    """

    text: str
    at: int
    start: int
    end: int
    name: str = ""
    quoted: bool = False
    unclosed: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        """Return the words of what is meant, with their places."""
        return split(self.text, self.at)


def plain(text: str) -> str:
    """Return the text composed (NFC), with hyphens for all dashes: for ids and numbers, not for free text."""
    return unicodedata.normalize("NFC", text).translate(_DASHES)


def split(text: str, at: int = 0) -> tuple[Word, ...]:
    """Return the words between white space, non-breaking spaces included; `at` is where the text begins."""
    return tuple(Word(found.group(), at + found.start()) for found in _WORD.finditer(text))


def tokens(text: str, start: int = 0, names: Container[str] = ()) -> Iterator[Token]:
    """Yield the tokens from `start` on; around the `=` of a known (squeezed) name there may be spaces.

    The words of a long text are told apart only where an argument may begin or end: at its edges, and around a known name. In its middle
    an unknown name comes once.
    """
    at, begin, edge, count, known = start, start, start + _EDGE, 0, {"": False}
    while (spot := _spot(text, at)) >= 0:
        token = _special(text, spot, names)
        at = token.end
        again = token.name in known if token.name else count >= _MANY and token.quoted
        named = known[token.name] if token.name in known else known.setdefault(token.name, squeeze(token.name) in names)
        if again and not named and edge < spot and at < len(text) - _EDGE:
            at = passed(text, at, len(text) - _EDGE, known, quotations=count >= _MANY)
            continue
        words = (*_between(text, begin, edge, spot, named=named), token) if spot > begin + 1 else (token,)
        yield from words
        begin, count = at, count + len(words)
        edge = max(edge, at + _EDGE) if named or (token.quoted and count < _MANY) else edge
    yield from _between(text, begin, edge, len(text), named=True)


def _spot(text: str, at: int) -> int:
    """Return where the next word begins that may be more than a word, or -1; `at` begins a word whatever stands before it."""
    if _HERE.match(text, at):
        return at
    sign = _SIGN.search(text, at)
    found = _SPOT.search(text, max(at, sign.start() - _REACH)) if sign else None
    return found.start() if found else -1


def _special(text: str, at: int, names: Container[str]) -> Token:
    return _comma(text, at) or _named(text, at, names) or _value(text, at, at)


def _between(text: str, begin: int, edge: int, end: int, *, named: bool) -> Iterator[Token]:
    """Yield plain words one by one up to the edge, and before a name or the end of the text; what lies between as one."""
    head = _broken(text, edge, end) if edge > begin else begin
    far = (end if named else len(text)) - _EDGE
    tail = end if far >= end else max(head, _broken(text, max(begin, far), end))
    yield from _words(text, begin, head)
    if head < tail and (found := _STRETCH.search(text, head, tail)):
        yield Token(found.group(), found.start(), found.start(), found.end())
    yield from _words(text, tail, end)


def _broken(text: str, at: int, end: int) -> int:
    """Return where the next white space is, or the end."""
    found = _SPACE.search(text, at, end) if at < end else None
    return found.start() if found else end


def _words(text: str, begin: int, end: int) -> Iterator[Token]:
    for found in _WORD.finditer(text, begin, end):
        yield Token(found.group(), found.start(), found.start(), found.end())


def _comma(text: str, at: int) -> Token | None:
    """Return a comma that stands before a quotation, as in a list of quoted names."""
    return Token(",", at, at, at + 1) if text[at] == "," and text[at + 1 : at + 2] in QUOTES else None


def _named(text: str, start: int, names: Container[str]) -> Token | None:
    found = _NAMED.match(text, start)
    if not found:
        return None
    spaced = bool(found[2] or found[3])
    if spaced and squeeze(found[1]) not in names:
        return None
    return _value(text, start, found.end(), found[1])


def _value(text: str, start: int, at: int, name: str = "") -> Token:
    """Return the quotation or the word at `at`; an empty value where the text ends or a space follows."""
    family = _FAMILY.get(text[at : at + 1], "")
    if family == SINGLE and (twice := _twice(text, start, at, name)):
        return twice
    close = _closing(text, at, family) if family else -1
    if close >= 0:
        return Token(text[at + 1 : close], at + 1, start, close + 1, name, quoted=True)
    word = _WORD.match(text, at)
    end = word.end() if word else at
    return Token(text[at:end], at, start, end, name, unclosed=bool(family) and family != SINGLE)


def _twice(text: str, start: int, at: int, name: str) -> Token | None:
    """Return a quotation whose marks are each typed twice, like ``so`` and ''so''."""
    opened = _TWICE.match(text, at)
    closed = _TWICE_CLOSING.search(text, at + 2, at + LONGEST_QUOTE) if opened else None
    return Token(text[at + 2 : closed.start()], at + 2, start, closed.end(), name, quoted=True) if closed else None


def _closing(text: str, at: int, family: str) -> int:
    """Return where the quotation ends, or -1; an apostrophe ends it only where no letter follows.

    A mark that begins the next quotation ends none: in `syfte="hem tid="torsdag"` the first one is not closed.
    """
    found = _CLOSING[family].search(text, at + 1, at + LONGEST_QUOTE)
    return found.start() if found and not (found.start() > at + 1 and _BEGINNING.match(text, found.start() - 1)) else -1
