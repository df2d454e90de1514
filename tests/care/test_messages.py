from dataclasses import replace

import pytest

from care import messages
from care.actors import acknowledged, add
from care.meetings import Answer, call, reply
from care.messages import MESSAGE_LENGTH, Acknowledged, MessagePosted, acknowledge, post, settle
from care.questions import answer, ask
from care.refusal import Refused
from tests.builders import ANNA, BIST, HSV, MONDAY, NOOR, ULLA, VC, at, entered, kallelse, opened, running, step

LATER = at("2026-09-07 14:00")
DUE = at("2026-09-08 08:00")


def test_a_message_waits_for_every_other_unit() -> None:
    case = running(HSV, BIST)

    case = step(case, ANNA, post(case, "Ester kommer hem på torsdag"), MONDAY)

    assert case.notices["K1"].waiting == {HSV, BIST}
    assert case.notices["K1"].posted == MONDAY


def test_one_person_acknowledges_for_the_whole_unit_and_the_first_time_counts() -> None:
    case = running(HSV, BIST)
    case = step(case, ANNA, post(case, "Ester kommer hem på torsdag"), MONDAY)

    case = step(case, NOOR, [Acknowledged("K1", HSV)], LATER)
    case = step(case, NOOR, [Acknowledged("K1", HSV)], DUE)

    assert case.notices["K1"].done == {HSV: LATER}
    assert case.notices["K1"].waiting == {BIST}


def test_a_unit_of_which_nothing_is_expected_is_not_counted() -> None:
    case = step(running(HSV), ANNA, [MessagePosted("K1", "Hej")], MONDAY)

    case = step(case, ANNA, [Acknowledged("K1", VC)], LATER)

    assert case.notices["K1"].done == {}


def test_acknowledging_without_names_takes_all_that_waits_for_the_unit() -> None:
    case = opened(HSV)
    case = step(case, ANNA, post(case, "Hej"), MONDAY)

    assert acknowledge(case, NOOR, ()) == (Acknowledged("A2", HSV), Acknowledged("K1", HSV))


def test_acknowledging_when_nothing_waits_is_refused() -> None:
    with pytest.raises(Refused, match=r"^messages/nothing-waits$"):
        acknowledge(opened(HSV), ANNA, ())


def test_each_named_object_is_acknowledged_once() -> None:
    case = opened(HSV)
    case = step(case, ANNA, post(case, "Hej"), MONDAY)
    case = step(case, NOOR, [Acknowledged("A2", HSV)], LATER)

    assert acknowledge(case, NOOR, ["A2", "K1", "K1"]) == (Acknowledged("K1", HSV),)
    with pytest.raises(Refused, match=r"^messages/acknowledged-already$") as no:
        acknowledge(case, NOOR, ["A2"])
    assert no.value.values == {"objects": ("A2",)}


@pytest.mark.parametrize("name", ["K9", "A1", "A3"])
def test_what_is_not_for_the_unit_cannot_be_acknowledged(name: str) -> None:
    with pytest.raises(Refused, match=r"^messages/not-yours$") as no:
        acknowledge(opened(HSV, BIST), NOOR, [name])

    assert no.value.values == {"object": name, "waiting": ("A2",)}


def test_a_late_acknowledgement_makes_good_what_was_missed() -> None:
    case = step(running(HSV, BIST), ANNA, [MessagePosted("K1", "Hej")], MONDAY)
    case = replace(case, missed=frozenset({f"K1:{HSV}", f"K1:{BIST}"}))

    case = step(case, NOOR, acknowledge(case, NOOR, ["K1"]), LATER)

    assert case.missed == {f"K1:{BIST}"}


def test_to_read_a_question_in_time_to_answer_makes_its_late_reading_good() -> None:
    case = running(HSV)
    case = step(case, ANNA, ask(case, ANNA, HSV, "Vem möter?", DUE, MONDAY), MONDAY)
    case = replace(case, missed=frozenset({f"F1:{HSV}"}))

    assert step(case, NOOR, acknowledge(case, NOOR, ["F1"]), at("2026-09-08 07:59")).missed == frozenset()
    assert step(case, NOOR, acknowledge(case, NOOR, ["F1"]), DUE).missed == {f"F1:{HSV}"}


def test_to_have_read_a_kallelse_is_not_to_have_answered_it() -> None:
    case = running(HSV)
    case = step(case, ANNA, call(case, kallelse(at("2026-09-10 13:00"), HSV), MONDAY), MONDAY)
    case = replace(case, missed=frozenset({f"S1:{HSV}"}))

    case = step(case, NOOR, acknowledge(case, NOOR, ["S1"]), LATER)
    assert case.missed == {f"S1:{HSV}"}
    case = step(case, NOOR, reply(case, NOOR, "S1", Answer.JA), LATER)
    assert case.missed == frozenset()


def test_an_answered_question_read_again_is_not_missed() -> None:
    case = running(HSV)
    case = step(case, ANNA, ask(case, ANNA, HSV, "Vem möter?", DUE, MONDAY), MONDAY)
    case = step(case, NOOR, answer(case, NOOR, "F1", "Tage", LATER), LATER)
    case = replace(case, missed=frozenset({f"F1:{HSV}"}))

    assert step(case, NOOR, [Acknowledged("F1", HSV)], at("2026-09-09 08:00")).missed == frozenset()


def test_an_object_nobody_has_to_acknowledge_stays_as_it_is() -> None:
    case = opened(HSV)

    assert settle(case, "S9") is case
    assert acknowledged(case, "A1", VC, entered(case, ANNA, MessagePosted("K1", "Hej"), LATER)) is case


def test_a_changed_object_is_expected_anew_by_those_it_is_for_now() -> None:
    case = messages.expect(opened(HSV), "S1", {HSV}, MONDAY)
    case = replace(case, notices={"S1": case.notices["S1"].by(HSV, LATER)})

    case = messages.expect(case, "S1", {HSV, BIST}, LATER)

    assert case.notices["S1"].waiting == {HSV, BIST}
    assert case.notices["S1"].revision == 2
    assert case.notices["S1"].posted == LATER


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_message_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^messages/empty$"):
        post(opened(HSV), text)


def test_a_message_has_at_most_four_thousand_characters() -> None:
    case = opened(HSV)

    assert post(case, "å" * MESSAGE_LENGTH) == (MessagePosted("K1", "å" * MESSAGE_LENGTH),)
    with pytest.raises(Refused, match=r"^messages/too-long$") as no:
        post(case, "å" * (MESSAGE_LENGTH + 1))
    assert no.value.values == {"length": 4001, "limit": 4000}


def test_a_unit_added_later_need_not_acknowledge_what_was_said_before() -> None:
    case = step(running(HSV), ANNA, [MessagePosted("K1", "Hej")], MONDAY)
    case = step(case, ANNA, add(case, BIST, (ULLA.user,)), LATER)

    with pytest.raises(Refused, match=r"^messages/not-yours$"):
        acknowledge(case, ULLA, ["K1"])
