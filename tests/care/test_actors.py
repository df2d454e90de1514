from dataclasses import replace

import pytest

from care import actors
from care.actors import ActorAccepted, ActorAdded, ActorDeclined, ActorRemoved, ColleagueEntered, Standing
from care.case import Author
from care.meetings import Answer as Says
from care.meetings import call, reply
from care.plans import coordinate
from care.questions import QuestionState, ask
from care.refusal import Refused
from tests.builders import ANNA, BIST, ESTER, EVA, HSV, HT, MED, MONDAY, NOOR, TAGE, ULLA, VC, at, kallelse, opened, running, step, user

LATER = at("2026-09-08 10:00")


def test_the_opening_unit_takes_part_at_once_and_its_author_handles_the_case() -> None:
    case = opened()

    assert actors.standing(case) == {VC: Standing.DELTAR}
    assert (case.actors[VC].object, case.actors[VC].handler) == ("A1", ANNA.user)
    assert case.users_of(VC) == (ANNA.user,)
    assert not case.notices


def test_an_added_unit_is_covered_by_consent_invited_and_expected_to_acknowledge() -> None:
    case = opened(HSV)

    assert actors.standing(case) == {VC: Standing.DELTAR, HSV: Standing.TILLAGD}
    assert case.actors[HSV].added_by == VC
    assert case.consent.covers == {VC, HSV}
    assert case.users_of(HSV) == (NOOR.user,)
    assert case.notices["A2"].waiting == {HSV}
    assert case.person == ESTER


def test_two_units_of_one_decision_get_names_of_their_own() -> None:
    case = opened()

    events = (*actors.add(case, HSV, (NOOR.user,)), *actors.add(case, BIST, (ULLA.user,), ahead=1))

    assert events == (ActorAdded("A2", HSV, (NOOR.user,)), ActorAdded("A3", BIST, (ULLA.user,)))


def test_a_unit_is_added_once() -> None:
    with pytest.raises(Refused, match=r"^actors/already-there$") as no:
        actors.add(opened(HSV), HSV, ())

    assert no.value.values == {"unit": HSV}


def test_accepting_names_the_handler_and_acknowledges_being_added() -> None:
    case = opened(HSV)

    case = step(case, NOOR, actors.accept(case, NOOR, TAGE.user), LATER)

    assert case.actors[HSV].standing is Standing.DELTAR
    assert case.actors[HSV].handler == TAGE.user
    assert case.users_of(HSV) == (NOOR.user, TAGE.user)
    assert case.notices["A2"].done == {HSV: LATER}


def test_a_late_yes_makes_good_what_was_missed() -> None:
    case = replace(opened(HSV, BIST), missed=frozenset({f"A2:{HSV}", f"A3:{BIST}"}))

    case = step(case, NOOR, actors.accept(case, NOOR, NOOR.user), LATER)

    assert case.missed == {f"A3:{BIST}"}


def test_a_unit_answers_being_added_once() -> None:
    case = running(HSV)

    for answer in (actors.accept, actors.decline):
        with pytest.raises(Refused, match=r"^actors/accepted-already$") as no:
            answer(case, NOOR, "ja")
        assert no.value.values == {"unit": HSV}


def test_a_unit_that_has_declined_cannot_answer_again() -> None:
    case = opened(HSV)
    case = step(case, NOOR, actors.decline(case, NOOR, "Fel område"), LATER)

    with pytest.raises(Refused, match=r"^permissions/not-an-actor$"):
        actors.accept(case, NOOR, NOOR.user)
    with pytest.raises(Refused, match=r"^permissions/not-an-actor$"):
        actors.decline(case, NOOR, "Fel område")


def test_declining_needs_a_reason() -> None:
    with pytest.raises(Refused, match=r"^messages/empty$"):
        actors.decline(opened(HSV), NOOR, " ")


def test_a_unit_that_declined_is_gone_and_never_was_an_actor() -> None:
    case = opened(HSV)

    case = step(case, NOOR, actors.decline(case, NOOR, "Fel område"), LATER)

    assert HSV not in case.actors
    assert HSV not in case.former
    assert case.users_of(HSV) == ()
    assert case.notices["A2"].waiting == frozenset()


def test_a_unit_that_took_part_stays_a_former_actor_even_if_it_declines_to_come_back() -> None:
    case = running(HSV)
    case = step(case, ANNA, actors.remove(case, HSV, "Insatsen är slut"), LATER)
    case = step(case, ANNA, actors.add(case, HSV, (NOOR.user,)), LATER)
    assert HSV not in case.former

    case = step(case, NOOR, actors.decline(case, NOOR, "Inte nu"), LATER)

    assert case.former == {HSV}


def test_what_was_expected_of_a_unit_goes_with_it() -> None:
    case = running(HSV, BIST)
    case = step(case, ANNA, ask(case, ANNA, HSV, "Vem möter?", at("2026-09-08 08:00"), MONDAY), MONDAY)
    case = step(case, ANNA, ask(case, ANNA, BIST, "Finns beslut?", at("2026-09-08 08:00"), MONDAY), MONDAY)
    case = step(case, ANNA, call(case, kallelse(at("2026-09-10 13:00"), VC, HSV, BIST), MONDAY), MONDAY)
    case = step(case, NOOR, reply(case, NOOR, "S1", Says.JA), MONDAY)
    case = step(case, ANNA, coordinate(case, HSV), MONDAY)
    case = replace(case, missed=frozenset({f"F1:{HSV}", f"F2:{BIST}"}))

    case = step(case, ANNA, actors.remove(case, HSV, "Insatsen är slut"), LATER)

    assert case.questions["F1"].state is QuestionState.LAPSED
    assert case.questions["F1"].settled == LATER
    assert case.questions["F2"].open
    assert case.meetings["S1"].call.units == (VC, BIST)
    assert case.meetings["S1"].awaited == (BIST,)
    assert HSV not in case.meetings["S1"].replies
    assert case.notices["F1"].waiting == frozenset()
    assert case.notices["F2"].waiting == {BIST}
    assert case.missed == {f"F2:{BIST}"}
    assert case.plan is not None
    assert case.plan.coordinator == ""
    assert case.former == {HSV}


def test_another_units_coordination_stays_when_a_unit_leaves() -> None:
    case = running(HSV, BIST)
    case = step(case, ANNA, coordinate(case, BIST), MONDAY)

    case = step(case, ANNA, actors.remove(case, HSV, "Insatsen är slut"), LATER)

    assert case.plan is not None
    assert case.plan.coordinator == BIST


def test_the_initiating_unit_cannot_be_left_out_nor_a_unit_that_is_not_there() -> None:
    case = opened(HSV)

    with pytest.raises(Refused, match=r"^actors/initiator-stays$"):
        actors.remove(case, VC, "Byter")
    with pytest.raises(Refused, match=r"^actors/not-there$"):
        actors.remove(case, MED, "Fanns aldrig")
    assert actors.remove(case, HSV, "Klar") == (ActorRemoved(HSV, "Klar"),)


def test_a_colleague_enters_once_and_with_a_reason() -> None:
    case = running(HSV)

    with pytest.raises(Refused, match=r"^messages/empty$"):
        actors.enter(case, TAGE, "")
    case = step(case, TAGE, actors.enter(case, TAGE, "Hembesök idag"), LATER)

    assert case.users_of(HSV) == (NOOR.user, TAGE.user)
    with pytest.raises(Refused, match=r"^actors/in-already$"):
        actors.enter(case, TAGE, "Hembesök idag")


def test_one_who_works_in_two_units_takes_part_for_both() -> None:
    case = opened()

    case = step(case, ANNA, [ActorAdded("A2", HT, (EVA.user, ANNA.user))], LATER)

    assert case.users_of(VC) == (ANNA.user,)
    assert case.users_of(HT) == (ANNA.user, EVA.user)
    assert case.participants == {ANNA.user: VC, EVA.user: HT}


def test_one_who_works_in_two_units_stays_in_the_room_when_one_of_them_leaves() -> None:
    both = user("maja")
    case = step(opened(), ANNA, [ActorAdded("A2", HSV, (both,)), ActorAdded("A3", HT, (both, EVA.user))], LATER)

    case = step(case, ANNA, actors.remove(case, HSV, "Klar"), LATER)

    assert case.users_of(HT) == (both, EVA.user)
    assert case.participants == {ANNA.user: VC, both: HT, EVA.user: HT}


def test_the_handler_who_accepts_for_a_second_unit_stays_with_the_first() -> None:
    case = opened(HT)
    anna_of_ht = Author(ANNA.user, HT, EVA.roles)

    case = step(case, anna_of_ht, [ActorAccepted(HT, ANNA.user)], LATER)

    assert case.users_of(VC) == (ANNA.user,)
    assert case.users_of(HT) == (ANNA.user, EVA.user)


def test_decisions_say_what_they_were_told() -> None:
    case = opened(HSV)

    assert actors.accept(case, NOOR, TAGE.user) == (ActorAccepted(HSV, TAGE.user),)
    assert actors.decline(case, NOOR, "Fel område") == (ActorDeclined(HSV, "Fel område"),)
    assert actors.enter(case, TAGE, "Hembesök") == (ColleagueEntered(TAGE.user, HSV, "Hembesök"),)
