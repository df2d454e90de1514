"""What was said about the day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from commands.reading.clocks import CALLED
from commands.reading.feasts import feast
from commands.reading.numerals import ORDINALS, number
from commands.reading.vocabulary import DAYS_AWAY, MONTHS, TODAY_PARTS, WEEKDAYS

_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}")
_ISO = re.compile(r"((?:19|20|21)[0-9]{2})([-/]?)([0-9]{2})\2([0-9]{2})")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:[-/]((?:19|20|21)[0-9]{2})|-([0-9]{2}))?")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})(?:\.((?:19|20|21)[0-9]{2}))?")
_SHORT_YEAR = re.compile(r"-([0-9]{2})")
_ORDINAL = re.compile(r"([0-9]{1,2})(:?[ae]|st|nd|rd|th)?")
_ISO_WEEK = re.compile(r"((?:19|20|21)[0-9]{2})-?w([0-9]{2})(?:-([1-7]))?")
_DAYS = {
    **dict.fromkeys(("dag", "dagar", "dar", "dgr", "day", "days"), 1),
    **dict.fromkeys(("vecka", "veckor", "v", "week", "weeks"), 7),
    **dict.fromkeys(("fortnight",), 14),
}
_MONTHS_OF = {
    **dict.fromkeys(("manad", "manader", "man", "month", "months"), 1),
    **dict.fromkeys(("halvar",), 6),
    **dict.fromkeys(("ar", "year", "years"), 12),
}
_MONTHS, _LONGEST_MONTH, _WEEKS = 12, 31, 53
_NEXT = frozenset({"nasta", "next"})
_WEEK = frozenset({"vecka", "v", "week"})
_THIS = (("den", "har"), ("denna",), ("this",))
_ON = frozenset({"pa", "on"})
THIS_WEEK, NEXT_WEEK = -1, 0


@dataclass(frozen=True, slots=True)
class Day:
    """A date, a number of days or `months` away from today, a `week`, a day of the month, or a weekday alone.

    A weekday may stand with each. `upcoming` is "nästa" before a weekday, `weeks` the weeks after its next coming ("tisdag om en vecka"),
    `feast` the name of a day, `part` the part of today ("ikväll"). A `loose_year` is a word of its own ("1 dec 2030"), a `short_year` has
    two digits ("24/11-26").
    """

    year: int = 0
    month: int = 0
    day: int = 0
    away: int | None = None
    months: int = 0
    week: int | None = None
    weeks: int = 0
    weekday: int | None = None
    upcoming: bool = False
    feast: tuple[str, ...] = ()
    part: str = ""
    loose_year: bool = False
    short_year: bool = False


Found = tuple[Day, int] | None


def day(words: Sequence[str], at: int) -> Found:
    """Return the day said at `at` and the place after it, or None."""
    now = words[at] == "nu"
    at += now
    at += words[at : at + 1] in (["pa"], ["on"])
    if at >= len(words):
        return None
    if now:
        return _weekday(words, at)
    return _away(words, at) or _feast(words, at) or _weekday(words, at) or _week(words, at) or _date(words, at)


def _away(words: Sequence[str], at: int) -> Found:
    """Read "imorgon", "i dag", "ikväll", "om två veckor", "two weeks from now"."""
    for length in (4, 3, 2, 1):
        phrase = tuple(words[at : at + length])
        if phrase in DAYS_AWAY:
            return Day(away=DAYS_AWAY[phrase]), at + len(phrase)
        if phrase in TODAY_PARTS:
            return Day(away=0, part=TODAY_PARTS[phrase]), at + len(phrase)
    if words[at] in {"om", "in"}:
        return _count(words, at + 1)
    found = _count(words, at)
    if found and tuple(words[found[1] : found[1] + 2]) in {("from", "now"), ("from", "today"), ("fran", "nu"), ("fran", "idag")}:
        return found[0], found[1] + 2
    return None


def _count(words: Sequence[str], at: int) -> Found:
    count, unit = (*words[at : at + 2], "", "")[:2]
    amount = 1 if count in {"a", "an"} else number(count)
    if amount is None:
        return None
    if unit in _DAYS:
        return Day(away=amount * _DAYS[unit]), at + 2
    return (Day(months=amount * _MONTHS_OF[unit]), at + 2) if amount and unit in _MONTHS_OF else None


def _feast(words: Sequence[str], at: int) -> Found:
    found = feast(words, at)
    if not found:
        return None
    year = (*words[found[1] : found[1] + 1], "")[0]
    named = bool(_YEAR.fullmatch(year))
    return Day(int(year) if named else 0, feast=found[0], loose_year=named), found[1] + named


def _weekday(words: Sequence[str], at: int) -> Found:
    """Read a weekday, alone or with a date or a week after it."""
    upcoming = words[at] in _NEXT
    this = next((len(phrase) for phrase in _THIS if tuple(words[at : at + len(phrase)]) == phrase), 0)
    at += this or (upcoming or words[at] in {"kommande", "coming"})
    if at >= len(words) or words[at] not in WEEKDAYS:
        return None
    weekday, at = WEEKDAYS[words[at]], at + 1
    found, at = (Day(week=THIS_WEEK), at) if this else _beside(words, at) or (Day(), at)
    return replace(found, weekday=weekday, upcoming=upcoming), at


def _beside(words: Sequence[str], at: int) -> Found:
    """Return what follows a weekday: a date, a week, "om två veckor"."""
    if at >= len(words):
        return None
    if words[at] in {"om", "in"} and (ahead := _count(words, at + 1)) and words[ahead[1] - 1] in {"vecka", "veckor", "week", "weeks"}:
        return Day(weeks=(ahead[0].away or 0) // 7), ahead[1]
    return _date(words, at) or _whole_week(words, at + (words[at] in {"i", "in"}))


def _week(words: Sequence[str], at: int) -> Found:
    """Read "vecka 49", "nästa vecka", "vecka 49 på tisdag"; this week is no day without its weekday."""
    found = _whole_week(words, at)
    if not found:
        return None
    week, after = found
    named = after + (after < len(words) and words[after] in _ON)
    if named < len(words) and words[named] in WEEKDAYS and week.weekday is None:
        return replace(week, weekday=WEEKDAYS[words[named]]), named + 1
    return (week, after) if week.week != THIS_WEEK else None


def _whole_week(words: Sequence[str], at: int) -> Found:
    first, second, third = (*words[at : at + 3], "", "", "")[:3]
    if first in _NEXT and second in _WEEK - {"v"}:
        return Day(week=NEXT_WEEK), at + 2
    for phrase in _THIS:
        after = at + len(phrase)
        if tuple(words[at:after]) == phrase and words[after : after + 1] in (["vecka"], ["veckan"], ["week"]):
            return Day(week=THIS_WEEK), after + 1
    if found := _ISO_WEEK.fullmatch(first):
        weekday = int(found[3]) - 1 if found[3] else None
        return (Day(int(found[1]), week=int(found[2]), weekday=weekday), at + 1) if 1 <= int(found[2]) <= _WEEKS else None
    count = int(second) if first in _WEEK and re.fullmatch("[0-9]{1,2}", second) else 0
    named = bool(_YEAR.fullmatch(third))
    return (Day(int(third) if named else 0, week=count), at + 2 + named) if 1 <= count <= _WEEKS else None


def _date(words: Sequence[str], at: int) -> Found:
    """Read "2026-12-01", "1/12", "den 1 december 2026", "Dec 1st", "den 3:e"."""
    called = words[at] in {"den", "the"}
    at += called
    first, second, third, fourth = (*words[at : at + 4], "", "", "", "")[:4]
    if second == "of" and third in MONTHS:
        return _month(first, third, fourth, at + 3)
    if second in MONTHS:
        return _month(first, second, third, at + 2)
    if first in MONTHS:
        return _month(second, first, third, at + 2)
    return _digits(first, second, at + 1) or (None if _YEAR.fullmatch(second) else _number(first, at + 1, called=called))


def _digits(first: str, second: str, after: int) -> Found:
    """Read a date without words; with dots it needs its year, or "kl" after it."""
    if found := _ISO.fullmatch(first):
        return _valid(found[1], found[3], found[4], after)
    if found := _SLASHED.fullmatch(first):
        return _slashed(found, second, after)
    if (found := _DOTTED.fullmatch(first)) and (found[3] or second in CALLED):
        return _valid(found[3], found[2], found[1], after)
    return None


def _slashed(found: re.Match[str], second: str, after: int) -> Found:
    short = found[4] or ((_SHORT_YEAR.fullmatch(second) or ("", ""))[1] if not found[3] else "")
    if short:
        return _written(f"20{short}", found[2], found[1], after + (not found[4]), short=True)
    loose = not found[3] and bool(_YEAR.fullmatch(second))
    return _written(found[3] or (second if loose else ""), found[2], found[1], after + loose, loose=loose)


def _written(year: str, month: str, day_of: str, after: int, *, loose: bool = False, short: bool = False) -> Found:
    read = _valid(year, month, day_of, after)
    return (replace(read[0], loose_year=loose, short_year=short), read[1]) if read else None


def _month(number_of: str, month: str, year: str, after: int) -> Found:
    found = _ORDINAL.fullmatch(number_of)
    day_of = int(found[1]) if found else ORDINALS.get(number_of, 0)
    loose = bool(_YEAR.fullmatch(year))
    return _written(year if loose else "", str(MONTHS[month]), str(day_of), after + loose, loose=loose)


def _number(word: str, after: int, *, called: bool) -> Found:
    """Read "den 3", "3:e", "the 24th": a day of the month that is not named."""
    found = _ORDINAL.fullmatch(word)
    if found and not called and (found[2] or "") in {"", "a", "e"}:
        return None
    day_of = int(found[1]) if found else 0
    return (Day(day=day_of), after) if 1 <= day_of <= _LONGEST_MONTH else None


def _valid(year: str, month: str, day_of: str, after: int) -> Found:
    read = Day(int(year or 0), int(month), int(day_of))
    return (read, after) if 1 <= read.month <= _MONTHS and 1 <= read.day <= _LONGEST_MONTH else None
