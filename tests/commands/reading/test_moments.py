"""Dates and hours as people type them. NOW is Monday 23 November 2026, 10:00 in Stockholm."""

from datetime import UTC, date, datetime, time, timedelta

from commands.declare import Kind
from commands.reading import Misread, Reason
from commands.reading.meaning import Frame
from commands.reading.moments import read_all
from commands.reading.words import split
from tests.commands.region import NOW


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


def test_both_mondays_are_offered_when_the_hour_is_still_to_come_today() -> None:
    read = read_moment("måndag 15:00", NOW)

    assert isinstance(read, Misread)
    assert read.values["candidates"] == ("2026-11-23 15:00", "2026-11-30 15:00")


def test_a_day_alone_named_as_today_is_asked_about() -> None:
    read = read_day("måndag", NOW)

    assert isinstance(read, Misread)
    assert read.values["candidates"] == ("2026-11-23", "2026-11-30")


def test_a_holiday_is_named() -> None:
    read = read_day("24 december", NOW)

    assert isinstance(read, Misread)
    assert read.values["holiday"] == "Julafton"
    assert read.values["candidates"] == ("2026-12-24",)


def test_an_extra_staffed_day_is_no_longer_questioned() -> None:
    saturday = date(2026, 11, 28)

    assert isinstance(read_day("lördag", NOW), Misread)
    assert read_day("lördag", NOW, staffed=frozenset({saturday})) == saturday


def test_today_is_never_questioned_even_on_a_saturday() -> None:
    saturday = datetime(2026, 11, 28, 9, tzinfo=UTC)

    assert read_moment("idag 15:30", saturday) == datetime(2026, 11, 28, 14, 30, tzinfo=UTC)


def test_a_day_without_an_hour_takes_the_hour_of_its_argument() -> None:
    read = read_moment("fredag", NOW, clock=time(16))

    assert read == datetime(2026, 11, 27, 15, tzinfo=UTC)


def test_an_argument_about_the_past_takes_the_past() -> None:
    assert read_day("igår", NOW, past=True) == date(2026, 11, 22)
    assert read_day("1/11", NOW, past=True) == date(2026, 11, 1)


def test_a_day_of_the_month_is_asked_about_where_the_past_counts() -> None:
    last, this = (read_day(typed, NOW, past=True) for typed in ("den 3:e", "den 23"))

    assert isinstance(last, Misread)
    assert isinstance(this, Misread)
    assert last.values["candidates"] == ("2026-11-03", "2026-12-03")
    assert this.values["candidates"] == ("2026-11-23", "2026-12-23")
    assert read_day("tisdag den 3:e", NOW, past=True) == date(2026, 11, 3)


def test_a_month_on_from_a_day_that_it_has_not_is_asked_about() -> None:
    last_of_january = datetime(2027, 1, 31, 9, tzinfo=UTC)

    day, hour = read_day("om en månad", last_of_january), read_moment("om en månad kl 10", last_of_january)

    assert isinstance(day, Misread)
    assert isinstance(hour, Misread)
    assert day.values["candidates"] == ("2027-02-28", "2027-03-01")
    assert hour.values["candidates"] == ("2027-02-28 10:00", "2027-03-01 10:00")


def test_a_week_that_no_coming_year_has_does_not_exist() -> None:
    read = read_day("vecka 53", datetime(2027, 3, 1, 9, tzinfo=UTC))

    assert isinstance(read, Misread)
    assert read.reason is Reason.NO_SUCH_DAY


def test_the_second_of_two_equal_hours_can_be_past_too() -> None:
    after = datetime(2027, 10, 31, 1, 45, tzinfo=UTC)

    read = read_moment("2027-10-31 02:30 vintertid", after)

    assert isinstance(read, Misread)
    assert read.reason is Reason.PAST_DATE


def test_a_month_and_day_long_gone_ask_for_the_year() -> None:
    read = read_day("1 oktober", NOW)

    assert isinstance(read, Misread)
    assert read.reason is Reason.PAST_DATE
    assert read.values["candidates"] == ("2027-10-01",)


def test_the_repeated_hour_is_told_by_summer_or_winter_time() -> None:
    summer = read_moment("2027-10-31 02:30 sommartid", NOW)
    winter = read_moment("2027-10-31 02:30 vintertid", NOW)

    assert isinstance(summer, datetime)
    assert isinstance(winter, datetime)
    assert winter - summer == timedelta(hours=1)
