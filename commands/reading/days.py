"""What was said about the day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from commands.reading.vocabulary import DAYS_AWAY, MONTHS, WEEKDAYS, number

_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}")
_ISO = re.compile(r"((?:19|20|21)[0-9]{2})-([0-9]{2})-([0-9]{2})")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:[-/]((?:19|20|21)[0-9]{2}))?")
_ORDINAL = re.compile(r"([0-9]{1,2})(?::?[ae]|st|nd|rd|th)?")
_DAYS = {**dict.fromkeys(("dag", "dagar", "day", "days"), 1), **dict.fromkeys(("vecka", "veckor", "week", "weeks"), 7)}
_MONTHS, _LONGEST_MONTH, _WEEKS = 12, 31, 53
_NEXT = frozenset({"nasta", "next"})
_WEEK = frozenset({"vecka", "v", "week"})


@dataclass(frozen=True, slots=True)
class Day:
    """A date, a number of days `away` from today, a `week` (0 is the one after this), or a weekday alone; a weekday may stand with each.

    `upcoming` is "nästa" before a weekday.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    away: int | None = None
    week: int | None = None
    weekday: int | None = None
    upcoming: bool = False


Found = tuple[Day, int] | None


def day(words: Sequence[str], at: int) -> Found:
    """Return the day said at `at` and the place after it, or None."""
    if words[at] in {"pa", "on"}:
        at += 1
    if at >= len(words):
        return None
    return _away(words, at) or _weekday(words, at) or _week(words, at) or _date(words, at)


def _away(words: Sequence[str], at: int) -> Found:
    """Read "imorgon", "i dag", "om två veckor"."""
    for phrase in (tuple(words[at : at + 2]), tuple(words[at : at + 1])):
        if phrase in DAYS_AWAY:
            return Day(away=DAYS_AWAY[phrase]), at + len(phrase)
    if words[at] not in {"om", "in"} or at + 2 >= len(words):
        return None
    count = 1 if words[at + 1] in {"a", "an"} else number(words[at + 1])
    unit = _DAYS.get(words[at + 2])
    return (Day(away=count * unit), at + 3) if count is not None and unit else None


def _weekday(words: Sequence[str], at: int) -> Found:
    """Read a weekday, alone or with a date or a week after it."""
    upcoming = words[at] in _NEXT
    at += upcoming or words[at] in {"kommande", "coming"}
    if at >= len(words) or words[at] not in WEEKDAYS:
        return None
    weekday, at = WEEKDAYS[words[at]], at + 1
    more = None
    if at < len(words):
        more = _date(words, at) or _whole_week(words, at + (words[at] in {"i", "in"}))
    found, at = more or (Day(), at)
    return replace(found, weekday=weekday, upcoming=upcoming), at


def _week(words: Sequence[str], at: int) -> Found:
    """Read "vecka 49", "nästa vecka", "vecka 49 på tisdag"."""
    found = _whole_week(words, at)
    if not found:
        return None
    week, after = found
    named = after + (after < len(words) and words[after] in {"pa", "on"})
    if named < len(words) and words[named] in WEEKDAYS:
        return replace(week, weekday=WEEKDAYS[words[named]]), named + 1
    return week, after


def _whole_week(words: Sequence[str], at: int) -> Found:
    first, second = (*words[at : at + 2], "", "")[:2]
    if first in _NEXT and second in _WEEK - {"v"}:
        return Day(week=0), at + 2
    count = int(second) if first in _WEEK and re.fullmatch("[0-9]{1,2}", second) else 0
    return (Day(week=count), at + 2) if 1 <= count <= _WEEKS else None


def _date(words: Sequence[str], at: int) -> Found:
    """Read "2026-12-01", "1/12", "den 1 december 2026", "Dec 1st"."""
    at += words[at] in {"den", "the"}
    first, second, third = (*words[at : at + 3], "", "", "")[:3]
    if found := _ISO.fullmatch(first):
        return _valid(found[1], found[2], found[3], at + 1)
    if found := _SLASHED.fullmatch(first):
        year = found[3] or (second if _YEAR.fullmatch(second) else "")
        return _valid(year, found[2], found[1], at + 1 + (bool(year) and not found[3]))
    number_of, month = (first, second) if second in MONTHS else (second, first)
    found = _ORDINAL.fullmatch(number_of)
    if not found or month not in MONTHS:
        return None
    year = third if _YEAR.fullmatch(third) else ""
    return _valid(year, str(MONTHS[month]), found[1], at + 2 + bool(year))


def _valid(year: str, month: str, day_of: str, at: int) -> Found:
    read = Day(int(year or 0), int(month), int(day_of))
    return (read, at) if 1 <= read.month <= _MONTHS and 1 <= read.day <= _LONGEST_MONTH else None
