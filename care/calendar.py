"""Working days in Sweden: which days are staffed, and what the other ones are called.

Allmän helgdag is lag (1989:253); midsommarafton, julafton and nyårsafton count as holidays by lag (1930:173) § 2. Klämdagar and
half days before a holiday are working days (process 3.0.4). `staffed` are the extra staffed days of a profile or an
administrator: they are working days whatever the calendar says.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from holidays.countries.sweden import Sweden

_FRIDAY = 4
_SATURDAY = 5
_DAY = timedelta(days=1)
_NONE_STAFFED: frozenset[date] = frozenset()


def is_working_day(day: date, staffed: frozenset[date] = _NONE_STAFFED) -> bool:
    """Return whether units are staffed on a day: Monday to Friday but for holidays and eves, and each day in `staffed`."""
    return day in staffed or (day.weekday() < _SATURDAY and day not in _free_days(day.year))


def next_working_day(day: date, staffed: frozenset[date] = _NONE_STAFFED) -> date:
    """Return the first working day strictly after a day."""
    return _step(day, _DAY, staffed)


def previous_working_day(day: date, staffed: frozenset[date] = _NONE_STAFFED) -> date:
    """Return the last working day strictly before a day."""
    return _step(day, -_DAY, staffed)


def add_working_days(day: date, n: int, staffed: frozenset[date] = _NONE_STAFFED) -> date:
    """Return the n-th working day after a day (before it for a negative n); the day itself, free or not, for 0."""
    for _ in range(abs(n)):
        day = _step(day, _DAY if n > 0 else -_DAY, staffed)
    return day


def working_days(year: int, staffed: frozenset[date] = _NONE_STAFFED) -> tuple[date, ...]:
    """Return the working days of a year in order."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if is_working_day(day, staffed))


def holiday_name(day: date) -> str | None:
    """Return the Swedish name of a holiday or non-working eve; None for other days, an ordinary Sunday among them."""
    return _free_days(day.year).get(day)


def _step(day: date, by: timedelta, staffed: frozenset[date]) -> date:
    day += by
    while not is_working_day(day, staffed):
        day += by
    return day


@cache
def _free_days(year: int) -> Mapping[date, str]:
    """Return the named holidays and eves of a year; two on one day are both named."""
    named = {day: " och ".join(sorted(name.split("; "))) for day, name in Sweden(years=year, language="sv").items()}
    nineteenth = date(year, 6, 19)
    eves = {
        nineteenth + timedelta(days=(_FRIDAY - nineteenth.weekday()) % 7): "Midsommarafton",
        date(year, 12, 24): "Julafton",
        date(year, 12, 31): "Nyårsafton",
    }
    return MappingProxyType(named | eves)
