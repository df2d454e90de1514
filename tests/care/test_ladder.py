"""The ladder's times end to end (process 3.0.7): what the timer brings up, when, and for whom, with the demo region's profile."""

from datetime import date, datetime, timedelta

import pytest

from care import actors, closing, meetings, plans, questions
from care.case import Case
from care.clock import local
from care.deadlines import answer_due
from care.expected import Ball, Matter, ball, due_items, expectations
from care.ladder import Step, StepTaken
from care.meetings import Answer
from care.messages import acknowledge, post
from tests.builders import ANNA, BIST, HSV, MONDAY, NOOR, RULES, ULLA, VC, at, kallelse, opened, running, step, timed

Line = tuple[str, str, str, str, str]


def lines(case: Case, *matters: Matter) -> list[Line]:
    """Return the timer's list as people would write it: when, what, which object, which unit, which step."""
    return [
        (written(due.at), due.matter.name, due.object, due.unit, due.step.name)
        for due in due_items(case, RULES)
        if not matters or due.matter in matters
    ]


def keys(case: Case, *matters: Matter) -> set[str]:
    return {due.key(case.id) for due in due_items(case, RULES) if not matters or due.matter in matters}


def written(moment: datetime) -> str:
    """Return a moment as it stands on the wall."""
    return f"{local(moment):%Y-%m-%d %H:%M}"


def asked(case: Case, now: datetime, due: datetime) -> Case:
    return step(case, ANNA, questions.ask(case, ANNA, HSV, "Vem möter Ester?", due, now), now)


def called(case: Case, now: datetime, start: datetime) -> Case:
    return step(case, ANNA, meetings.call(case, kallelse(start, VC, HSV), now), now)


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        pytest.param(
            "2026-09-04 14:30",
            [
                ("2026-09-07 09:00", "ACKNOWLEDGE", "F1", HSV, "MISSED"),
                ("2026-09-07 14:00", "ANSWER", "F1", HSV, "MISSED"),
                ("2026-09-07 14:00", "ACKNOWLEDGE", "F1", HSV, "CHIEF"),
                ("2026-09-08 08:00", "ANSWER", "F1", HSV, "CHIEF"),
            ],
            id="friday afternoon",
        ),
        pytest.param(
            "2026-04-02 15:00",
            [
                ("2026-04-07 09:00", "ACKNOWLEDGE", "F1", HSV, "MISSED"),
                ("2026-04-07 14:00", "ANSWER", "F1", HSV, "MISSED"),
                ("2026-04-07 14:00", "ACKNOWLEDGE", "F1", HSV, "CHIEF"),
                ("2026-04-08 08:00", "ANSWER", "F1", HSV, "CHIEF"),
            ],
            id="skärtorsdag",
        ),
        pytest.param(
            "2026-12-23 14:30",
            [
                ("2026-12-28 09:00", "ACKNOWLEDGE", "F1", HSV, "MISSED"),
                ("2026-12-28 14:00", "ANSWER", "F1", HSV, "MISSED"),
                ("2026-12-28 14:00", "ACKNOWLEDGE", "F1", HSV, "CHIEF"),
                ("2026-12-29 08:00", "ANSWER", "F1", HSV, "CHIEF"),
            ],
            id="dan före julafton",
        ),
        pytest.param(
            "2026-09-07 08:05",
            [
                ("2026-09-07 14:00", "ANSWER", "F1", HSV, "WARN"),
                ("2026-09-07 15:00", "ACKNOWLEDGE", "F1", HSV, "MISSED"),
                ("2026-09-08 08:00", "ANSWER", "F1", HSV, "MISSED"),
                ("2026-09-08 08:00", "ACKNOWLEDGE", "F1", HSV, "CHIEF"),
                ("2026-09-08 14:00", "ANSWER", "F1", HSV, "CHIEF"),
            ],
            id="monday morning",
        ),
    ],
)
def test_a_question_with_its_default_time_climbs_from_review_to_chief(posted: str, expected: list[Line]) -> None:
    now = at(posted)

    assert lines(asked(running(HSV, now=now), now, answer_due(now, RULES.profile))) == expected


def test_a_question_for_next_week_is_warned_about_on_friday() -> None:
    case = asked(running(HSV), MONDAY, at("2026-09-14 12:00"))

    assert lines(case, Matter.ANSWER) == [
        ("2026-09-11 14:00", "ANSWER", "F1", HSV, "WARN"),
        ("2026-09-14 12:00", "ANSWER", "F1", HSV, "MISSED"),
        ("2026-09-14 14:00", "ANSWER", "F1", HSV, "CHIEF"),
    ]


def test_reading_a_question_leaves_its_answer_on_the_ladder_and_answering_takes_all_off() -> None:
    case = asked(running(HSV), MONDAY, at("2026-09-08 08:00"))

    read = step(case, NOOR, acknowledge(case, NOOR, ["F1"]), MONDAY)
    answered = step(case, NOOR, questions.answer(case, NOOR, None, "Tage", MONDAY), MONDAY)

    assert {due.matter for due in due_items(read, RULES)} == {Matter.ANSWER}
    assert due_items(answered, RULES) == ()


def test_a_message_nobody_reads_is_missed_an_hour_after_the_review_by_each_unit() -> None:
    case = running(HSV, BIST)
    case = step(case, ANNA, post(case, "Ester kommer hem på torsdag"), MONDAY)

    assert lines(case) == [
        ("2026-09-07 15:00", "ACKNOWLEDGE", "K1", BIST, "MISSED"),
        ("2026-09-07 15:00", "ACKNOWLEDGE", "K1", HSV, "MISSED"),
        ("2026-09-08 08:00", "ACKNOWLEDGE", "K1", BIST, "CHIEF"),
        ("2026-09-08 08:00", "ACKNOWLEDGE", "K1", HSV, "CHIEF"),
    ]


def test_an_added_unit_that_says_neither_yes_nor_no_climbs_once() -> None:
    case = opened(HSV)

    assert lines(case) == [
        ("2026-09-07 15:00", "ACCEPT", "A2", HSV, "MISSED"),
        ("2026-09-08 08:00", "ACCEPT", "A2", HSV, "CHIEF"),
    ]
    read = step(case, NOOR, acknowledge(case, NOOR, ["A2"]), MONDAY)
    assert lines(read) == lines(case)
    assert lines(step(case, NOOR, actors.accept(case, NOOR, NOOR.user), MONDAY)) == []


MEETING = called(running(HSV), MONDAY, at("2026-09-14 13:00"))
REMINDERS = [
    ("2026-09-11 14:00", "MEETING_DAY", "S1", "", "REMIND"),
    ("2026-09-14 12:00", "MEETING_HOUR", "S1", "", "REMIND"),
]


def test_a_kallelse_that_is_neither_read_nor_answered_climbs_twice() -> None:
    assert lines(MEETING) == [
        ("2026-09-07 14:00", "REPLY", "S1", HSV, "WARN"),
        ("2026-09-07 15:00", "ACKNOWLEDGE", "S1", HSV, "MISSED"),
        ("2026-09-08 08:00", "REPLY", "S1", HSV, "MISSED"),
        ("2026-09-08 08:00", "ACKNOWLEDGE", "S1", HSV, "CHIEF"),
        ("2026-09-08 14:00", "REPLY", "S1", HSV, "CHIEF"),
        *REMINDERS,
    ]


def test_a_kallelse_that_is_read_but_not_answered_climbs_for_its_answer() -> None:
    case = step(MEETING, NOOR, acknowledge(MEETING, NOOR, ["S1"]), MONDAY)

    assert lines(case) == [
        ("2026-09-07 14:00", "REPLY", "S1", HSV, "WARN"),
        ("2026-09-08 08:00", "REPLY", "S1", HSV, "MISSED"),
        ("2026-09-08 14:00", "REPLY", "S1", HSV, "CHIEF"),
        *REMINDERS,
    ]


def test_an_answered_kallelse_only_reminds() -> None:
    case = step(MEETING, NOOR, meetings.reply(MEETING, NOOR, None, Answer.JA), MONDAY)

    assert lines(case) == REMINDERS


def test_an_answer_taken_back_has_its_time_anew_and_is_another_item_than_the_first() -> None:
    thursday = at("2026-09-10 10:00")
    case = step(MEETING, NOOR, meetings.reply(MEETING, NOOR, None, Answer.JA), MONDAY)
    case = step(case, NOOR, meetings.take_back(case, NOOR, "S1"), thursday)

    assert lines(case, Matter.REPLY) == [
        ("2026-09-10 14:00", "REPLY", "S1", HSV, "WARN"),
        ("2026-09-11 08:00", "REPLY", "S1", HSV, "MISSED"),
        ("2026-09-11 14:00", "REPLY", "S1", HSV, "CHIEF"),
    ]
    assert not keys(case, Matter.REPLY) & keys(MEETING, Matter.REPLY)


def test_a_meeting_soon_is_answered_before_it_begins_and_after_its_start_at_once() -> None:
    soon = called(running(HSV), MONDAY, at("2026-09-07 11:00"))
    late = step(soon, NOOR, meetings.reply(soon, NOOR, None, Answer.JA), MONDAY)
    late = step(late, NOOR, meetings.take_back(late, NOOR, "S1"), at("2026-09-07 11:30"))

    assert lines(soon, Matter.REPLY, Matter.MEETING_DAY, Matter.MEETING_HOUR) == [
        ("2026-09-07 09:00", "REPLY", "S1", HSV, "WARN"),
        ("2026-09-07 10:00", "MEETING_HOUR", "S1", "", "REMIND"),
        ("2026-09-07 11:00", "REPLY", "S1", HSV, "MISSED"),
        ("2026-09-07 14:00", "REPLY", "S1", HSV, "CHIEF"),
    ]
    assert lines(late, Matter.REPLY)[0] == ("2026-09-07 11:30", "REPLY", "S1", HSV, "MISSED")


def test_a_moved_meeting_is_expected_anew_of_the_others_and_reminds_of_its_new_time() -> None:
    tuesday = at("2026-09-08 09:00")
    case = step(MEETING, NOOR, meetings.move(MEETING, None, at("2026-09-16 10:00"), None, "Krock", tuesday), tuesday)

    assert lines(case) == [
        ("2026-09-08 14:00", "REPLY", "S1", VC, "WARN"),
        ("2026-09-08 15:00", "ACKNOWLEDGE", "S1", VC, "MISSED"),
        ("2026-09-09 08:00", "REPLY", "S1", VC, "MISSED"),
        ("2026-09-09 08:00", "ACKNOWLEDGE", "S1", VC, "CHIEF"),
        ("2026-09-09 14:00", "REPLY", "S1", VC, "CHIEF"),
        ("2026-09-15 14:00", "MEETING_DAY", "S1", "", "REMIND"),
        ("2026-09-16 09:00", "MEETING_HOUR", "S1", "", "REMIND"),
    ]
    assert not keys(case) & keys(MEETING)


def test_a_recalled_meeting_is_only_to_be_read() -> None:
    tuesday = at("2026-09-08 09:00")
    case = step(MEETING, NOOR, meetings.recall(MEETING, None, "Ester är sjuk"), tuesday)

    assert lines(case) == [
        ("2026-09-08 15:00", "ACKNOWLEDGE", "S1", VC, "MISSED"),
        ("2026-09-09 08:00", "ACKNOWLEDGE", "S1", VC, "CHIEF"),
    ]


def test_a_held_meeting_is_over() -> None:
    start = at("2026-09-14 13:00")

    assert due_items(step(MEETING, ANNA, meetings.hold(MEETING, None, (VC,), person=True, now=start), start), RULES) == ()


def established(day: date) -> Case:
    goal, measure = plans.GoalSet("M1", "Gå"), plans.MeasureSet(plans.Measure("I1", "Gångträning", "M1", HSV))
    rows = [goal, measure, plans.CoordinatorSet(HSV), plans.FollowUpSet(day), plans.PlanEstablished(1)]
    return step(running(HSV), ANNA, rows, MONDAY)


def test_a_follow_up_reminds_three_times_and_is_missed_at_the_end_of_its_day() -> None:
    assert lines(established(date(2026, 10, 3))) == [
        ("2026-09-21 08:00", "FOLLOW_UP", "P1", HSV, "REMIND"),
        ("2026-10-01 08:00", "FOLLOW_UP", "P1", HSV, "REMIND"),
        ("2026-10-02 08:00", "FOLLOW_UP", "P1", HSV, "REMIND"),
        ("2026-10-03 23:59", "FOLLOW_UP", "P1", HSV, "MISSED"),
        ("2026-10-05 08:00", "FOLLOW_UP", "P1", HSV, "CHIEF"),
    ]


def test_a_plan_that_is_not_established_expects_nothing() -> None:
    case = step(running(HSV), ANNA, [plans.GoalSet("M1", "Gå"), plans.FollowUpSet(date(2026, 10, 3))], MONDAY)

    assert lines(case) == []


def test_a_near_date_set_at_a_follow_up_reminds_only_of_what_is_still_ahead() -> None:
    thursday = at("2026-10-01 10:00")
    case = established(date(2026, 10, 1))
    events = plans.follow_up(case, plans.Outcome.DELVIS, "Går med stöd", date(2026, 10, 5), date(2026, 10, 1))

    case = step(case, NOOR, events, thursday)

    assert lines(case) == [
        ("2026-10-05 08:00", "FOLLOW_UP", "P1", HSV, "REMIND"),
        ("2026-10-05 23:59", "FOLLOW_UP", "P1", HSV, "MISSED"),
        ("2026-10-06 08:00", "FOLLOW_UP", "P1", HSV, "CHIEF"),
    ]


def test_reminders_of_a_follow_up_are_different_items_and_the_one_at_its_birth_is_not_said() -> None:
    case = established(date(2026, 9, 9))

    assert lines(case, Matter.FOLLOW_UP)[0] == ("2026-09-09 08:00", "FOLLOW_UP", "P1", HSV, "REMIND")
    assert len(keys(established(date(2026, 10, 3)))) == 5


def test_when_the_coordinator_left_the_follow_up_is_the_initiators() -> None:
    case = established(date(2026, 10, 3))

    case = step(case, ANNA, actors.remove(case, HSV, "Klar"), MONDAY)

    assert {due.unit for due in due_items(case, RULES)} == {VC}


PROPOSED = at("2026-09-07 10:00")
CLOSING = step(running(HSV, BIST), ANNA, [closing.ClosingProposed(closing.Reason.ALLA_OVERENS, 1)], PROPOSED)


def test_silence_is_shown_to_the_initiator_after_five_working_days_and_is_no_yes() -> None:
    (item,) = due_items(CLOSING, RULES)

    assert lines(CLOSING) == [("2026-09-15 08:00", "CLOSE", "Ä1", VC, "REMIND")]
    assert item.deadline == at("2026-09-14 23:59")
    assert timed(CLOSING, item.taken(item.at), item.at).proposal == CLOSING.proposal
    assert {(e.unit, e.matter, e.deadline) for e in expectations(CLOSING, RULES)} == {
        (HSV, Matter.CLOSE, at("2026-09-14 23:59")),
        (BIST, Matter.CLOSE, at("2026-09-14 23:59")),
    }


def test_when_all_who_are_left_agreed_the_initiator_is_waited_for() -> None:
    case = step(CLOSING, NOOR, [closing.ClosingAgreed(HSV)], PROPOSED)
    case = step(case, ULLA, actors.remove(case, BIST, "Klar"), PROPOSED)

    assert [(e.unit, e.matter) for e in expectations(case, RULES)] == [(VC, Matter.CLOSE)]
    assert due_items(case, RULES) == ()


def test_the_silence_of_a_second_proposal_is_another_item() -> None:
    again = step(CLOSING, ANNA, closing.withdraw(CLOSING), PROPOSED)
    again = step(again, ANNA, closing.propose(again, ANNA, closing.Reason.ALLA_OVERENS), PROPOSED)

    assert not keys(again) & keys(CLOSING)


def test_a_closed_case_waits_for_nothing() -> None:
    case = asked(running(HSV), MONDAY, at("2026-09-08 08:00"))
    case = step(case, ANNA, [closing.CaseClosed(closing.Reason.ATERTAGET_SAMTYCKE)], MONDAY)

    assert expectations(case, RULES) == ()
    assert due_items(case, RULES) == ()
    assert ball(case, RULES) == Ball(VC, None, "", MONDAY, None)


def test_the_ball_lies_with_whoever_must_act_first_and_the_next_unit_is_named() -> None:
    case = asked(running(HSV, BIST), MONDAY, at("2026-09-09 12:00"))
    case = step(case, NOOR, acknowledge(case, NOOR, ["F1"]), MONDAY)
    case = step(case, NOOR, questions.ask(case, NOOR, BIST, "Finns beslut?", at("2026-09-09 10:00"), MONDAY), MONDAY)
    case = step(case, ULLA, acknowledge(case, ULLA, ["F2"]), MONDAY)

    assert ball(case, RULES) == Ball(BIST, Matter.ANSWER, "F2", MONDAY, at("2026-09-09 10:00"), HSV)


def test_with_one_unit_to_act_nobody_is_next_and_with_none_the_initiator_has_the_ball() -> None:
    case = asked(running(HSV), MONDAY, at("2026-09-09 12:00"))

    assert ball(case, RULES) == Ball(HSV, Matter.ACKNOWLEDGE, "F1", MONDAY, at("2026-09-07 15:00"))
    assert ball(running(HSV), RULES) == Ball(VC, None, "", MONDAY, None)


def test_a_missed_step_marks_what_was_missed_and_the_others_mark_nothing() -> None:
    case = asked(running(HSV), MONDAY, at("2026-09-14 12:00"))

    for item in due_items(case, RULES):
        marked = timed(case, item.taken(item.at), item.at).missed
        assert marked == ({f"F1:{HSV}"} if item.step is Step.MISSED else frozenset())


@pytest.mark.parametrize(("delay", "late"), [(timedelta(0), False), (timedelta(minutes=5), False), (timedelta(minutes=5, seconds=1), True)])
def test_what_is_said_more_than_five_minutes_late_says_so(delay: timedelta, late: bool) -> None:
    item = due_items(MEETING, RULES)[0]

    taken = item.taken(item.at + delay)

    assert taken == StepTaken("S1", "REPLY", HSV, Step.WARN, item.at, item.deadline, late, "0")
    assert taken.facts() == {"matter": "REPLY", "step": "2"}


def test_the_journal_tells_the_key_under_which_a_step_was_taken() -> None:
    assert all(item.taken(item.at).key("c-1") == item.key("c-1") for item in due_items(MEETING, RULES))
    assert due_items(MEETING, RULES)[0].key("c-1") == f"c-1:S1:REPLY.0:2:{HSV}"


def test_a_unit_that_is_open_in_the_evening_is_warned_in_the_evening() -> None:
    late = asked(running(HSV), MONDAY, at("2026-09-09 19:00"))
    office = step(running(BIST), ANNA, [questions.QuestionAsked("F1", BIST, "Finns beslut?", at("2026-09-09 19:00"))], MONDAY)

    assert lines(late, Matter.ANSWER)[0] == ("2026-09-08 19:00", "ANSWER", "F1", HSV, "WARN")
    assert lines(office, Matter.ANSWER)[0] == ("2026-09-08 14:00", "ANSWER", "F1", BIST, "WARN")
