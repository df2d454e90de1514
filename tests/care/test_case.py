from dataclasses import replace

import pytest

from care.case import Case, Entry, Event, count, drop, put
from care.events import KINDS, evolve, fold
from care.messages import MessagePosted
from care.permissions import RULES as PERMISSIONS
from care.permissions import UNASKED
from care.refusal import Refused
from tests.builders import ANNA, HSV, MONDAY, NOOR, VC, at, entered, opened, opening, running

LATER = at("2026-09-08 10:00")
FIRST = Entry("c-1", 1, MONDAY, MONDAY, ANNA, opening())
SECOND = Entry("c-1", 2, LATER, LATER, ANNA, MessagePosted("K1", "Hej"))


def test_a_case_is_the_fold_of_its_journal() -> None:
    case = fold([FIRST, SECOND])

    assert case == evolve(evolve(None, FIRST), SECOND)
    assert (case.seq, case.opened, case.touched) == (2, MONDAY, LATER)


@pytest.mark.parametrize(
    ("journal", "wrong"),
    [
        ([], "begins with its opening"),
        ([SECOND], "begins with its opening"),
        ([replace(SECOND, seq=1)], "begins with its opening"),
        ([replace(FIRST, seq=2)], "begins with its opening"),
        ([FIRST, replace(SECOND, seq=3)], "has no gaps"),
        ([FIRST, replace(SECOND, seq=1)], "has no gaps"),
        ([FIRST, replace(SECOND, case="c-2")], "is of one case"),
    ],
)
def test_a_journal_that_was_tampered_with_is_no_case(journal: list[Entry], wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^a journal {wrong}$"):
        fold(journal)


def test_an_event_of_no_kind_changes_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Event().evolve(opened(), SECOND)
    assert Event().facts() == {}


def test_each_kind_of_event_has_a_name_of_its_own_and_a_rule() -> None:
    unruled = {"case.opened", *(kind.kind for kind in UNASKED)}

    assert all(event.kind == kind for kind, event in KINDS.items())
    assert {event.kind for event in PERMISSIONS} == KINDS.keys() - unruled


def test_objects_are_counted_by_letter_and_a_number_is_never_used_again() -> None:
    case = running(HSV)
    assert (case.next("A"), case.next("F"), case.next("F", 1)) == ("A3", "F1", "F2")

    case = count(count(count(case, "F3"), "F2"), "S12")

    assert (case.next("F"), case.next("S"), case.next("A")) == ("F4", "S13", "A3")


def test_a_mapping_is_changed_by_making_another() -> None:
    before = {"a": 1, "b": 2}

    assert put(before, "c", 3) == {"a": 1, "b": 2, "c": 3}
    assert drop(before, "a", "x") == {"b": 2}
    assert before == {"a": 1, "b": 2}


def test_people_are_listed_by_the_unit_they_came_for() -> None:
    case: Case = running(HSV)

    assert case.users_of(VC) == (ANNA.user,)
    assert case.users_of(HSV) == (NOOR.user,)
    assert case.users_of("k-eh-hsv") == ()


def test_a_refusal_shows_its_reason_but_not_what_was_typed() -> None:
    refusal = Refused("questions/unknown", object="Ester Demoson")

    assert repr(refusal) == "Refused('questions/unknown')"
    assert str(refusal) == "questions/unknown"
    assert refusal.values == {"object": "Ester Demoson"}


def test_an_entry_is_checked_before_it_is_made() -> None:
    with pytest.raises(Refused, match=r"^permissions/not-an-actor$"):
        entered(opened(), NOOR, MessagePosted("K1", "Hej"), MONDAY)
