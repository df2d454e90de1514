"""What was said about day and hour: a strict grammar of the words alone, without knowing what day it is.

A phrase is read as far as the grammar reaches, and what is left over is for the reader to refuse. Nothing is guessed: where words can
mean two things, both are kept, and `moments` asks (commands 1).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta

from commands.reading import clocks, days
from commands.reading.clocks import Clock
from commands.reading.days import Day
from commands.reading.vocabulary import MONTHS, WEEKDAYS, normal, number
from commands.reading.words import Word

LONGEST = 12
"""A phrase for a day and an hour has at most this many words."""
_GLUED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9].*)|(kl)\.?([0-9].*)|(v)\.?([0-9]{1,2})|([0-9]{1,2})([a-z]{3,})")
_SPANS = {
    **dict.fromkeys(("timme", "timmar", "tim", "hour", "hours"), 60),
    **dict.fromkeys(("minut", "minuter", "min", "minute", "minutes"), 1),
}
_GOES_ON = clocks.CALLED | frozenset(WEEKDAYS) | frozenset({"halv", "kvart", "nasta", "vecka", "den"})


@dataclass(frozen=True, slots=True)
class Said:
    """A day, an hour, or both; or a span of elapsed time from now. `fold` is the summer (0) or winter (1) one of two equal wall times."""

    day: Day | None = None
    clock: Clock | None = None
    part: str = ""
    fold: int | None = None
    span: timedelta | None = None

    def times(self) -> tuple[time, ...]:
        """Return the wall times that may be meant: none where no hour was said, two where it must be asked."""
        return self.clock.times(self.part) if self.clock else ()


def said(words: Sequence[Word]) -> tuple[Said, int] | None:
    """Return what the first words say about day and hour, and how many of them were read; None when it is nothing."""
    pieces = [(piece, i) for i, word in enumerate(words[:LONGEST]) for piece in _pieces(normal(word.text))]
    normals = [piece for piece, _ in pieces]
    found, end = _span(normals) or _walk(normals)
    broken = 0 < end < len(pieces) and pieces[end][1] == pieces[end - 1][1]
    contradicts = bool(found.part or found.clock) and not found.times()
    return None if end == 0 or broken or contradicts else (found, pieces[end - 1][1] + 1)


def goes_on(words: Sequence[Word]) -> bool:
    """Whether words after a phrase look as if they belonged to it, although the grammar did not reach them."""
    first = normal(words[0].text) if words else ""
    return first in _GOES_ON or first[:1].isdigit()


def bare_end(words: Sequence[Word]) -> bool:
    """Whether a phrase ends in a number that could as well count what follows ("på tisdag 13 personer")."""
    return number(normal(words[-1].text)) is not None and (
        len(words) == 1 or normal(words[-2].text) not in clocks.CALLED | {"halv", "i", "over", "past"}
    )


def _pieces(word: str) -> tuple[str, ...]:
    """Return the parts of words that are written together: "kl13", "v49", "1dec", and the T of ISO 8601."""
    found = _GLUED.fullmatch(word)
    pieces = tuple(piece for piece in found.groups() if piece) if found else (word,)
    return pieces if not found or not found[8] or found[8] in MONTHS else (word,)


def _walk(words: Sequence[str]) -> tuple[Said, int]:
    found, at = Said(), 0
    while at < len(words) and (more := _more(found, words, at)):
        found, at = more
    return found, at


def _more(found: Said, words: Sequence[str], at: int) -> tuple[Said, int] | None:
    """Return what is known after the next piece of the phrase, or None when the grammar ends here."""
    if not found.day and (day := days.day(words, at)):
        return replace(found, day=day[0]), day[1]
    if not found.clock and (clock := clocks.clock(words, at, bare=found.day is not None)):
        return replace(found, clock=clock[0]), clock[1]
    if (found.day or found.clock) and not found.part and (part := clocks.part(words, at)):
        return replace(found, part=part[0]), part[1]
    if found.clock and found.fold is None and words[at] in clocks.ZONES:
        return replace(found, fold=clocks.ZONES[words[at]]), at + 1
    return None


def _span(words: Sequence[str]) -> tuple[Said, int] | None:
    """Read "om 30 minuter", "om två timmar": elapsed time."""
    opening, count, unit = (*words[:3], "", "", "")[:3]
    amount = 1 if count in {"a", "an"} else number(count)
    if opening not in {"om", "in"} or not amount or unit not in _SPANS:
        return None
    return Said(span=timedelta(minutes=amount * _SPANS[unit])), 3
