"""Which dates can be meant by what was said about the day."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from commands.reading.days import NEXT_WEEK, THIS_WEEK, Day
from commands.reading.feasts import FEASTS
from commands.reading.outcome import NOTHING, Reason

_AHEAD = timedelta(days=183)
_WEEK = timedelta(days=7)
_MONTHS, _LONGEST_MONTH = 12, 31


@dataclass(frozen=True, slots=True)
class NoDate:
    """Why no date is meant, and the days that may be offered instead."""

    reason: Reason
    offers: tuple[date, ...] = ()
    values: Mapping[str, object] = field(default_factory=lambda: NOTHING)


Dates = tuple[date, ...] | NoDate


def dates(said: Day, today: date, *, past: bool) -> Dates:
    """Return the date that is meant, or the two between which only the writer can choose.

    Without a year, the rest of this year is meant, or the coming half year; further ahead the year must be written. `past` takes this
    year's date although it has been.
    """
    if said.away is not None:
        return (today + timedelta(days=said.away),)
    if said.months:
        return _months(said.months, today)
    if said.week is not None:
        return _week(said, today, past=past)
    if said.feast:
        years = (said.year,) if said.year else (today.year, today.year + 1)
        return _chosen([FEASTS[said.feast](year) for year in years], today, past=past or bool(said.year))
    if said.month:
        return _checked(_date(said, today, past=past), said)
    return _numbered(said, today, past=past) if said.day else _weekday(said, today)


def _months(count: int, today: date) -> Dates:
    """Return the same day so many months on; where that month has no such day, nobody says which is meant."""
    year, month = divmod(today.year * _MONTHS + today.month - 1 + count, _MONTHS)
    last = date(year, month + 1, monthrange(year, month + 1)[1])
    if today.day > last.day:
        return NoDate(Reason.NO_SUCH_DAY, (last, last + timedelta(days=1)))
    return (last.replace(day=today.day),)


def _weekday(said: Day, today: date) -> Dates:
    """Return the coming day of that name; today's own name, and "nästa" before a day still to come this week, can mean two days."""
    ahead = ((said.weekday or 0) - today.weekday()) % 7
    nearest = today + timedelta(days=ahead)
    if said.weeks:
        later = nearest + _WEEK * said.weeks
        return (later,) if ahead else (later, later + _WEEK)
    if said.upcoming:
        this_week = 0 < ahead < 7 - today.weekday()
        return (nearest, nearest + _WEEK) if this_week else (nearest if ahead else today + _WEEK,)
    return (nearest,) if ahead else (today, today + _WEEK)


def _week(said: Day, today: date, *, past: bool) -> Dates:
    """Return the named weekday, else the Monday, of the ISO week."""
    if said.week in {THIS_WEEK, NEXT_WEEK}:
        return (today - timedelta(days=today.weekday() - (said.weekday or 0)) + _WEEK * (said.week == NEXT_WEEK),)
    week, year = said.week or 0, said.year or today.isocalendar().year
    if said.year:
        exact = _iso_day(year, week, said.weekday or 0)
        return (exact,) if exact else NoDate(Reason.NO_SUCH_DAY)
    return _chosen([_iso_day(year + more, week, said.weekday or 0) for more in (0, 1)], today, past=past)


def _numbered(said: Day, today: date, *, past: bool) -> Dates:
    """Return the next day of that number ("den 3:e"); today's own number, and the past where it counts, can mean two days."""
    months = [divmod(today.year * _MONTHS + today.month - 1 + more, _MONTHS) for more in range(-2, 4)]
    days = [found for year, month in months if (found := _day(year, month + 1, said.day))]
    coming = [day for day in days if day >= today]
    if past:
        return _checked((max(day for day in days if day <= today), coming[coming[0] == today]), said)
    return _checked((coming[0], coming[1]) if coming[0] == today else (coming[0],), said)


def _date(said: Day, today: date, *, past: bool) -> Dates:
    """Return the day of the month that was named; "24/11-28" could be its five days as well as the year 2028."""
    if said.year:
        exact = _day(said.year, said.month, said.day)
        if exact and said.short_year and said.year > today.year and said.day < said.year % 100 <= _LONGEST_MONTH:
            return NoDate(Reason.WHICH_DAY, (exact,))
        return (exact,) if exact else NoDate(Reason.NO_SUCH_DAY)
    return _chosen([_day(today.year + more, said.month, said.day) for more in (0, 1)], today, past=past)


def _checked(found: Dates, said: Day) -> Dates:
    """Return those that fall on the weekday that was said with the date."""
    if isinstance(found, NoDate) or said.weekday is None:
        return found
    fitting = tuple(day for day in found if day.weekday() == said.weekday)
    return fitting or NoDate(Reason.WEEKDAY_MISMATCH, values={"day": found[0], "weekday": said.weekday})


def _chosen(days: Sequence[date | None], today: date, *, past: bool) -> Dates:
    """Return this year's day if it is still to come, else next year's within the coming half year."""
    this, following = days[0], days[-1]
    if this and (past or this >= today):
        return (this,)
    if following and following - today <= _AHEAD:
        return (following,)
    if not this:
        return NoDate(Reason.NO_SUCH_DAY)
    return NoDate(Reason.PAST_DATE, (following,) if following else (), {"day": this})


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso_day(year: int, week: int, weekday: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, weekday + 1)
    except ValueError:
        return None
