"""Putting off a mention: when one is reminded, of what, and who may ask for it."""

from dataclasses import replace
from datetime import date, time

import pytest

from care import closing, meetings, messages, questions
from care.case import Case
from care.closing import Reason
from care.effects import ADMIN, Place, case_room, direct, inbox
from care.expected import Matter, Rules
from care.people import Directory, Unit
from care.rooms import PersonLeft
from care.snoozing import Snooze, waiting, wake
from tests.builders import ANNA, BIST, DIRECTORY, EDGE, HSV, MED, MONDAY, NOOR, RULES, TAGE, VC, at, kallelse, opened, running, step, user

HELGE = user("helge")
ROOM = case_room("c-1")


def hours(unit: str, opens: str, closes: str) -> Rules:
    """Return the rules under which a unit is open at other hours."""
    known: Unit = replace(DIRECTORY.units[unit], hours=(time.fromisoformat(opens), time.fromisoformat(closes)))
    return Rules(RULES.profile, Directory(DIRECTORY.huvudman, {**DIRECTORY.units, unit: known}, DIRECTORY.members))


def asked() -> Case:
    case = running(HSV, BIST)
    return step(case, ANNA, questions.ask(case, ANNA, HSV, "Kan ni?", at("2026-09-08 14:00"), MONDAY), MONDAY)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-09-07 08:05", "2026-09-07 14:00"),
        ("2026-09-07 14:00", "2026-09-08 08:00"),
        ("2026-09-04 14:30", "2026-09-07 08:00"),
        ("2026-04-02 15:00", "2026-04-07 08:00"),
    ],
)
def test_one_is_reminded_at_the_next_slot_of_a_staffed_day(now: str, slot: str) -> None:
    assert wake(HSV, at(now), RULES) == at(slot)


def test_an_extra_staffed_day_has_slots_for_reminders_too() -> None:
    staffed = Rules(replace(RULES.profile, staffed=frozenset({date(2026, 4, 5)})), DIRECTORY)

    assert wake(HSV, at("2026-04-02 15:00"), staffed) == at("2026-04-05 08:00")


def test_a_slot_outside_the_hours_of_the_unit_is_passed_over() -> None:
    assert wake(HSV, at("2026-09-07 15:00"), hours(HSV, "09:00", "15:00")) == at("2026-09-08 14:00")


def test_a_unit_whose_hours_hold_no_slot_is_reminded_at_the_next_one() -> None:
    assert wake(HSV, at("2026-09-07 15:00"), hours(HSV, "17:00", "21:00")) == at("2026-09-08 08:00")
    assert wake(MED, at("2026-09-07 15:00"), RULES) == at("2026-09-08 08:00")


def test_an_answer_stands_for_its_acknowledgement() -> None:
    found = waiting(asked(), NOOR.user, ROOM, RULES)

    assert {name: each.matter for name, each in found.items()} == {"F1": Matter.ANSWER}
    assert found["F1"].deadline == at("2026-09-08 14:00")


def test_a_kallelse_waits_for_its_answer_and_a_message_for_its_acknowledgement() -> None:
    case = running(HSV)
    case = step(case, ANNA, messages.post(case, "Hemgång på torsdag."), MONDAY)
    case = step(case, ANNA, meetings.call(case, kallelse(at("2026-09-15 13:00"), HSV), MONDAY), MONDAY)

    found = waiting(case, NOOR.user, ROOM, RULES)

    assert {name: each.matter for name, each in found.items()} == {"K1": Matter.ACKNOWLEDGE, "S1": Matter.REPLY}


def test_one_who_is_there_for_two_units_is_reminded_of_the_earlier_deadline() -> None:
    case = running(HSV, BIST)
    case = step(case, ANNA, closing.propose(case, ANNA, Reason.ALLA_OVERENS, 0), MONDAY)
    both = Directory(DIRECTORY.huvudman, DIRECTORY.units, (*DIRECTORY.members, replace(DIRECTORY.members[4], unit=BIST)))

    found = waiting(step(case, ANNA, messages.post(case, "Nytt."), MONDAY), NOOR.user, ROOM, Rules(RULES.profile, both))

    assert {name: each.unit for name, each in found.items()} == {"K1": BIST, "Ä1": BIST}


@pytest.mark.parametrize(
    ("person", "where", "may"),
    [
        pytest.param(NOOR.user, ROOM, True, id="in the room"),
        pytest.param(ANNA.user, ROOM, False, id="of another unit"),
        pytest.param(TAGE.user, ROOM, False, id="not in the room"),
        pytest.param(NOOR.user, case_room("c-2"), False, id="another room"),
        pytest.param(TAGE.user, inbox(HSV), True, id="in the inbox"),
        pytest.param(NOOR.user, inbox(BIST), False, id="another inbox"),
        pytest.param(ANNA.user, inbox(HSV), False, id="no member"),
        pytest.param(HELGE, direct(HELGE), True, id="the chief, alone"),
        pytest.param(NOOR.user, direct(HELGE), False, id="somebody else's room"),
        pytest.param(ANNA.user, direct(ANNA.user), False, id="alone, of another unit"),
        pytest.param(NOOR.user, ADMIN, False, id="the admin room"),
    ],
)
def test_only_who_is_there_for_the_unit_may_put_it_off(person: str, where: Place, *, may: bool) -> None:
    assert ("F1" in waiting(asked(), person, where, RULES)) is may


def test_the_chief_who_stands_in_for_a_unit_without_one_may_put_it_off() -> None:
    alone = Directory(DIRECTORY.huvudman, DIRECTORY.units, tuple(m for m in DIRECTORY.members if m.user != HELGE))
    bertil = user("bertil")

    assert "F1" in waiting(asked(), bertil, direct(bertil), Rules(RULES.profile, alone))


def test_nothing_waits_for_one_who_has_left_for_a_unit_that_has_answered_or_in_a_closed_case() -> None:
    case = asked()
    left = step(case, EDGE, [PersonLeft(NOOR.user)], MONDAY)
    answered = step(case, NOOR, questions.answer(case, NOOR, None, "Ja.", MONDAY), MONDAY)
    shut = step(case, ANNA, closing.propose(case, ANNA, Reason.ATERTAGET_SAMTYCKE, 0), MONDAY)

    assert [waiting(each, NOOR.user, ROOM, RULES) for each in (left, answered, shut)] == [{}, {}, {}]


def test_being_added_waits_in_the_inbox_for_a_yes_or_a_no() -> None:
    assert waiting(opened(HSV), NOOR.user, inbox(HSV), RULES)["A2"].matter is Matter.ACCEPT


def test_there_is_one_reminder_for_a_person_a_subject_and_a_slot() -> None:
    slot = at("2026-09-07 14:00")
    question = Snooze(NOOR.user, ROOM, slot, "$m", "c-1", "F1")
    review = Snooze(NOOR.user, inbox(VC), slot, "$m", slot=at("2026-09-07 08:00"))

    assert question.subject == "c-1:F1"
    assert question.key == "snooze:c-1:F1:2026-09-07T12:00:00+00:00:@noor.demo:almfors.test"
    assert review.subject == "review:vc-norrgard:2026-09-07:08:00"
    assert replace(question, message="$other", tap="$tap").key == question.key
