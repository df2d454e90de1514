"""What was said about day and hour: a strict grammar of the words alone, without knowing what day it is.

A phrase is read as far as the grammar reaches, and what is left over is for the reader to refuse. Nothing is guessed: where words can
mean two things, both are kept, and `moments` asks (commands 1, decision 0026).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commands.reading import clocks, days, spans
from commands.reading.clocks import Clock
from commands.reading.days import Day
from commands.reading.numerals import number
from commands.reading.vocabulary import MONTHS, PARTS, WEEKDAYS, normal
from commands.reading.words import Word

LONGEST = 12
"""A phrase for a day and an hour has at most this many words."""
_HOUR = r"[0-9]{1,2}(?:[:.,][0-9]{2})?"
_GLUED = tuple(
    map(
        re.compile,
        (
            r"([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9].*)",
            r"(kl|klockan)[.:]?([0-9].*)",
            r"(v|vecka|week)[.-]?([0-9]{1,2})",
            rf"({_HOUR})(-)({_HOUR})",
            r"(halv)([a-z]+|[0-9]{1,2})",
            r"([0-9]{1,2})([a-z]{3,})",
        ),
    )
)
"""Words that are written together: "kl13", "v49", "13-14", "halvtre", "1dec", and the T of ISO 8601."""
_COMMA = re.compile(r"(?<![0-9]),|,(?![0-9])")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:[0-9]{2}(?::00)?(?:z|[+-][0-9]{2}:?[0-9]{2})")
_LATEST = frozenset({"senast", "till", "by", "latest"})
_WITHIN = frozenset({"inom", "within"})
_BEFORE = frozenset({"fore", "innan", "before"})
_UNTIL = frozenset({"-", "till", "to"})
_VAGUE = frozenset({"ca", "cirka", "c:a", "circa", "runt", "omkring", "ungefar", "typ", "prick", "around", "about", "eller", "or"})
_GOES_ON = (
    clocks.CALLED
    | frozenset({"halv", "kvart", "nasta", "vecka", "den", "sommartid", "vintertid", "natt", "mellan", "between", "efter", "after", "fran"})
    | _VAGUE
    | _BEFORE
    | _UNTIL
    | frozenset(WEEKDAYS)
    | frozenset(MONTHS)
    | frozenset(PARTS)
)


@dataclass(frozen=True, slots=True)
class Said:
    """A day, an hour, or both; a `span` of elapsed time from now; or an `instant` with its offset.

    `fold` is the summer (0) or winter (1) one of two equal wall times, `end` the second of two hours ("13-14"), `bound` the word that
    makes the time a latest one ("senast") and `before` whether it ends before the day ("före fredag").
    """

    day: Day | None = None
    clock: Clock | None = None
    part: str = ""
    fold: int | None = None
    end: Clock | None = None
    span: timedelta | None = None
    instant: datetime | None = None
    bound: bool = False
    before: bool = False

    def minutes(self) -> tuple[int, ...]:
        """Return the minutes of the day that may be meant: none where no hour was said, several where it must be asked."""
        return self.clock.minutes(self.part) if self.clock else ()


def said(words: Sequence[Word], *, clock: bool = False) -> tuple[Said, int] | None:
    """Return what the first words say about day and hour, and how many of them were read; None when it is nothing.

    `clock` is whether nothing but an hour can be meant, so that a number alone is one.
    """
    return _first([_pieces(normal(word.text)) for word in words[:LONGEST]], clock=clock)


def endings(words: Sequence[Word]) -> Iterator[tuple[int, Said]]:
    """Yield each place from which the words to the end are one phrase, and what it says; the longest first."""
    tail = max(0, len(words) - LONGEST)
    parts = [_pieces(normal(word.text)) for word in words[tail:]]
    for begin in range(len(parts)):
        found = _first(parts[begin:], clock=False)
        if found and found[1] == len(parts) - begin:
            yield tail + begin, found[0]


def _first(parts: Sequence[Sequence[str]], *, clock: bool) -> tuple[Said, int] | None:
    """Return what the first words, each in its pieces, say, and how many of them were read."""
    pieces = [(piece, i) for i, word in enumerate(parts) for piece in word]
    found, end = _read([piece for piece, _ in pieces], clock=clock)
    broken = 0 < end < len(pieces) and pieces[end][1] == pieces[end - 1][1]
    contradicts = bool(found.clock) and not found.minutes()
    return None if end == 0 or broken or contradicts else (found, pieces[end - 1][1] + 1)


def goes_on(words: Sequence[Word]) -> bool:
    """Whether words after a phrase look as if they belonged to it, although the grammar did not reach them."""
    first = normal(words[0].text) if words else ""
    return first in _GOES_ON or first[:1].isdigit()


def bare_end(words: Sequence[Word]) -> bool:
    """Whether a phrase ends in a number that could as well count what follows ("på tisdag 13 personer")."""
    return number(normal(words[-1].text)) is not None and (
        len(words) == 1 or normal(words[-2].text) not in clocks.CALLED | {"halv", "i", "over", "past", "vecka", "v", "week", "den", "the"}
    )


def _pieces(word: str) -> tuple[str, ...]:
    """Return the parts of words that are written together, for good where each means something."""
    if _INSTANT.fullmatch(word):
        return (word,)
    if len(parts := [part for part in _COMMA.split(word) if part]) > 1:
        return tuple(piece for part in parts for piece in _pieces(part))
    found = next((found for pattern in _GLUED if (found := pattern.fullmatch(word))), None)
    if not found:
        return (word,)
    first, *others = (piece for piece in found.groups())
    if (first == "halv" and number(others[0]) is None) or (first.isdigit() and others[-1].isalpha() and others[-1] not in MONTHS):
        return (word,)
    return (first, *(piece for other in others for piece in _pieces(other)))


def _read(words: Sequence[str], *, clock: bool) -> tuple[Said, int]:
    """Read the phrase and the word before it that makes its time a latest one."""
    first = words[0] if words else ""
    if first in _WITHIN and (spanned := spans.span(["om", *words[1:]])):
        return Said(span=spanned[0], bound=True), spanned[1]
    start = Said(bound=first in _LATEST | _WITHIN | _BEFORE, before=first in _BEFORE)
    rest = ["om", *words[1:]] if first in _WITHIN else words[start.bound :]
    found, end = _walk(start, rest, clock=clock)
    return (found, end + (start.bound and first not in _WITHIN)) if end else (Said(), 0)


def _walk(found: Said, words: Sequence[str], *, clock: bool) -> tuple[Said, int]:
    if words and _INSTANT.fullmatch(words[0]):
        return _instant(found, words[0])
    if spanned := spans.span(words):
        return replace(found, span=spanned[0]), spanned[1]
    at = 0
    while at < len(words) and (more := _more(found, words, at, clock=clock)):
        found, at = more
    return found, at


def _more(found: Said, words: Sequence[str], at: int, *, clock: bool) -> tuple[Said, int] | None:
    """Return what is known after the next piece of the phrase, or None when the grammar ends here."""
    if not found.day and not clock and (day := days.day(words, at)) and not (found.part and day[0].part):
        return replace(found, day=day[0], part=found.part or day[0].part), day[1]
    if not found.clock and (hour := clocks.clock(words, at, bare=clock or found.day is not None)):
        return replace(found, clock=hour[0]), hour[1]
    if (found.day or found.clock) and not found.part and (part := clocks.part(words, at)):
        return replace(found, part=part[0]), part[1]
    if found.clock and found.fold is None and words[at] in clocks.ZONES:
        return replace(found, fold=clocks.ZONES[words[at]]), at + 1
    until = found.clock and not found.end and words[at] in _UNTIL and at + 1 < len(words)
    end = clocks.clock(words, at + 1, bare=True) if until else None
    return (replace(found, end=end[0]), end[1]) if end else None


def _instant(found: Said, word: str) -> tuple[Said, int]:
    try:
        return replace(found, instant=datetime.fromisoformat(word.upper())), 1
    except ValueError:
        return found, 0
