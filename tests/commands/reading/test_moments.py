"""Dates and hours as people type them. NOW is Monday 23 November 2026, 10:00 in Stockholm."""

from datetime import UTC, date, datetime, time, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.reading import Misread, Reason
from commands.reading.moments import read_clock, read_day, read_moment, written
from tests.commands.region import NOW

MOMENTS = {
    "2026-12-01 13:00": "2026-12-01 13:00",
    "2026-12-01 kl 13": "2026-12-01 13:00",
    "2026-12-01T13:00": "2026-12-01 13:00",
    "2026‑12‑01 13.00": "2026-12-01 13:00",
    "2026-12-01\u00a013:00": "2026-12-01 13:00",
    "13:00 2026-12-01": "2026-12-01 13:00",
    "2026-12-05 13:00": "2026-12-05 13:00",
    "2026-12-24 10:00": "2026-12-24 10:00",
    "1/12 13.00": "2026-12-01 13:00",
    "1/12 kl. 13": "2026-12-01 13:00",
    "1/12 2026 13:00": "2026-12-01 13:00",
    "1/12/2026 13:00": "2026-12-01 13:00",
    "1/12-2026 kl 13": "2026-12-01 13:00",
    "kl 13 den 1/12": "2026-12-01 13:00",
    "1 dec kl 13": "2026-12-01 13:00",
    "1 dec. kl 13": "2026-12-01 13:00",
    "1dec kl13": "2026-12-01 13:00",
    "den 1 december kl 13": "2026-12-01 13:00",
    "1:a december 13:00": "2026-12-01 13:00",
    "den 1 december 2026 klockan 13.30": "2026-12-01 13:30",
    "Dec 1st at 13:00": "2026-12-01 13:00",
    "1 December 2026 at 1 pm": "2026-12-01 13:00",
    "1 DEC KL 1330": "2026-12-01 13:30",
    "tisdag 1 december kl 13": "2026-12-01 13:00",
    "tisdag den 1/12 kl 13": "2026-12-01 13:00",
    "tisdagen den 1 dec 13:00": "2026-12-01 13:00",
    "tisdag 13:00": "2026-11-24 13:00",
    "tis 13": "2026-11-24 13:00",
    "Tisdag, 13:00": "2026-11-24 13:00",
    "på tisdag kl 13": "2026-11-24 13:00",
    "pa tisdag kl. 13": "2026-11-24 13:00",
    "kommande tisdag 13:00": "2026-11-24 13:00",
    "on Tuesday at 13": "2026-11-24 13:00",
    "Tue 1pm": "2026-11-24 13:00",
    "måndag 09:00": "2026-11-30 09:00",
    "nästa måndag 10.30": "2026-11-30 10:30",
    "next Monday 10:30": "2026-11-30 10:30",
    "tisdag nästa vecka 10.30": "2026-12-01 10:30",
    "tisdag i nästa vecka kl 10": "2026-12-01 10:00",
    "nästa vecka på tisdag kl 10": "2026-12-01 10:00",
    "tisdag vecka 49 kl 13": "2026-12-01 13:00",
    "vecka 49 tisdag 13:00": "2026-12-01 13:00",
    "tis v49 13:00": "2026-12-01 13:00",
    "tisdag v. 2 13:00": "2027-01-12 13:00",
    "imorgon 13": "2026-11-24 13:00",
    "i morgon kl 13": "2026-11-24 13:00",
    "imorrn 13:00": "2026-11-24 13:00",
    "tomorrow at 13": "2026-11-24 13:00",
    "kl 13 imorgon": "2026-11-24 13:00",
    "övermorgon 08:15": "2026-11-25 08:15",
    "i övermorgon kl 8": "2026-11-25 08:00",
    "idag 15.30": "2026-11-23 15:30",
    "i dag kl 15": "2026-11-23 15:00",
    "today 15:30": "2026-11-23 15:30",
    "idag kl 3": "2026-11-23 15:00",
    "om 3 dagar kl 9": "2026-11-26 09:00",
    "om två veckor kl 10": "2026-12-07 10:00",
    "om en vecka 10:00": "2026-11-30 10:00",
    "in a week at 10": "2026-11-30 10:00",
    "in 3 days 9:00": "2026-11-26 09:00",
    "om 30 minuter": "2026-11-23 10:30",
    "om två timmar": "2026-11-23 12:00",
    "in an hour": "2026-11-23 11:00",
    "halv tre på torsdag": "2026-11-26 14:30",
    "på torsdag halv tre": "2026-11-26 14:30",
    "torsdag kl halv 3": "2026-11-26 14:30",
    "torsdag halv ett": "2026-11-26 12:30",
    "torsdag halv nio": "2026-11-26 08:30",
    "torsdag kvart i nio": "2026-11-26 08:45",
    "torsdag kvart över ett": "2026-11-26 13:15",
    "torsdag tio i tre": "2026-11-26 14:50",
    "torsdag fem över halv tre": "2026-11-26 14:35",
    "torsdag klockan tre": "2026-11-26 15:00",
    "torsdag kl tolv": "2026-11-26 12:00",
    "half past two on Thursday": "2026-11-26 14:30",
    "Thursday quarter to three": "2026-11-26 14:45",
    "torsdag kl 3 på eftermiddagen": "2026-11-26 15:00",
    "torsdag halv sju på kvällen": "2026-11-26 18:30",
    "torsdag halv sju på morgonen": "2026-11-26 06:30",
    "torsdag 07:30": "2026-11-26 07:30",
    "torsdag 03:00": "2026-11-26 03:00",
    "15/1 kl 13": "2027-01-15 13:00",
    "2027-10-31 02:30 sommartid": "2027-10-31 02:30 sommartid",
    "2027-10-31 02:30 vintertid": "2027-10-31 02:30 vintertid",
}

DAYS = {
    "2026-12-01": "2026-12-01",
    "1/12": "2026-12-01",
    "1 dec": "2026-12-01",
    "tisdag": "2026-11-24",
    "på tisdag": "2026-11-24",
    "imorgon": "2026-11-24",
    "idag": "2026-11-23",
    "om 3 dagar": "2026-11-26",
    "om två veckor": "2026-12-07",
    "in two weeks": "2026-12-07",
    "vecka 49": "2026-11-30",
    "v 49": "2026-11-30",
    "v.49": "2026-11-30",
    "week 49": "2026-11-30",
    "nästa vecka": "2026-11-30",
    "fredag vecka 50": "2026-12-11",
    "29 februari 2028": "2028-02-29",
}

REFUSED = {
    "": (Reason.NOT_A_DATE, 0),
    "snart": (Reason.NOT_A_DATE, 0),
    "13/14 13:00": (Reason.NOT_A_DATE, 0),
    "0/12 13:00": (Reason.NOT_A_DATE, 0),
    "31/11 13:00": (Reason.NO_SUCH_DAY, 0),
    "2027-02-29 13:00": (Reason.NO_SUCH_DAY, 0),
    "2026-13-01 13:00": (Reason.NOT_A_DATE, 0),
    "26-12-01 13:00": (Reason.NOT_A_DATE, 0),
    "tisdag 25:00": (Reason.NOT_A_DATE, 7),
    "tisdag 13:60": (Reason.NOT_A_DATE, 7),
    "tisdag kl": (Reason.NOT_A_DATE, 7),
    "tisdag kl tjugofem": (Reason.NOT_A_DATE, 7),
    "tisdag 13-14": (Reason.NOT_A_DATE, 7),
    "tisdag 13 eller onsdag": (Reason.NOT_A_DATE, 10),
    "  tisdag 13:00 prick": (Reason.NOT_A_DATE, 15),
    "imorgon 1 dec": (Reason.NOT_A_DATE, 10),
    "den 5:e": (Reason.NOT_A_DATE, 0),
    "nästa": (Reason.NOT_A_DATE, 0),
    "vecka 54": (Reason.NOT_A_DATE, 0),
    "på": (Reason.NOT_A_DATE, 0),
    "torsdag 0:30 pm": (Reason.NOT_A_DATE, 0),
    "torsdag 15:00 på förmiddagen": (Reason.NOT_A_DATE, 0),
    "13:00": (Reason.DAY_MISSING, 0),
    "tisdag": (Reason.HOUR_MISSING, 0),
    "vecka 49": (Reason.HOUR_MISSING, 0),
    "2026-11-23 09:59": (Reason.PAST_DATE, 0),
    "idag 10:00": (Reason.PAST_DATE, 0),
    "igår 13:00": (Reason.PAST_DATE, 0),
    "1/11 13:00": (Reason.PAST_DATE, 0),
    "onsdag 1 december 13:00": (Reason.WEEKDAY_MISMATCH, 0),
    "måndag 15:00": (Reason.WEEKDAY_IS_TODAY, 0),
    "nästa tisdag 10.30": (Reason.NEXT_WEEKDAY, 0),
    "torsdag kl 3": (Reason.MORNING_OR_EVENING, 0),
    "torsdag 3.30": (Reason.MORNING_OR_EVENING, 0),
    "torsdag halv sju": (Reason.MORNING_OR_EVENING, 0),
    "lördag 13:00": (Reason.WEEKEND, 0),
    "5/12 13:00": (Reason.WEEKEND, 0),
    "24/12 13:00": (Reason.HOLIDAY, 0),
    "2027-03-28 02:30": (Reason.CLOCK_SKIPPED, 0),
    "2027-10-31 02:30": (Reason.CLOCK_TWICE, 0),
    "2026-12-01 13:00 sommartid": (Reason.NOT_A_DATE, 0),
}


@pytest.mark.parametrize(("typed", "meant"), MOMENTS.items())
def test_a_moment_is_read_as_it_is_meant(typed: str, meant: str) -> None:
    read = read_moment(typed, NOW)

    assert isinstance(read, datetime)
    assert read.tzinfo is UTC
    assert written(read) == meant


@pytest.mark.parametrize(("typed", "meant"), DAYS.items())
def test_a_day_is_read_as_it_is_meant(typed: str, meant: str) -> None:
    assert read_day(typed, NOW) == date.fromisoformat(meant)


@pytest.mark.parametrize(("typed", "why"), REFUSED.items())
def test_what_is_not_fully_understood_is_refused_at_its_place(typed: str, why: tuple[Reason, int]) -> None:
    read = read_moment(typed, NOW)

    assert isinstance(read, Misread)
    assert (read.reason, read.at) == why


@pytest.mark.parametrize("typed", [typed for typed, why in REFUSED.items() if why[0].name in {"WEEKEND", "HOLIDAY", "NEXT_WEEKDAY"}])
def test_what_a_question_offers_is_accepted_when_it_is_typed(typed: str) -> None:
    read = read_moment(typed, NOW)

    assert isinstance(read, Misread)
    candidates = cast("tuple[str, ...]", read.values["candidates"])
    assert candidates
    for candidate in candidates:
        assert isinstance(read_moment(candidate, NOW), datetime)


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("14:00", time(14)), ("14.00", time(14)), ("kl 14", time(14)), ("halv tre", time(14, 30)), ("2 pm", time(14)), ("07:05", time(7, 5))],
)
def test_a_wall_time_is_read_without_a_day(typed: str, meant: time) -> None:
    assert read_clock(typed, NOW) == meant


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("14", Reason.NOT_A_TIME),
        ("tisdag 14:00", Reason.NOT_A_TIME),
        ("kl 3", Reason.MORNING_OR_EVENING),
        ("om 2 timmar", Reason.NOT_A_TIME),
    ],
)
def test_a_wall_time_alone_is_refused_otherwise(typed: str, reason: Reason) -> None:
    read = read_clock(typed, NOW)

    assert isinstance(read, Misread)
    assert read.reason is reason


@given(st.integers(min_value=1, max_value=13_000_000))
def test_what_is_printed_is_read_back_the_same(minutes: int) -> None:
    minute = NOW + timedelta(minutes=minutes)

    assert read_moment(written(minute), NOW) == minute


@given(st.integers(min_value=0, max_value=120))
def test_each_hour_half_of_the_autumn_night_is_read_back_the_same(minutes: int) -> None:
    instant = datetime(2027, 10, 31, 0, tzinfo=UTC) + timedelta(minutes=minutes)

    assert read_moment(written(instant), NOW) == instant


@given(st.dates(date(2026, 11, 23), date(2099, 12, 31)))
def test_a_printed_day_is_read_back_the_same(day: date) -> None:
    assert read_day(written(day), NOW) == day


_BITS = [
    "tisdag",
    "nästa",
    "kl",
    "13",
    "halv",
    "tre",
    "om",
    "3",
    "dagar",
    "1/12",
    "dec",
    "på",
    "vecka",
    "49",
    "kvart",
    "i",
    "över",
    "idag",
    "999",
    "pm",
]


@given(st.lists(st.sampled_from(_BITS), max_size=9).map(" ".join), st.integers(min_value=0, max_value=40_000_000))
def test_any_mixture_of_date_words_is_a_coming_moment_or_refused_within_the_text(typed: str, minutes: int) -> None:
    now = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    read = read_moment(typed, now)

    if isinstance(read, Misread):
        assert 0 <= read.at <= len(typed)
    else:
        assert read >= now.replace(second=0, microsecond=0)
