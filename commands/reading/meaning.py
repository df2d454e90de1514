"""Which instant is meant by what was said. All words are wall time in Stockholm, all instants are aware UTC.

A date in the past is refused, and what can be meant in two ways is asked about (commands 1, decision 0026). A day that is written in
full, with its year or its weekday, is taken at its word: so a weekend or a holiday, which is questioned, is confirmed by typing one of
the `candidates` of the answer. Day and month alone mean the rest of this year, or the coming half year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from care.calendar import holiday_name, is_working_day
from care.clock import local
from commands.declare import Kind
from commands.reading.dates import NoDate, dates
from commands.reading.days import Day
from commands.reading.outcome import Misread, Reason
from commands.reading.spoken import Said
from commands.reading.walls import When, offered, skipped, twice, walls, written

EXAMPLES = {Kind.DAY: "2026-12-01", Kind.MOMENT: "tisdag 13:00", Kind.CLOCK: "14:00"}
EXPECTED = {Kind.DAY: "ett datum", Kind.MOMENT: "dag och klockslag", Kind.CLOCK: "ett klockslag"}
_MIDNIGHT = 1440


@dataclass(frozen=True, slots=True)
class Frame:
    """What words about time are measured against: `now` in UTC, extra staffed days, the hour of a day without one.

    An argument that has such an hour is a latest time: only there does "senast fredag" say the same as "fredag". `past` takes what has
    been as well.
    """

    now: datetime
    staffed: frozenset[date] = frozenset()
    clock: time | None = None
    past: bool = False

    @property
    def today(self) -> date:
        """Return the day in Stockholm."""
        return local(self.now).date()

    @property
    def after(self) -> datetime | None:
        """Return the instant that what is meant comes after, or None where the past counts."""
        return None if self.past else self.now


def misread(reason: Reason, kind: Kind, at: int = 0, **values: object) -> Misread:
    """Return why words about time were not taken."""
    return Misread(reason, at, EXPECTED[kind], example=EXAMPLES[kind], values=values)


def unread(kind: Kind, at: int = 0) -> Misread:
    """Return that words were not understood at all."""
    return misread(Reason.NOT_A_TIME if kind is Kind.CLOCK else Reason.NOT_A_DATE, kind, at)


def candidates(found: When | Misread) -> tuple[str, ...]:
    """Return the writing of what was meant, or the writings that a refusal offers."""
    if not isinstance(found, Misread):
        return (written(found),)
    return tuple(cast("Sequence[str]", found.values.get("candidates", ())))


def meant(kind: Kind, phrase: Said, frame: Frame) -> When | Misread:
    """Return what a phrase means, or why nobody can know; the caret is left to the caller."""
    if phrase.bound and frame.clock is None:
        return unread(kind)
    if phrase.end:
        return _two_times(kind, replace(phrase, end=None), phrase.end.minutes(), frame)
    if kind is Kind.CLOCK:
        return _clock(phrase)
    if kind is Kind.DAY and (phrase.clock or phrase.part or phrase.span is not None or phrase.instant is not None):
        return _dotted(kind, phrase, frame) or unread(kind)
    return _exact(phrase, frame) or _dotted(kind, phrase, frame) or _on_day(kind, phrase, frame)


def _two_times(kind: Kind, start: Said, end: Sequence[int], frame: Frame) -> Misread:
    """Refuse "13-14", and say how its start is written alone."""
    found = meant(kind, start, frame)
    offers = candidates(found)
    if isinstance(found, Misread) and not offers:
        return found
    hours = tuple(written(time(m // 60, m % 60)) for m in end if m < _MIDNIGHT)
    if kind is Kind.CLOCK:
        return misread(Reason.TWO_TIMES, kind, candidates=tuple(dict.fromkeys(offers + hours)), end="")
    return misread(Reason.TWO_TIMES, kind, candidates=offers, end=hours[0] if len(hours) == 1 else "")


def _clock(phrase: Said) -> time | Misread:
    minutes = phrase.minutes()
    if phrase.fold is not None or not minutes or _MIDNIGHT in minutes:
        return unread(Kind.CLOCK)
    hour, *others = (time(m // 60, m % 60) for m in minutes)
    return misread(Reason.MORNING_OR_EVENING, Kind.CLOCK, candidates=tuple(map(written, (hour, *others)))) if others else hour


def _exact(phrase: Said, frame: Frame) -> datetime | Misread | None:
    """Return an instant that needs no calendar: one with its offset, or now and a span of elapsed time, to the minute."""
    if phrase.instant is None and phrase.span is None:
        return None
    instant = (phrase.instant or frame.now + (phrase.span or timedelta())).astimezone(UTC).replace(second=0, microsecond=0)
    if not frame.past and instant <= frame.now:
        return misread(Reason.PAST_DATE, Kind.MOMENT, day=local(instant).date(), candidates=())
    return instant


def _dotted(kind: Kind, phrase: Said, frame: Frame) -> Misread | None:
    """Ask about "10.12", alone or after a day that is the tenth of December: it is a date or an hour."""
    if not phrase.clock or not phrase.clock.dotted or (phrase.day and phrase.day.month):
        return None
    day, month = phrase.clock.dotted
    weekday = phrase.day.weekday if phrase.day else None
    other = dates(Day(month=month, day=day, weekday=weekday), frame.today, past=frame.past)
    this = dates(phrase.day, frame.today, past=frame.past) if phrase.day else ()
    if isinstance(other, NoDate) or isinstance(this, NoDate) or (phrase.day and weekday is None and other[0] not in this):
        return None
    if kind is Kind.DAY:
        return None if phrase.day else misread(Reason.DATE_OR_HOUR, kind, candidates=(written(other[0]),))
    hours = this or (frame.today, frame.today + timedelta(days=1))
    both = walls(hours, phrase.minutes()) + walls(other, _hour(frame))
    return misread(Reason.DATE_OR_HOUR, kind, candidates=offered(both, frame.after))


def _hour(frame: Frame) -> tuple[int, ...]:
    return () if frame.clock is None else (frame.clock.hour * 60 + frame.clock.minute,)


def _on_day(kind: Kind, phrase: Said, frame: Frame) -> When | Misread:
    if phrase.day is None:
        coming = walls((frame.today, frame.today + timedelta(days=1)), phrase.minutes())
        return misread(Reason.DAY_MISSING, kind, candidates=offered(coming, frame.after))
    days = dates(phrase.day, frame.today, past=frame.past)
    if kind is Kind.DAY:
        return _undated(kind, days, map(written, days.offers)) if isinstance(days, NoDate) else _day(phrase.day, days, frame)
    vague = phrase.part or phrase.before
    minutes = phrase.minutes() or (() if vague else _hour(frame))
    if isinstance(days, NoDate):
        return _undated(kind, days, offered(walls(days.offers, minutes), frame.after))
    if max(days) < frame.today and not frame.past:
        return misread(Reason.PAST_DATE, kind, day=days[0], candidates=())
    if not minutes:
        return replace(misread(Reason.HOUR_MISSING, kind, day=days[0]), expected=EXPECTED[Kind.CLOCK])
    return (
        _whole_week(phrase.day, days[0], minutes, frame)
        or _loose_year(phrase, days, minutes, frame)
        or _moment(phrase, phrase.day, walls(days, minutes), minutes, frame)
    )


def _whole_week(said_day: Day, monday: date, minutes: Sequence[int], frame: Frame) -> Misread | None:
    """Ask which day of a week is meant, where a week alone is not enough (commands 1)."""
    if said_day.week is None or said_day.weekday is not None:
        return None
    days = [monday + timedelta(days=ahead) for ahead in range(5)]
    return misread(Reason.WHICH_DAY, Kind.MOMENT, candidates=offered(walls(days, minutes), frame.after))


def _undated(kind: Kind, why: NoDate, offers: Iterable[str]) -> Misread:
    return replace(misread(why.reason, kind), values={**why.values, "candidates": tuple(offers)})


def _loose_year(phrase: Said, days: Sequence[date], minutes: Sequence[int], frame: Frame) -> Misread | None:
    """Ask about "1 dec 2030" where the hour is left out: it could be half past eight in the evening."""
    day = phrase.day
    if phrase.clock or not day or not day.loose_year or day.year <= frame.today.year + 1:
        return None
    hour, minute = divmod(day.year, 100)
    coming = dates(replace(day, year=0), frame.today, past=frame.past)
    if isinstance(coming, NoDate) or minute >= 60:  # noqa: PLR2004 - minutes of an hour
        return None
    both = walls(days, minutes) + walls(coming, (hour * 60 + minute,))
    return misread(Reason.DATE_OR_HOUR, Kind.MOMENT, candidates=offered(both, frame.after))


def _day(said_day: Day, days: Sequence[date], frame: Frame) -> date | Misread:
    day, *others = days
    if others:
        return misread(_two(said_day), Kind.DAY, candidates=tuple(map(written, days)))
    if day < frame.today and not frame.past:
        return misread(Reason.PAST_DATE, Kind.DAY, day=day, candidates=())
    return _questioned(Kind.DAY, said_day, day, day, frame) or day


def _moment(phrase: Said, said_day: Day, found: Sequence[datetime], minutes: Sequence[int], frame: Frame) -> datetime | Misread:
    late = [wall.replace(fold=1 if phrase.fold is None else phrase.fold) for wall in found]
    coming = [wall.replace(fold=0) for wall in late if frame.past or wall.astimezone(UTC) > frame.now]
    if not coming:
        return misread(Reason.PAST_DATE, Kind.MOMENT, day=found[0].date(), candidates=())
    if len(coming) > 1 and (choices := offered(coming, frame.after)):
        return misread(Reason.MORNING_OR_EVENING if len(minutes) > 1 else _two(said_day), Kind.MOMENT, candidates=choices)
    wall = coming[0]
    day = wall.date() - timedelta(days=tuple(minutes) == (_MIDNIGHT,))
    return _settled(wall, phrase.fold, frame) or _questioned(Kind.MOMENT, said_day, day, wall, frame) or _utc(wall, phrase.fold)


def _utc(wall: datetime, fold: int | None) -> datetime:
    return wall.replace(fold=fold or 0).astimezone(UTC)


def _settled(wall: datetime, fold: int | None, frame: Frame) -> Misread | None:
    """Refuse a wall time that summer time skips, and ask about one that comes twice, unless it was told which."""
    if skipped(wall):
        return misread(Reason.CLOCK_SKIPPED, Kind.MOMENT, day=wall.date())
    if twice(wall) and fold is None:
        return misread(Reason.CLOCK_TWICE, Kind.MOMENT, candidates=offered((wall,), frame.after))
    told_wrong = not twice(wall) and fold is not None and bool(wall.dst()) != (fold == 0)
    return unread(Kind.MOMENT) if told_wrong else None


def _two(said_day: Day) -> Reason:
    if said_day.upcoming:
        return Reason.NEXT_WEEKDAY
    return Reason.WHICH_DAY if said_day.day or said_day.weeks else Reason.WEEKDAY_IS_TODAY


def _questioned(kind: Kind, said_day: Day, day: date, when: date, frame: Frame) -> Misread | None:
    """Question a day off; not one written in full, nor "idag", which nobody mistakes."""
    full = said_day.year or (said_day.day and said_day.weekday is not None)
    if full or said_day.away == 0 or frame.past or is_working_day(day, frame.staffed):
        return None
    if name := holiday_name(day):
        return misread(Reason.HOLIDAY, kind, day=day, holiday=name, candidates=(written(when),))
    return misread(Reason.WEEKEND, kind, day=day, candidates=(written(when),))
