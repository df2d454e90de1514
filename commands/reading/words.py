"""A message cut into words, quotations and `name=value`, each with its place in the text as typed."""

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass

from commands.folding import squeeze

_FAMILIES = ('"“”„‟', "'‘’‚‛", "«»")
_LONGEST_QUOTE = 4002
"""Letters of a quotation, its marks included: the longest argument fits."""
_CLOSING = {family: re.compile(f"[{family}](?!\\w)" if "'" in family else f"[{family}]") for family in _FAMILIES}
_OPENING = frozenset("".join(_FAMILIES))
_NAMED = re.compile(r"([^\s=\"'“”„«»<>/?&:,]{1,40})(\s{0,2})=(\s{0,2})")
_WORD = re.compile(r"\S+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it begins."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quotation, or a named value. `text` (from `at`) is what is meant; `start` to `end` is all that was typed for it."""

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
    """Yield the tokens from `start` on; around the `=` of a known (squeezed) name there may be spaces."""
    at = start
    while found := _WORD.search(text, at):
        token = _comma(text, found.start()) or _named(text, found.start(), names) or _value(text, found.start(), found.start())
        yield token
        at = token.end


def _comma(text: str, at: int) -> Token | None:
    """Return a comma that stands before a quotation, as in a list of quoted names."""
    return Token(",", at, at, at + 1) if text[at] == "," and text[at + 1 : at + 2] in _OPENING else None


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
    family = next((family for family in _FAMILIES if text[at : at + 1] and text[at] in family), "")
    close = _closing(text, at, family) if family else -1
    if close >= 0:
        return Token(text[at + 1 : close], at + 1, start, close + 1, name, quoted=True)
    word = _WORD.match(text, at)
    end = word.end() if word else at
    return Token(text[at:end], at, start, end, name, unclosed=bool(family) and "'" not in family)


def _closing(text: str, at: int, family: str) -> int:
    """Return where the quotation ends, or -1; an apostrophe ends it only where no letter follows."""
    found = _CLOSING[family].search(text, at + 1, at + _LONGEST_QUOTE)
    return found.start() if found else -1
