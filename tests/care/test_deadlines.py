from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.calendar import is_working_day
from care.clock import STOCKHOLM, local
from care.deadlines import (
    Hours,
    acknowledge_by,
    acknowledgement_missed,
    answer_due,
    chief_at,
    closing_answer_due,
    follow_up_missed,
    follow_up_reminders,
    kallelse_unanswered,
    may_ring,
    meeting_day_before,
    meeting_just_before,
    warn_at,
    within_hours,
)
from care.profile import load
from care.reviews import label, slot_before

RULES = load("lag")
OFFICE = (time(8), time(17))
EVENING = (time(7), time(21))
NIGHT = (time(21), time(7))
EASTER = frozenset({date(2026, 4, 5)})

INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside it
SPANS = st.timedeltas(timedelta(0), timedelta(days=30))
DAYS = st.dates(date(2025, 1, 1), date(2035, 1, 1))
STAFFED = st.frozensets(DAYS, max_size=5)
HOURS: st.SearchStrategy[Hours] = st.one_of(st.none(), st.tuples(st.times(), st.times()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("posted", "acknowledge", "missed", "answer", "chief"),
    [
        ("2026-09-07 08:05", "2026-09-07 14:00", "2026-09-07 15:00", "2026-09-08 08:00", "2026-09-08 08:00"),
        ("2026-09-04 14:30", "2026-09-07 08:00", "2026-09-07 09:00", "2026-09-07 14:00", "2026-09-07 14:00"),
        ("2026-04-02 15:00", "2026-04-07 08:00", "2026-04-07 09:00", "2026-04-07 14:00", "2026-04-07 14:00"),
        ("2026-09-04 09:00", "2026-09-04 14:00", "2026-09-04 15:00", "2026-09-07 08:00", "2026-09-07 08:00"),
        ("2026-10-23 14:00", "2026-10-23 14:00", "2026-10-23 15:00", "2026-10-26 08:00", "2026-10-26 08:00"),
    ],
)
def test_a_message_climbs_from_slot_to_grace_to_chief(posted: str, acknowledge: str, missed: str, answer: str, chief: str) -> None:
    assert acknowledge_by(at(posted), RULES) == at(acknowledge)
    assert acknowledgement_missed(at(posted), RULES) == at(missed)
    assert answer_due(at(posted), RULES) == at(answer)
    assert kallelse_unanswered(at(posted), RULES) == at(answer)
    assert chief_at(at(missed), RULES) == at(chief)


def test_an_extra_staffed_day_moves_the_slot_forward() -> None:
    rules = RULES.with_staffed(EASTER)

    assert acknowledge_by(at("2026-04-02 15:00"), rules) == at("2026-04-05 08:00")
    assert answer_due(at("2026-04-02 15:00"), rules) == at("2026-04-05 14:00")


def test_a_question_missed_at_a_slot_comes_to_the_chief_at_the_next_one() -> None:
    assert chief_at(at("2026-09-08 08:00"), RULES) == at("2026-09-08 14:00")


def test_a_follow_up_is_missed_at_the_last_minute_of_its_date() -> None:
    assert follow_up_missed(date(2026, 9, 8)) == at("2026-09-08 23:59")
    assert follow_up_missed(date(2026, 10, 25)) == datetime(2026, 10, 25, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "deadline", "hours", "warning"),
    [
        ("2026-09-07 10:00", "2026-09-10 15:00", OFFICE, "2026-09-09 15:00"),
        ("2026-09-07 10:00", "2026-09-07 16:00", OFFICE, "2026-09-07 14:00"),
        ("2026-09-07 10:00", "2026-09-08 10:00", OFFICE, "2026-09-08 08:00"),
        ("2026-09-07 10:00", "2026-09-08 09:30", OFFICE, "2026-09-07 14:00"),
        ("2026-09-07 10:00", "2026-09-08 09:30", EVENING, "2026-09-08 07:30"),
        ("2026-09-07 10:00", "2026-09-07 11:00", OFFICE, None),
        ("2026-09-07 10:00", "2026-09-07 12:00", OFFICE, None),
        ("2026-09-07 15:00", "2026-09-08 09:30", OFFICE, None),
        ("2026-09-07 10:00", "2026-09-10 23:59", OFFICE, "2026-09-09 14:00"),
        ("2026-09-07 10:00", "2026-09-10 20:00", EVENING, "2026-09-09 20:00"),
        ("2026-09-03 10:00", "2026-09-07 09:00", OFFICE, "2026-09-04 14:00"),
        ("2026-09-03 10:00", "2026-09-07 09:00", None, "2026-09-04 14:00"),
        ("2026-09-03 10:00", "2026-09-10 03:00", None, "2026-09-09 03:00"),
        ("2026-09-03 10:00", "2026-09-10 03:00", (time(9), time(12)), None),
        ("2026-09-03 10:00", "2026-09-10 03:00", (time(9), time(15)), "2026-09-08 14:00"),
        ("2026-10-20 10:00", "2026-10-26 14:00", OFFICE, "2026-10-23 14:00"),
        ("2027-03-22 10:00", "2027-03-30 16:00", OFFICE, "2027-03-25 14:00"),
    ],
)
def test_a_warning_comes_a_day_before_within_the_hours_of_the_unit(created: str, deadline: str, hours: Hours, warning: str | None) -> None:
    assert warn_at(at(created), at(deadline), hours, RULES) == (at(warning) if warning else None)


def test_a_warning_may_ring_on_an_extra_staffed_day() -> None:
    warning = warn_at(at("2026-04-01 10:00"), at("2026-04-06 09:00"), OFFICE, RULES.with_staffed(EASTER))

    assert warning == at("2026-04-05 09:00")


def test_the_lead_of_a_warning_is_elapsed_time_over_a_clock_change() -> None:
    rules = RULES.with_staffed(frozenset({date(2026, 10, 24), date(2026, 10, 25)}))
    created = datetime(2026, 10, 20, 10, tzinfo=STOCKHOLM)

    assert warn_at(created, datetime(2026, 10, 25, 13, tzinfo=STOCKHOLM), None, rules) == at("2026-10-24 14:00")


@pytest.mark.parametrize(
    ("moment", "hours", "open_"),
    [
        ("2026-09-07 08:00", OFFICE, True),
        ("2026-09-07 07:59", OFFICE, False),
        ("2026-09-07 16:59", OFFICE, True),
        ("2026-09-07 17:00", OFFICE, False),
        ("2026-09-06 12:00", OFFICE, False),
        ("2026-04-05 12:00", OFFICE, True),
        ("2026-09-06 03:00", None, True),
        ("2026-09-07 22:00", NIGHT, True),
        ("2026-09-07 12:00", NIGHT, False),
        ("2026-09-05 06:59", NIGHT, True),
        ("2026-09-05 22:00", NIGHT, False),
        ("2026-09-07 06:59", NIGHT, False),
    ],
)
def test_a_unit_is_open_in_its_hours_on_working_days(moment: str, hours: Hours, open_: bool) -> None:
    assert within_hours(at(moment), hours, EASTER) is open_


def test_a_ward_is_open_on_a_sunday_but_is_not_rung_by_a_warning() -> None:
    assert within_hours(at("2026-09-06 12:00"), None)
    assert not may_ring(at("2026-09-06 12:00"), None)
    assert may_ring(at("2026-09-07 03:00"), None)


def test_silence_about_closing_ends_with_the_fifth_working_day() -> None:
    assert closing_answer_due(at("2026-09-01 10:00"), RULES) == at("2026-09-08 23:59")
    assert closing_answer_due(at("2026-12-22 23:30"), RULES) == at("2027-01-04 23:59")


@pytest.mark.parametrize(
    ("starts", "day_before", "just_before"),
    [
        ("2026-09-03 13:00", "2026-09-02 14:00", "2026-09-03 12:00"),
        ("2026-09-07 08:30", "2026-09-04 14:00", "2026-09-07 07:30"),
        ("2026-04-07 10:00", "2026-04-02 14:00", "2026-04-07 09:00"),
        ("2026-10-26 10:00", "2026-10-23 14:00", "2026-10-26 09:00"),
    ],
)
def test_a_meeting_is_reminded_of_on_the_last_working_day_and_an_hour_before(starts: str, day_before: str, just_before: str) -> None:
    assert meeting_day_before(at(starts), RULES) == at(day_before)
    assert meeting_just_before(at(starts), RULES) == at(just_before)


def test_a_follow_up_is_reminded_of_ten_and_two_working_days_before_and_on_the_day() -> None:
    assert follow_up_reminders(date(2026, 10, 15), RULES) == (
        at("2026-10-01 08:00"),
        at("2026-10-13 08:00"),
        at("2026-10-15 08:00"),
    )


def test_a_follow_up_on_a_holiday_is_reminded_of_on_the_working_day_before() -> None:
    assert follow_up_reminders(date(2026, 4, 6), RULES)[1:] == (at("2026-04-01 08:00"), at("2026-04-02 08:00"))
    assert follow_up_reminders(date(2026, 4, 5), RULES.with_staffed(EASTER))[2] == at("2026-04-05 08:00")


@given(INSTANTS, SPANS, HOURS, STAFFED)
def test_a_warning_lies_between_creation_and_deadline_and_within_the_hours(
    created: datetime, span: timedelta, hours: Hours, staffed: frozenset[date]
) -> None:
    warning = warn_at(created, created + span, hours, RULES.with_staffed(staffed))

    if warning is not None:
        assert created < warning < created + span
        assert within_hours(warning, hours, staffed)
        assert is_working_day(local(warning).date(), staffed)


@given(INSTANTS, SPANS, HOURS)
def test_only_a_deadline_that_left_no_moment_to_ring_is_left_to_the_digest(created: datetime, span: timedelta, hours: Hours) -> None:
    warning = warn_at(created, created + span, hours, RULES)

    if warning is None and span > timedelta(hours=2):
        lead = timedelta(hours=24 if span > timedelta(hours=24) else 2)
        slot = slot_before(created + span - lead)
        assert not may_ring(created + span - lead, hours)
        assert slot <= created or not may_ring(slot, hours)


@given(INSTANTS, SPANS, SPANS, st.sampled_from([None, OFFICE, EVENING]))
def test_a_later_deadline_is_warned_of_no_earlier_than_the_slot_before_the_warning_of_an_earlier_one(
    created: datetime, span: timedelta, more: timedelta, hours: Hours
) -> None:
    base = timedelta(hours=24, microseconds=1)
    one = warn_at(created, created + base + span, hours, RULES)
    other = warn_at(created, created + base + span + more, hours, RULES)

    if one is not None:
        assert slot_before(one + timedelta(microseconds=1)) <= (other or created)


@given(INSTANTS, SPANS, STAFFED)
def test_what_is_posted_later_is_due_and_missed_no_earlier(posted: datetime, by: timedelta, staffed: frozenset[date]) -> None:
    rules = RULES.with_staffed(staffed)

    assert posted <= acknowledge_by(posted, rules) < acknowledgement_missed(posted, rules)
    assert acknowledge_by(posted, rules) < answer_due(posted, rules)
    assert acknowledge_by(posted, rules) <= acknowledge_by(posted + by, rules)
    assert answer_due(posted, rules) <= answer_due(posted + by, rules)
    assert chief_at(posted, rules) <= chief_at(posted + by, rules)


@given(INSTANTS, STAFFED)
def test_the_chief_is_told_at_a_slot_strictly_after_the_missing(missed: datetime, staffed: frozenset[date]) -> None:
    chief = chief_at(missed, RULES.with_staffed(staffed))

    assert missed < chief
    assert label(chief) in {"08:00", "14:00"}
    assert is_working_day(local(chief).date(), staffed)


@given(DAYS, STAFFED)
def test_the_reminders_of_a_follow_up_come_in_order_at_eight_on_working_days(day: date, staffed: frozenset[date]) -> None:
    reminders = follow_up_reminders(day, RULES.with_staffed(staffed))

    assert list(reminders) == sorted(set(reminders))
    assert {label(each) for each in reminders} == {"08:00"}
    assert all(is_working_day(local(each).date(), staffed) for each in reminders)
    assert reminders[-1] < follow_up_missed(day)
