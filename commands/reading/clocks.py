"""What was said about the hour.

Hours are read as on a 24-hour clock. Some ways of writing leave open what is meant: hours in words ("halv tre"), which are taken as the
one within office hours 08-17 (process 3.0.4); a single digit from 1 to 6 ("kl 3"), "half two" and midnight, which are always asked about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from commands.reading.numerals import NUMBERS
from commands.reading.vocabulary import PART_MINUTES, PARTS

_OFFICE = range(480, 1021)
"""Minutes of the day from 08:00 to 17:00."""
_HALF_DAY, _DAY = 720, 1440
_HOURS, _MINUTES = 24, 60
_EARLY = range(1, 7)
_DATES = range(1, 13)
CALLED = frozenset({"kl", "klockan", "at"})
"""Words that announce an hour."""
_DIGITS = re.compile(r"([0-9]{1,2})([:.,])([0-9]{2})(?::00)?(am|pm|em|fm)?")
_BARE = re.compile(r"([0-9]{1,2})(am|pm|em|fm|h)?")
_TOGETHER = re.compile(r"([0-9]{2})h?([0-9]{2})")
_PARTED = re.compile(r":[0-9]{2}|00|30|45")
"""Minutes that stand as a word of their own: with their colon, or such as are no hour."""
_BESIDE = {
    **dict.fromkeys(("kvart", "quarter"), 15),
    **{word: minutes for word, minutes in NUMBERS.items() if minutes in {5, 10, 20, 25}},
    **{str(minutes): minutes for minutes in (5, 10, 20, 25)},
}
_SUFFIXES = {"am": "am", "pm": "pm", "em": "pm", "fm": "forenoon"}
_SIDES = {"i": -1, "to": -1, "over": 1, "past": 1}
_EXACT = {"noon": (720,), "midday": (720,), "midnatt": (0, _DAY), "midnight": (0, _DAY)}
ZONES = {"sommartid": 0, "vintertid": 1, "normaltid": 1}
"""Which of the two equal wall times in the October night is meant: the `fold` of PEP 495."""


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour as said, in minutes from the midnight that begins the day; 1440 is the midnight that ends it.

    `plain` are those that can be meant by the hour alone, `halves` those among which the part of the day chooses. `dotted` is an hour
    that could be a day and a month (10.12).
    """

    plain: tuple[int, ...]
    halves: tuple[int, ...] = ()
    part: str = ""
    dotted: tuple[int, int] | None = None

    def minutes(self, part: str = "") -> tuple[int, ...]:
        """Return what can be meant: one, several that must be asked about, or none when the words disagree."""
        told = [name for name in (part, self.part) if name]
        return tuple(m for m in self.halves if all(m in PART_MINUTES[name] for name in told)) if told else self.plain


Found = tuple[Clock, int] | None


def clock(words: Sequence[str], at: int, *, bare: bool) -> Found:
    """Return the hour said at `at` and the place after it; a number alone counts only where `bare` (after a day) or after "kl"."""
    called = words[at] in CALLED
    at += called
    if at >= len(words):
        return None
    bare = bare or called
    found = _exact(words, at) or _beside(words, at) or _digits(words, at, bare=bare, called=called) or _named(words, at, bare=bare)
    if not found:
        return None
    read, after = found
    return replace(read, dotted=None if called else read.dotted), after + (list(words[after : after + 1]) == ["o'clock"])


def part(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """Return the part of the day said at `at` ("på eftermiddagen", "pm") and the place after it."""
    for length in (0, 1, 2):
        end = at + length
        if end < len(words) and words[end] in PARTS and set(words[at:end]) <= {"pa", "vid", "in", "the"}:
            return PARTS[words[end]], end + 1
    return None


def _exact(words: Sequence[str], at: int) -> Found:
    minutes = _EXACT.get(words[at])
    return (Clock(minutes), at + 1) if minutes else None


def _digits(words: Sequence[str], at: int, *, bare: bool, called: bool) -> Found:
    word = words[at]
    follows = words[at + 1] if at + 1 < len(words) else ""
    if (found := _DIGITS.fullmatch(word)) and (found[2] != "," or (bare and _round(found[3]))):
        return _valid(found[1], found[3], found[4], at + 1, dotted=found[2] == ".")
    if bare and (found := _TOGETHER.fullmatch(word)) and (called or _round(found[2])):
        return _valid(found[1], found[2], "", at + 1)
    found = _BARE.fullmatch(word)
    if not found or not (bare or found[2] in _SUFFIXES or follows in {"am", "pm"}):
        return None
    if len(word) > 1 and word.isdigit() and _PARTED.fullmatch(follows):
        return _valid(found[1], follows.removeprefix(":"), "", at + 2)
    if word in {"0", "00"}:
        return Clock((0, _DAY)), at + 1
    return _valid(found[1], "0", found[2], at + 1) if called or word != "24" else None


def _round(minutes: str) -> bool:
    """Whether minutes are such as people plan by: "2026" is no hour, and "12,13" a list."""
    return int(minutes) % 5 == 0


def _valid(hours: str, minutes: str, part: str | None, after: int, *, dotted: bool = False) -> Found:
    hour, minute = int(hours), int(minutes)
    told = _SUFFIXES.get(part or "", "")
    if minute >= _MINUTES or hour * _MINUTES + minute > _DAY:
        return None
    at = hour * _MINUTES + minute
    both = (at, at + _HALF_DAY) if _MINUTES <= at < _HALF_DAY else (at,)
    read = Clock(both if len(hours) == 1 and hour in _EARLY else (at,), both, told)
    return (replace(read, dotted=(hour, minute)) if dotted and hour and minute in _DATES else read), after


def _beside(words: Sequence[str], at: int) -> Found:
    """Read "halv tre", "kvart i tre", "5 över halv 3", "half past two", and "half two", which is 13:30 or 14:30."""
    minutes, after = _side(words, at)
    if words[after : after + 2] == ["half", "past"]:
        return _said(words, after + 2, 30 + minutes)
    if words[after : after + 1] == ["halv"]:
        return _said(words, after + 1, minutes - 30)
    if words[after : after + 1] == ["half"] and not minutes:
        early, late = _said(words, after + 1, -30), _said(words, after + 1, 30)
        return (Clock(early[0].plain + late[0].plain, early[0].halves + late[0].halves), early[1]) if early and late else None
    return _said(words, after, minutes) if after > at else None


def _side(words: Sequence[str], at: int) -> tuple[int, int]:
    """Return the minutes before (negative) or after the hour that is named next, and the place where it is."""
    at += words[at] == "a"
    count = chain(words[at : at + 2], ("", ""))
    minutes, side = _BESIDE.get(next(count), 0), next(count)
    return (minutes * _SIDES[side], at + 2) if minutes and side in _SIDES else (0, at)


def _named(words: Sequence[str], at: int, *, bare: bool) -> Found:
    """Read "tre" and "fjorton" where a number alone counts."""
    hour = NUMBERS.get(words[at]) if bare else None
    if hour is None or hour > _HOURS:
        return None
    return _said(words, at, 0) if hour * _MINUTES <= _HALF_DAY else _valid(str(hour), "0", "", at + 1)


def _said(words: Sequence[str], at: int, minutes: int) -> Found:
    """Return what an hour in words can mean: the one within office hours, else both."""
    word = words[at] if at < len(words) else ""
    hour = int(word) if re.fullmatch("[1-9]|1[0-2]", word) else NUMBERS.get(word)
    if hour is None or hour * _MINUTES > _HALF_DAY:
        return None
    early = (hour * _MINUTES + minutes) % _HALF_DAY
    both = (early, early + _HALF_DAY)
    return Clock(tuple(m for m in both if m in _OFFICE) or both, both), at + 1
