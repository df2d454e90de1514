"""Free text among the arguments: the rest of the line, quoted or not, and the question whether its end is a date."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from commands.declare import Parameter
from commands.reading.moments import When, read_all, written
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.spoken import LONGEST, Said, said
from commands.reading.values import Taken, explained, frame, limited, whole
from commands.reading.words import Token, Word

_CONFIRMABLE = frozenset({Reason.WEEKEND, Reason.HOLIDAY})
"""Questions whose only candidate is the same day with its year."""
_SHORT = 3
"""Letters of an abbreviated weekday."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A text, and the date that was given after it in its place, if any."""

    text: str
    date: tuple[Parameter, object] | None = None


def typed(text: str, tokens: Sequence[Token]) -> str:
    """Return the text of the tokens as typed, with the white space between neighbours; what was cut out leaves one space."""
    out = ""
    for before, token in zip((None, *tokens), tokens, strict=False):
        if before:
            between = text[before.end : token.start]
            out += between if between.isspace() or not between else " "
        out += text[token.start : token.end]
    return unicodedata.normalize("NFC", out)


def rest(parameter: Parameter, tokens: Sequence[Token], dates: Sequence[Parameter], scene: Scene, text: str) -> Rest | Misread:
    """Return the text that takes all the tokens; `dates` are the arguments that a date at its end could be meant for."""
    if tokens[0].unclosed:
        return Misread(Reason.UNCLOSED_QUOTE, tokens[0].start, "ett citattecken till")
    if tokens[0].quoted and (quoted := _quoted(parameter, tokens, dates, scene, text)):
        return quoted
    if dates and (asked := _date_or_text(parameter, tokens, dates[0], scene, text)):
        return asked
    return _rest(limited(parameter, typed(text, tokens), tokens[0].start, 0))


def _rest(taken: Taken, date: tuple[Parameter, object] | None = None) -> Rest | Misread:
    return taken if isinstance(taken, Misread) else Rest(str(taken[0]), date)


def _quoted(parameter: Parameter, tokens: Sequence[Token], dates: Sequence[Parameter], scene: Scene, text: str) -> Rest | Misread | None:
    """Return what is inside the quotation, with a date after it; None where the quotation only begins the text."""
    inner = limited(parameter, unicodedata.normalize("NFC", tokens[0].text), tokens[0].at, 1)
    if len(tokens) == 1:
        return _rest(inner)
    words = _words(tokens[1:])
    found = said(words)
    if not dates or not found or found[1] < len(words):
        return None
    taken = whole(dates[0], words, scene, text)
    return explained(taken, dates[0]) if isinstance(taken, Misread) else _rest(inner, (dates[0], taken[0]))


def _date_or_text(parameter: Parameter, tokens: Sequence[Token], date: Parameter, scene: Scene, text: str) -> Misread | None:
    """Ask about a text that ends like a date; one that ends in a question or exclamation mark closes what stands before it."""
    quoted = next((len(tokens) - i for i, token in enumerate(reversed(tokens)) if token.quoted), 0)
    for begin in range(max(quoted, len(tokens) - LONGEST), len(tokens)):
        words = _words(tokens[begin:])
        found = said(words)
        if words[-1].text[-1] not in "?!" and found and found[1] == len(words) and _telling(found[0], words):
            return _question(parameter, tokens, begin, date, scene, text)
    return None


def _telling(phrase: Said, words: Sequence[Word]) -> bool:
    """Whether a phrase names a day or an hour; a short word alone ("son", "man", "sat") is no weekday at the end of a text."""
    if len(words) == 1 and words[0].text.isalpha() and len(words[0].text) <= _SHORT:
        return False
    return phrase.day is not None or phrase.clock is not None or phrase.span is not None


def _question(parameter: Parameter, tokens: Sequence[Token], begin: int, date: Parameter, scene: Scene, text: str) -> Misread:
    phrase, before = typed(text, tokens[begin:]), typed(text, tokens[:begin])
    meant = read_all(date.kind, _words(tokens[begin:]), frame(date, scene))
    when: When | None = None if isinstance(meant, Misread) else meant
    confirmed = meant.values.get("candidates", ()) if isinstance(meant, Misread) and meant.reason in _CONFIRMABLE else ()
    stamp = " ".join(cast("tuple[str, ...]", confirmed)) or (phrase if when is None else written(when))
    candidates = (f'{before} {date.word}="{stamp}"'.strip(), f"”{typed(text, tokens)}”")
    values = {"text": before, "date": when, "name": date.word, "candidates": candidates}
    return Misread(Reason.DATE_OR_TEXT, tokens[begin].start, "datum eller text", name=parameter.name, values=values)


def _words(tokens: Sequence[Token]) -> tuple[Word, ...]:
    return tuple(word for token in tokens for word in token.words)
