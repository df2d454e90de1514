"""Elapsed time from now: "om 30 minuter", "om en och en halv timme", "in 2 hrs"."""

import re
from collections.abc import Sequence
from datetime import timedelta

from commands.reading.numerals import number

_UNITS = {
    **dict.fromkeys(("timme", "timmar", "timma", "tim", "h", "hour", "hours", "hr", "hrs"), 60),
    **dict.fromkeys(("minut", "minuter", "min", "minute", "minutes", "mins"), 1),
}
_SOME = {
    ("en", "halvtimme"): 30,
    ("en", "halv", "timme"): 30,
    ("half", "an", "hour"): 30,
    ("en", "kvart"): 15,
    ("a", "quarter", "of", "an", "hour"): 15,
    ("en", "och", "en", "halv", "timme"): 90,
    ("an", "hour", "and", "a", "half"): 90,
    ("tre", "kvart"): 45,
}
_AND = frozenset({"och", "and"})
_HALVES = re.compile("([0-9]{1,2})[,.]5")
_GLUED = re.compile("([0-9]{1,3})([a-z]+)")

Found = tuple[timedelta, int] | None


def span(words: Sequence[str]) -> Found:
    """Return the time that the first words say, and how many they are."""
    if not words or words[0] not in {"om", "in"}:
        return None
    some = next((phrase for phrase in sorted(_SOME, key=len, reverse=True) if tuple(words[1 : 1 + len(phrase)]) == phrase), None)
    if some:
        return timedelta(minutes=_SOME[some]), 1 + len(some)
    hours = _counted(words, 1)
    if not hours:
        return None
    after = hours[1] + (hours[1] < len(words) and words[hours[1]] in _AND)
    minutes = _counted(words, after) if hours[2] > 1 else None
    if minutes and minutes[2] == 1:
        return timedelta(minutes=hours[0] + minutes[0]), minutes[1]
    return timedelta(minutes=hours[0]), hours[1]


def _counted(words: Sequence[str], at: int) -> tuple[float, int, int] | None:
    """Return the minutes of "2 timmar", "1,5 timme" or "30min", the place after it and the minutes of the unit."""
    count, name = (*words[at : at + 2], "", "")[:2]
    if (glued := _GLUED.fullmatch(count)) and glued[2] in _UNITS:
        return int(glued[1]) * _UNITS[glued[2]], at + 1, _UNITS[glued[2]]
    half = _HALVES.fullmatch(count)
    amount = 1 if count in {"a", "an"} else int(half[1]) + 0.5 if half else number(count)
    unit = _UNITS.get(name)
    return (amount * unit, at + 2, unit) if amount and unit else None
