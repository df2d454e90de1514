from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.calendar import (
    add_working_days,
    holiday_name,
    is_working_day,
    next_working_day,
    previous_working_day,
    working_days,
)

DAYS = st.dates(date(2006, 1, 1), date(2099, 12, 31))
STAFFED = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5)

FREE_WEEKDAYS = {
    2025: "1/1 6/1 18/4 21/4 1/5 29/5 6/6 20/6 24/12 25/12 26/12 31/12",
    2026: "1/1 6/1 3/4 6/4 1/5 14/5 19/6 24/12 25/12 31/12",
    2027: "1/1 6/1 26/3 29/3 6/5 25/6 24/12 31/12",
    2028: "6/1 14/4 17/4 1/5 25/5 6/6 23/6 25/12 26/12",
    2029: "1/1 30/3 2/4 1/5 10/5 6/6 22/6 24/12 25/12 26/12 31/12",
}


def day(text: str, year: int) -> date:
    number, month = text.split("/")
    return date(year, int(month), int(number))


def weekdays(year: int) -> list[date]:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days))
    return [each for each in days if each.weekday() < 5]


@pytest.mark.parametrize("year", FREE_WEEKDAYS)
def test_the_free_weekdays_are_those_of_the_table(year: int) -> None:
    expected = [day(text, year) for text in FREE_WEEKDAYS[year].split()]

    assert [each for each in weekdays(year) if not is_working_day(each)] == expected


@pytest.mark.parametrize(("year", "count"), [(2025, 249), (2026, 251), (2027, 253), (2028, 251), (2029, 250)])
def test_the_working_days_of_a_year_are_counted_as_in_the_specification(year: int, count: int) -> None:
    assert len(working_days(year)) == count


@pytest.mark.parametrize("text", ["2026-04-02", "2026-01-05", "2026-04-30", "2026-05-13", "2026-05-15", "2026-06-05", "2026-10-30"])
def test_half_days_before_a_holiday_and_squeezed_days_are_working_days(text: str) -> None:
    assert is_working_day(date.fromisoformat(text))


@pytest.mark.parametrize("text", ["2026-09-05", "2026-09-06", "2026-06-20", "2026-10-31"])
def test_saturdays_and_sundays_are_free(text: str) -> None:
    assert not is_working_day(date.fromisoformat(text))


def test_an_extra_staffed_day_is_a_working_day() -> None:
    easter = date(2026, 4, 5)
    staffed = frozenset({easter})

    assert is_working_day(easter, staffed)
    assert next_working_day(date(2026, 4, 2), staffed) == easter
    assert previous_working_day(date(2026, 4, 7), staffed) == easter
    assert add_working_days(date(2026, 4, 2), 2, staffed) == date(2026, 4, 7)
    assert len(working_days(2026, staffed)) == 252


def test_the_next_working_day_is_strictly_after() -> None:
    assert next_working_day(date(2026, 9, 1)) == date(2026, 9, 2)
    assert next_working_day(date(2026, 4, 2)) == date(2026, 4, 7)


def test_the_previous_working_day_is_strictly_before() -> None:
    assert previous_working_day(date(2026, 9, 2)) == date(2026, 9, 1)
    assert previous_working_day(date(2026, 4, 7)) == date(2026, 4, 2)


def test_working_days_are_counted_over_christmas() -> None:
    assert add_working_days(date(2026, 12, 23), 3) == date(2026, 12, 30)
    assert add_working_days(date(2026, 12, 30), -3) == date(2026, 12, 23)


def test_no_working_days_from_a_free_day_is_that_day() -> None:
    assert add_working_days(date(2026, 9, 6), 0) == date(2026, 9, 6)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-01-01", "Nyårsdagen"),
        ("2026-01-06", "Trettondedag jul"),
        ("2026-04-03", "Långfredagen"),
        ("2026-04-05", "Påskdagen"),
        ("2026-04-06", "Annandag påsk"),
        ("2026-05-01", "Första maj"),
        ("2026-05-14", "Kristi himmelsfärdsdag"),
        ("2026-05-24", "Pingstdagen"),
        ("2026-06-06", "Nationaldagen"),
        ("2026-06-19", "Midsommarafton"),
        ("2026-06-20", "Midsommardagen"),
        ("2026-10-31", "Alla helgons dag"),
        ("2026-12-24", "Julafton"),
        ("2026-12-25", "Juldagen"),
        ("2026-12-26", "Annandag jul"),
        ("2026-12-31", "Nyårsafton"),
    ],
)
def test_holidays_and_eves_have_their_swedish_names(text: str, name: str) -> None:
    assert holiday_name(date.fromisoformat(text)) == name


def test_two_holidays_on_one_day_are_both_named() -> None:
    assert holiday_name(date(2049, 6, 6)) == "Nationaldagen och Pingstdagen"


@pytest.mark.parametrize("text", ["2026-09-01", "2026-09-06", "2026-04-02", "2026-04-04", "2026-05-23"])
def test_other_days_and_plain_sundays_have_no_name(text: str) -> None:
    assert holiday_name(date.fromisoformat(text)) is None


@given(DAYS)
def test_a_named_day_is_never_a_working_day(each: date) -> None:
    assert holiday_name(each) is None or not is_working_day(each)


@given(DAYS, STAFFED)
def test_between_a_day_and_its_next_working_day_nobody_works(each: date, staffed: frozenset[date]) -> None:
    following = next_working_day(each, staffed)

    assert is_working_day(following, staffed)
    between = (each + timedelta(days=n) for n in range(1, (following - each).days))
    assert not any(is_working_day(free, staffed) for free in between)


@given(DAYS, st.integers(0, 30), STAFFED)
def test_working_days_forth_and_back_lead_home_from_a_working_day(each: date, n: int, staffed: frozenset[date]) -> None:
    start = next_working_day(each, staffed)

    assert add_working_days(add_working_days(start, n, staffed), -n, staffed) == start


@given(st.integers(1990, 2099))
def test_midsummer_eve_is_the_friday_before_midsummer_day(year: int) -> None:
    eve = next(d for d in (date(year, 6, 19) + timedelta(days=n) for n in range(7)) if holiday_name(d) == "Midsommarafton")

    assert eve.weekday() == 4
    assert holiday_name(eve + timedelta(days=1)) == "Midsommardagen"
