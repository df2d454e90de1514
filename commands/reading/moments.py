"""Which instant is meant by what was said. All words are wall time in Stockholm, all instants are aware UTC.

What is not fully understood is refused, a date in the past is refused, and what can be meant in two ways is asked about (commands 1).
A day that is written with its year is taken at its word: so a weekend or a holiday, which is questioned, is confirmed by typing one of the
`candidates` of the answer. Day and month without year mean the coming half year, or the rest of this year.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from care.calendar import holiday_name, is_working_day
from care.clock import STOCKHOLM, local
from commands.declare import Kind
from commands.reading.dates import dates
from commands.reading.days import Day
from commands.reading.outcome import Misread, Reason
from commands.reading.spoken import Said, bare_end, goes_on, said
from commands.reading.words import Word, split

EXAMPLES = {Kind.DAY: "2026-12-01", Kind.MOMENT: "tisdag 13:00", Kind.CLOCK: "14:00"}
EXPECTED = {Kind.DAY: "ett datum", Kind.MOMENT: "dag och klockslag", Kind.CLOCK: "ett klockslag"}
When = date | datetime | time


@dataclass(frozen=True, slots=True)
class Frame:
    """What words about time are measured against: `now` in UTC, extra staffed days, the hour of a day without one.

    `past` takes what has been as well.
    """

    now: datetime
    staffed: frozenset[date] = frozenset()
    clock: time | None = None
    past: bool = False

    @property
    def today(self) -> date:
        """Return the day in Stockholm."""
        return local(self.now).date()


def read_moment(
    text: str, now: datetime, *, staffed: frozenset[date] = frozenset(), clock: time | None = None, past: bool = False
) -> datetime | Misread:
    """Return the instant (UTC) that the whole text means; `clock` is the hour of a day without one."""
    found = read_all(Kind.MOMENT, split(text), Frame(now, staffed, clock, past))
    assert isinstance(found, datetime | Misread)
    return found


def read_day(text: str, now: datetime, *, staffed: frozenset[date] = frozenset(), past: bool = False) -> date | Misread:
    """Return the day in Stockholm that the whole text means; "vecka 49" is its Monday."""
    found = read_all(Kind.DAY, split(text), Frame(now, staffed, past=past))
    assert isinstance(found, date | Misread)
    return found


def read_clock(text: str, now: datetime) -> time | Misread:
    """Return the wall time that the whole text means."""
    found = read_all(Kind.CLOCK, split(text), Frame(now))
    assert isinstance(found, time | Misread)
    return found


def written(when: When) -> str:
    """Return the one writing of an instant, a day or a wall time that is always read back as the same."""
    if isinstance(when, time):
        return f"{when:%H:%M}"
    if not isinstance(when, datetime):
        return when.isoformat()
    wall = local(when)
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return f"{wall:%Y-%m-%d %H:%M}" + (("", " sommartid", " vintertid")[twice * (1 + wall.fold)])


def read_all(kind: Kind, words: Sequence[Word], frame: Frame) -> When | Misread:
    """Return what all the words mean together; the caret stands at the first that was not understood."""
    found = said(words)
    if not found or found[1] < len(words):
        at = words[found[1] if found else 0].at if words else 0
        return _misread(Reason.NOT_A_TIME if kind is Kind.CLOCK else Reason.NOT_A_DATE, kind, at)
    result = _meant(kind, found[0], frame)
    return result.moved(words[0].at) if isinstance(result, Misread) else result


def read_first(kind: Kind, words: Sequence[Word], frame: Frame) -> tuple[When, int] | Misread:
    """Return what the first words mean and how many they are; refuse where it is not clear which words belong to it."""
    found = said(words)
    if not found:
        return _misread(Reason.NOT_A_TIME if kind is Kind.CLOCK else Reason.NOT_A_DATE, kind, words[0].at if words else 0)
    count, left = found[1], words[found[1] :]
    if left and (goes_on(left) or bare_end(words[:count])):
        return _misread(Reason.NOT_A_DATE, kind, left[0].at)
    result = read_all(kind, words[:count], frame)
    return result if isinstance(result, Misread) else (result, count)


def _misread(reason: Reason, kind: Kind, at: int = 0, **values: object) -> Misread:
    return Misread(reason, at, EXPECTED[kind], example=EXAMPLES[kind], values=values)


def _meant(kind: Kind, phrase: Said, frame: Frame) -> When | Misread:
    if kind is Kind.CLOCK:
        return _clock(phrase)
    if phrase.span is not None:
        return _later(kind, phrase.span, frame)
    if phrase.day is None:
        return _misread(Reason.DAY_MISSING, kind)
    if kind is Kind.DAY and (phrase.clock or phrase.part):
        return _misread(Reason.NOT_A_DATE, kind)
    days = dates(phrase.day, frame.today, past=frame.past)
    if isinstance(days, Misread):
        return replace(days, expected=EXPECTED[kind], example=EXAMPLES[kind])
    return _day(phrase.day, days, frame) if kind is Kind.DAY else _moment(phrase, phrase.day, days, frame)


def _clock(phrase: Said) -> time | Misread:
    times = phrase.times()
    if phrase.day or phrase.span is not None or phrase.fold is not None or not times:
        return _misread(Reason.NOT_A_TIME, Kind.CLOCK)
    hour, *others = times
    if others:
        return _misread(Reason.MORNING_OR_EVENING, Kind.CLOCK, candidates=tuple(map(written, times)))
    return hour


def _later(kind: Kind, span: timedelta, frame: Frame) -> When | Misread:
    """Return now and a span of elapsed time, to the minute."""
    if kind is Kind.DAY:
        return _misread(Reason.NOT_A_DATE, kind)
    return (frame.now.astimezone(UTC) + span).replace(second=0, microsecond=0)


def _day(said_day: Day, days: Sequence[date], frame: Frame) -> date | Misread:
    day, *others = days
    if others:
        return _asked(Kind.DAY, said_day, days)
    if day < frame.today and not frame.past:
        return _misread(Reason.PAST_DATE, Kind.DAY, day=day, candidates=())
    return _questioned(Kind.DAY, said_day, day, day, frame) or day


def _moment(phrase: Said, said_day: Day, days: Sequence[date], frame: Frame) -> datetime | Misread:
    times = phrase.times() or (() if frame.clock is None else (frame.clock,))
    if not times:
        return _misread(Reason.HOUR_MISSING, Kind.MOMENT, day=days[0])
    walls = [datetime.combine(day, hour, STOCKHOLM) for day in days for hour in times]
    coming = walls if frame.past else [wall for wall in walls if wall.astimezone(UTC) > frame.now]
    if len(coming) > 1:
        if len(times) > 1:
            return _misread(Reason.MORNING_OR_EVENING, Kind.MOMENT, candidates=tuple(map(written, coming)))
        return _asked(Kind.MOMENT, said_day, coming)
    if not coming and phrase.fold != 1:
        return _misread(Reason.PAST_DATE, Kind.MOMENT, day=walls[0].date(), candidates=())
    wall = (coming or walls)[0]
    return _settled(wall, phrase.fold, frame) or _questioned(Kind.MOMENT, said_day, wall.date(), wall, frame) or _utc(wall, phrase.fold)


def _utc(wall: datetime, fold: int | None) -> datetime:
    return wall.replace(fold=fold or 0).astimezone(UTC)


def _settled(wall: datetime, fold: int | None, frame: Frame) -> Misread | None:
    """Refuse a wall time that summer time skips, and ask about one that comes twice, unless it was told which."""
    first, second = (wall.replace(fold=n) for n in (0, 1))
    if first.utcoffset() == second.utcoffset():
        told_wrong = fold is not None and bool(wall.dst()) != (fold == 0)
        return _misread(Reason.NOT_A_DATE, Kind.MOMENT) if told_wrong else None
    if local(first.astimezone(UTC)).replace(tzinfo=None) != wall.replace(tzinfo=None):
        return _misread(Reason.CLOCK_SKIPPED, Kind.MOMENT, day=wall.date())
    if fold is None:
        return _misread(Reason.CLOCK_TWICE, Kind.MOMENT, candidates=(written(first), written(second)))
    if _utc(wall, fold) <= frame.now and not frame.past:
        return _misread(Reason.PAST_DATE, Kind.MOMENT, day=wall.date(), candidates=())
    return None


def _asked(kind: Kind, said_day: Day, choices: Sequence[date]) -> Misread:
    reason = Reason.NEXT_WEEKDAY if said_day.upcoming else Reason.WEEKDAY_IS_TODAY
    return _misread(reason, kind, candidates=tuple(map(written, choices)))


def _questioned(kind: Kind, said_day: Day, day: date, when: date, frame: Frame) -> Misread | None:
    """Question a day off; not one written with its year, nor "idag", which nobody mistakes."""
    if said_day.year or said_day.away == 0 or frame.past or is_working_day(day, frame.staffed):
        return None
    candidates = (written(when),)
    if name := holiday_name(day):
        return _misread(Reason.HOLIDAY, kind, day=day, holiday=name, candidates=candidates)
    return _misread(Reason.WEEKEND, kind, day=day, candidates=candidates)
