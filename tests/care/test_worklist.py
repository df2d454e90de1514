"""What waits for a unit at a review: which rows, in which sections, in which order (commands 6)."""

from dataclasses import replace
from datetime import datetime

import pytest

from care import closing, meetings, plans, questions
from care.case import Case
from care.expected import Matter
from care.meetings import Answer
from care.messages import acknowledge, post
from care.worklist import Section, Worklist, rows, worklist
from tests.builders import ANNA, BIST, HSV, MONDAY, NOOR, RULES, VC, at, kallelse, opened, running, step

Line = tuple[str, str, str]


def asked(case: Case, due: str, now: datetime = MONDAY) -> Case:
    return step(case, ANNA, questions.ask(case, ANNA, HSV, "Vem möter Ester?", at(due), now), now)


def read(case: Case, now: datetime = MONDAY) -> Case:
    return step(case, NOOR, acknowledge(case, NOOR, ()), now)


def seen(work: Worklist) -> list[Line]:
    return [(item.section.name, item.object, item.matter.name) for item in work.items]


def work_of(unit: str, wall: str, *cases: Case) -> Worklist:
    return worklist(rows(case, at(wall), RULES)[unit] for case in cases)


@pytest.mark.parametrize(
    ("wall", "section"),
    [
        ("2026-09-07 14:00", Section.UNANSWERED),
        ("2026-09-08 08:00", Section.SOON),
        ("2026-09-08 13:59", Section.SOON),
        ("2026-09-08 14:00", Section.OVERDUE),
    ],
)
def test_a_question_moves_up_as_its_time_comes_nearer(wall: str, section: Section) -> None:
    (item,) = work_of(HSV, wall, read(asked(running(HSV), "2026-09-08 14:00"))).items

    assert (item.section, item.unit, item.until) == (section, HSV, at("2026-09-08 14:00"))


def test_sections_come_in_the_order_of_the_digest_and_rows_in_that_of_their_time() -> None:
    overdue = read(asked(running(HSV), "2026-09-08 07:00"))
    both = asked(read(asked(running(HSV), "2026-09-10 12:00")), "2026-09-08 12:00")
    news = step(running(HSV), ANNA, post(running(HSV), "Ester kommer hem"), at("2026-09-07 15:00"))
    meeting = step(running(HSV), ANNA, meetings.call(running(HSV), kallelse(at("2026-09-09 13:00"), HSV), MONDAY), MONDAY)
    meeting = step(meeting, NOOR, meetings.reply(meeting, NOOR, None, Answer.JA), MONDAY)

    work = work_of(HSV, "2026-09-08 08:00", meeting, news, read(both), overdue)

    assert seen(work) == [
        ("OVERDUE", "F1", "ANSWER"),
        ("SOON", "F2", "ANSWER"),
        ("UNANSWERED", "F1", "ANSWER"),
        ("NEW", "K1", "ACKNOWLEDGE"),
        ("MEETINGS", "S1", "MEETING_DAY"),
    ]


def test_a_question_that_is_neither_read_nor_answered_is_one_row_until_its_reading_is_overdue() -> None:
    case = asked(running(HSV), "2026-09-10 12:00")

    assert seen(work_of(HSV, "2026-09-07 14:00", case)) == [("UNANSWERED", "F1", "ANSWER")]
    assert seen(work_of(HSV, "2026-09-08 08:00", case)) == [("OVERDUE", "F1", "ACKNOWLEDGE"), ("UNANSWERED", "F1", "ANSWER")]


def test_a_unit_sees_its_own_rows_only_and_cases_without_any_are_counted() -> None:
    busy, quiet = asked(running(HSV, BIST), "2026-09-08 14:00"), replace(running(HSV, BIST), id="c-2")

    assert [item.unit for item in work_of(HSV, "2026-09-07 14:00", busy, quiet).items] == [HSV]
    assert work_of(HSV, "2026-09-07 14:00", busy, quiet).rest == 1
    assert work_of(BIST, "2026-09-07 14:00", busy, quiet) == Worklist((), 2)


def test_a_unit_that_was_added_is_asked_for_its_word() -> None:
    assert seen(work_of(HSV, "2026-09-07 14:00", opened(HSV))) == [("NEW", "A2", "ACCEPT")]


@pytest.mark.parametrize(
    ("start", "now", "shown"),
    [
        ("2026-09-14 13:00", "2026-09-11 08:00", True),
        ("2026-09-14 13:00", "2026-09-10 14:00", False),
        ("2026-09-14 13:00", "2026-09-14 14:00", True),
        ("2026-09-14 13:00", "2026-09-14 14:00:01", False),
    ],
)
def test_a_meeting_is_shown_from_the_working_day_before_until_an_hour_after_its_beginning(start: str, now: str, shown: bool) -> None:
    case = step(running(HSV, BIST), ANNA, meetings.call(running(HSV, BIST), kallelse(at(start), VC, HSV), MONDAY), MONDAY)
    case = step(case, NOOR, meetings.reply(case, NOOR, None, Answer.JA), MONDAY)

    assert [(item.matter, item.unit) for item in work_of(HSV, now, case).items] == [(Matter.MEETING_DAY, VC)] * shown
    assert work_of(BIST, now, case).items == ()


def test_a_proposal_to_close_and_a_follow_up_wait_for_an_answer() -> None:
    case = step(running(HSV), ANNA, [closing.ClosingProposed(closing.Reason.ALLA_OVERENS, 1)], MONDAY)
    day = at("2026-10-01 12:00").date()
    goal, measure = plans.GoalSet("M1", "Gå"), plans.MeasureSet(plans.Measure("I1", "Gångträning", "M1", HSV))
    plan = step(running(HSV), ANNA, [goal, measure, plans.CoordinatorSet(HSV), plans.FollowUpSet(day), plans.PlanEstablished(1)], MONDAY)

    assert seen(work_of(HSV, "2026-09-07 14:00", case)) == [("UNANSWERED", "Ä1", "CLOSE")]
    assert seen(work_of(HSV, "2026-09-28 14:00", plan)) == [], "its own reminders are enough until two working days before"
    assert seen(work_of(HSV, "2026-09-29 08:00", plan)) == [("UNANSWERED", "P1", "FOLLOW_UP")]


def test_a_closed_case_has_no_rows() -> None:
    case = step(asked(running(HSV), "2026-09-08 14:00"), ANNA, [closing.CaseClosed(closing.Reason.ATERTAGET_SAMTYCKE)], MONDAY)

    assert all(not items for items in rows(case, at("2026-09-07 14:00"), RULES).values())
