"""Which dates can be meant by what was said about the day."""

from datetime import date, timedelta

from commands.reading.days import Day
from commands.reading.outcome import Misread, Reason

_AHEAD = timedelta(days=183)
_WEEK = timedelta(days=7)


def dates(said: Day, today: date, *, past: bool) -> tuple[date, ...] | Misread:
    """Return the date that is meant, or the two between which only the writer can choose.

    Without a year, the rest of this year is meant, or the coming half year; further ahead the year must be written. `past` takes this
    year's date although it has been.
    """
    if said.away is not None:
        return (today + timedelta(days=said.away),)
    if said.week is not None:
        return _week(said, today, past=past)
    if said.month:
        return _date(said, today, past=past)
    return _weekday(said, today)


def _weekday(said: Day, today: date) -> tuple[date, ...]:
    """Return the coming day of that name; today's own name, and "nästa" before a day still to come this week, can mean two days."""
    ahead = ((said.weekday or 0) - today.weekday()) % 7
    nearest = today + timedelta(days=ahead)
    if said.upcoming:
        this_week = 0 < ahead < 7 - today.weekday()
        return (nearest, nearest + _WEEK) if this_week else (nearest if ahead else today + _WEEK,)
    return (nearest,) if ahead else (today, today + _WEEK)


def _week(said: Day, today: date, *, past: bool) -> tuple[date, ...] | Misread:
    """Return the named weekday, else the Monday, of the ISO week."""
    if not said.week:
        return (today - timedelta(days=today.weekday() - (said.weekday or 0)) + _WEEK,)
    year = today.isocalendar().year
    days = [_iso_day(year + more, said.week, said.weekday or 0) for more in (0, 1)]
    return _chosen(days, today, past=past)


def _date(said: Day, today: date, *, past: bool) -> tuple[date, ...] | Misread:
    if said.year:
        exact = _day(said.year, said)
        found: tuple[date, ...] | Misread = (exact,) if exact else Misread(Reason.NO_SUCH_DAY, 0)
    else:
        found = _chosen([_day(today.year + more, said) for more in (0, 1)], today, past=past)
    if isinstance(found, Misread) or said.weekday in {None, found[0].weekday()}:
        return found
    values = {"day": found[0], "weekday": said.weekday}
    return Misread(Reason.WEEKDAY_MISMATCH, 0, values=values)


def _chosen(days: list[date | None], today: date, *, past: bool) -> tuple[date, ...] | Misread:
    """Return this year's day if it is still to come, else next year's within the coming half year."""
    this, following = days
    if this and (past or this >= today):
        return (this,)
    if following and following - today <= _AHEAD:
        return (following,)
    if not this:
        return Misread(Reason.NO_SUCH_DAY, 0)
    candidates = (following.isoformat(),) if following else ()
    return Misread(Reason.PAST_DATE, 0, values={"day": this, "candidates": candidates})


def _day(year: int, said: Day) -> date | None:
    try:
        return date(year, said.month, said.day)
    except ValueError:
        return None


def _iso_day(year: int, week: int, weekday: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, weekday + 1)
    except ValueError:
        return None
