from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.calendar import is_working_day
from care.clock import STOCKHOLM, local
from care.reviews import label, missed_at, slot_after, slot_before, slot_from, slots_between

HOUR = timedelta(hours=1)
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside it
STAFFED = st.frozensets(st.dates(date(2025, 1, 1), date(2035, 1, 1)), max_size=5)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("posted", "slot", "missed"),
    [
        ("2026-09-07 08:05", "2026-09-07 14:00", "2026-09-07 15:00"),
        ("2026-09-04 14:30", "2026-09-07 08:00", "2026-09-07 09:00"),
        ("2026-04-02 15:00", "2026-04-07 08:00", "2026-04-07 09:00"),
        ("2026-09-07 08:00:00", "2026-09-07 08:00", "2026-09-07 09:00"),
        ("2026-09-07 08:00:01", "2026-09-07 14:00", "2026-09-07 15:00"),
        ("2026-09-07 00:00", "2026-09-07 08:00", "2026-09-07 09:00"),
        ("2026-09-05 12:00", "2026-09-07 08:00", "2026-09-07 09:00"),
    ],
)
def test_a_message_belongs_to_the_first_slot_from_its_posting(posted: str, slot: str, missed: str) -> None:
    assert slot_from(at(posted)) == at(slot)
    assert missed_at(slot_from(at(posted)), HOUR) == at(missed)


def test_an_extra_staffed_day_has_slots() -> None:
    staffed = frozenset({date(2026, 4, 5)})

    assert slot_from(at("2026-04-02 15:00"), staffed) == at("2026-04-05 08:00")
    assert slot_after(at("2026-04-05 08:00"), staffed) == at("2026-04-05 14:00")
    assert slot_before(at("2026-04-07 08:00"), staffed) == at("2026-04-05 14:00")


def test_the_slot_after_a_slot_is_the_next_one() -> None:
    assert slot_after(at("2026-09-04 08:00")) == at("2026-09-04 14:00")
    assert slot_after(at("2026-09-04 14:00")) == at("2026-09-07 08:00")


def test_the_slot_before_a_slot_is_the_one_that_was() -> None:
    assert slot_before(at("2026-09-07 14:00")) == at("2026-09-07 08:00")
    assert slot_before(at("2026-09-07 08:00")) == at("2026-09-04 14:00")
    assert slot_before(at("2026-09-06 12:00")) == at("2026-09-04 14:00")


def test_the_slots_between_leave_out_the_first_and_keep_the_last() -> None:
    slots = slots_between(at("2026-09-04 08:00"), at("2026-09-07 14:00"))

    assert slots == (at("2026-09-04 14:00"), at("2026-09-07 08:00"), at("2026-09-07 14:00"))


def test_there_is_no_slot_between_the_last_on_friday_and_monday_morning() -> None:
    assert slots_between(at("2026-09-04 14:00"), at("2026-09-07 07:59")) == ()


@pytest.mark.parametrize(
    ("friday", "monday", "hours"),
    [("2026-10-23 14:00", "2026-10-26 08:00", 67), ("2027-03-25 14:00", "2027-03-30 08:00", 113)],
)
def test_slots_keep_their_wall_time_when_the_clock_changes(friday: str, monday: str, hours: int) -> None:
    assert slot_after(at(friday)) == at(monday)
    assert at(monday) - at(friday) == timedelta(hours=hours)


@pytest.mark.parametrize(("day", "utc"), [("2026-03-29", (6, 12)), ("2026-10-25", (7, 13))])
def test_a_staffed_sunday_on_which_the_clock_changes_has_both_its_slots_once(day: str, utc: tuple[int, int]) -> None:
    sunday = date.fromisoformat(day)
    slots = slots_between(at(f"{day} 00:00"), at(f"{day} 23:59"), frozenset({sunday}))

    assert [(slot.date(), slot.hour) for slot in slots] == [(sunday, hour) for hour in utc]


def test_slots_are_utc_whatever_the_zone_of_the_question() -> None:
    slot = slot_from(datetime(2026, 9, 7, 7, tzinfo=STOCKHOLM))

    assert slot.tzinfo is UTC
    assert slot.hour == 6


def test_a_slot_is_called_by_its_wall_time_in_winter_and_summer() -> None:
    assert label(datetime(2026, 1, 7, 7, tzinfo=UTC)) == "08:00"
    assert label(datetime(2026, 9, 7, 12, tzinfo=UTC)) == "14:00"


@given(INSTANTS, STAFFED)
def test_every_slot_is_at_eight_or_two_on_a_working_day(instant: datetime, staffed: frozenset[date]) -> None:
    for slot in (slot_from(instant, staffed), slot_after(instant, staffed), slot_before(instant, staffed)):
        assert label(slot) in {"08:00", "14:00"}
        assert is_working_day(local(slot).date(), staffed)


@given(INSTANTS, STAFFED)
def test_before_from_and_after_are_neighbours(instant: datetime, staffed: frozenset[date]) -> None:
    before, coming, after = slot_before(instant, staffed), slot_from(instant, staffed), slot_after(instant, staffed)

    assert before < instant <= coming <= after
    assert slot_after(before, staffed) == coming
    assert slot_before(after, staffed) == (coming if coming < after else before)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=10)), STAFFED)
def test_a_later_message_never_has_an_earlier_slot(instant: datetime, by: timedelta, staffed: frozenset[date]) -> None:
    assert slot_from(instant, staffed) <= slot_from(instant + by, staffed)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=10)), st.timedeltas(timedelta(0), timedelta(days=10)))
def test_looking_twice_finds_each_slot_once(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second

    assert slots_between(start, middle) + slots_between(middle, end) == slots_between(start, end)
