"""What was said about the hour.

Hours are read as on a 24-hour clock. Two ways of writing leave open which half of the day is meant: hours in words ("halv tre"), which are
taken as the one within office hours 08-17 (process 3.0.4), and a single digit from 1 to 6 ("kl 3"), which is always asked about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from itertools import chain

from commands.reading.vocabulary import NUMBERS, PARTS

_OPENS, _CLOSES = time(8), time(17)
_NOON = 12
_EARLY = range(1, 7)
_DAY_HOURS, _HOUR_MINUTES = 24, 60
CALLED = frozenset({"kl", "klockan", "at"})
"""Words that announce an hour."""
_DIGITS = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(am|pm)?")
_BARE = re.compile(r"([0-9]{1,2})(am|pm)?")
_TOGETHER = re.compile(r"([0-9]{2})([0-9]{2})")
_BESIDE = {"kvart": 15, "quarter": 15, "tjugo": 20, "twenty": 20, "tio": 10, "ten": 10, "fem": 5, "five": 5}
_SIDES = {"i": -1, "to": -1, "over": 1, "past": 1}
ZONES = {"sommartid": 0, "vintertid": 1, "normaltid": 1}
"""Which of the two equal wall times in the October night is meant: the `fold` of PEP 495."""


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour and a minute as said; `spoken` in words, `short` with a single digit, `part` of the day if it was told."""

    hour: int
    minute: int = 0
    spoken: bool = False
    short: bool = False
    part: str = ""

    def times(self, part: str = "") -> tuple[time, ...]:
        """Return the wall times that can be meant: one, two that must be asked about, or none when the words disagree."""
        part = part or self.part
        if part:
            return self._within(part)
        if not self.spoken and not (self.short and self.hour in _EARLY):
            return (time(self.hour, self.minute),)
        both = (time(self.hour % _NOON, self.minute), time(self.hour % _NOON + _NOON, self.minute))
        office = tuple(t for t in both if _OPENS <= t <= _CLOSES)
        return office if self.spoken and office else both

    def _within(self, part: str) -> tuple[time, ...]:
        if part == "am":
            return (time(self.hour, self.minute),) if self.hour < _NOON else ()
        if self.hour == 0 and not self.spoken:
            return ()
        return (time(self.hour % _NOON + _NOON, self.minute),)


Found = tuple[Clock, int] | None


def clock(words: Sequence[str], at: int, *, bare: bool) -> Found:
    """Return the hour said at `at` and the place after it; a number alone counts only where `bare` (after a day) or after "kl"."""
    called = words[at] in CALLED
    at += called
    if at >= len(words):
        return None
    return _digits(words, at, bare=bare or called, called=called) or _spoken(words, at, bare=bare or called)


def part(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """Return the half of the day said at `at` ("på eftermiddagen", "pm") and the place after it."""
    for length in (0, 1, 2):
        end = at + length
        if end < len(words) and words[end] in PARTS and set(words[at:end]) <= {"pa", "i", "in", "the"}:
            return PARTS[words[end]], end + 1
    return None


def _digits(words: Sequence[str], at: int, *, bare: bool, called: bool) -> Found:
    word = words[at]
    if found := _DIGITS.fullmatch(word):
        return _valid(found[1], found[2], found[3], at)
    if called and (found := _TOGETHER.fullmatch(word)):
        return _valid(found[1], found[2], "", at)
    found = _BARE.fullmatch(word)
    follows = words[at + 1] if at + 1 < len(words) else ""
    if found and (bare or found[2] or follows in {"am", "pm"}):
        return _valid(found[1], "0", found[2], at)
    return None


def _valid(hour: str, minute: str, half: str | None, at: int) -> Found:
    read = Clock(int(hour), int(minute), short=len(hour) == 1, part=half or "")
    return (read, at + 1) if read.hour < _DAY_HOURS and read.minute < _HOUR_MINUTES else None


def _spoken(words: Sequence[str], at: int, *, bare: bool) -> Found:
    """Read "halv tre", "kvart i tre", "fem över halv tre", "half past two", and "tre" where a number alone counts."""
    beside, after = _beside(words, at)
    if words[after : after + 2] == ["half", "past"]:
        return _said(words, after + 2, 30 + beside)
    if words[after : after + 1] == ["halv"]:
        return _said(words, after + 1, beside - 30)
    if after > at:
        return _said(words, after, beside)
    return _said(words, at, 0) if bare and words[at] in NUMBERS else None


def _beside(words: Sequence[str], at: int) -> tuple[int, int]:
    """Return the minutes before (negative) or after the hour that is named next, and the place where it is."""
    count, side = chain(words[at : at + 2], ("", "")), ""
    number, side = next(count), next(count)
    minutes = _BESIDE.get(number, int(number) if number in {"5", "10", "20"} else 0)
    return (minutes * _SIDES[side], at + 2) if minutes and side in _SIDES else (0, at)


def _said(words: Sequence[str], at: int, minutes: int) -> Found:
    word = words[at] if at < len(words) else ""
    hour = int(word) if re.fullmatch("[1-9]|1[0-2]", word) else NUMBERS.get(word)
    if hour is None:
        return None
    whole = (hour * _HOUR_MINUTES + minutes) % (_NOON * _HOUR_MINUTES)
    return Clock(*divmod(whole, _HOUR_MINUTES), spoken=True), at + 1
