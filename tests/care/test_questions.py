from dataclasses import replace

import pytest

from care import questions
from care.questions import CounterAsked, QuestionAnswered, QuestionAsked, QuestionState
from care.refusal import Refused
from tests.builders import ANNA, BIST, HSV, MED, MONDAY, NOOR, ULLA, VC, at, running, step

DUE = at("2026-09-08 08:00")
LATE = at("2026-09-08 08:01")
CASE = running(HSV, BIST)
ASKED = step(CASE, ANNA, questions.ask(CASE, ANNA, HSV, "Vem möter Ester?", DUE, MONDAY), MONDAY)
TWICE = step(ASKED, ANNA, questions.ask(ASKED, ANNA, HSV, "Finns larm?", DUE, MONDAY), MONDAY)


def test_a_question_waits_for_the_asked_unit_to_read_and_to_answer() -> None:
    question = ASKED.questions["F1"]

    assert (question.asker, question.asked, question.posted, question.due) == (VC, HSV, MONDAY, DUE)
    assert question.open
    assert not question.late
    assert ASKED.notices["F1"].waiting == {HSV}
    assert questions.open_to(TWICE, HSV) == (TWICE.questions["F1"], TWICE.questions["F2"])
    assert questions.open_to(TWICE, BIST) == ()


def test_an_answer_settles_the_question_its_reading_and_what_was_missed() -> None:
    case = replace(ASKED, missed=frozenset({f"F1:{HSV}"}))

    case = step(case, NOOR, questions.answer(case, NOOR, None, "Tage", LATE), LATE)

    question = case.questions["F1"]
    assert (question.state, question.answer, question.settled) == (QuestionState.ANSWERED, "Tage", LATE)
    assert question.late
    assert case.notices["F1"].done == {HSV: LATE}
    assert case.missed == frozenset()


def test_an_answer_at_the_due_time_is_in_time() -> None:
    events = questions.answer(ASKED, NOOR, "F1", "Tage", DUE)

    assert events == (QuestionAnswered("F1", "Tage", late=False),)
    assert events[0].facts() == {"late": "no"}
    assert not step(ASKED, NOOR, events, DUE).questions["F1"].late


def test_an_answer_after_the_due_time_is_late() -> None:
    events = questions.answer(ASKED, NOOR, "F1", "Tage", LATE)

    assert events == (QuestionAnswered("F1", "Tage", late=True),)
    assert events[0].facts() == {"late": "yes"}


def test_a_counter_question_leaves_the_clock_going_but_shows_that_it_was_read() -> None:
    events = questions.answer(ASKED, NOOR, "F1", "Vilken dag? ", LATE)
    case = step(ASKED, NOOR, events, LATE)

    assert events == (CounterAsked("F1", "Vilken dag? "),)
    assert case.questions["F1"] == ASKED.questions["F1"]
    assert case.notices["F1"].done == {HSV: LATE}


@pytest.mark.parametrize(
    ("unit", "text", "due", "reason"),
    [
        (VC, "Vem?", DUE, "questions/own-unit"),
        (MED, "Vem?", DUE, "questions/not-an-actor"),
        (HSV, "Vem?", MONDAY, "questions/past"),
        (HSV, " ", DUE, "messages/empty"),
    ],
)
def test_a_question_goes_to_another_actor_and_into_the_future(unit: str, text: str, due: object, reason: str) -> None:
    with pytest.raises(Refused, match=f"^{reason}$"):
        questions.ask(CASE, ANNA, unit, text, DUE if due is DUE else MONDAY, MONDAY)


def test_a_question_names_its_number_unit_text_and_time() -> None:
    assert questions.ask(ASKED, ANNA, BIST, "Finns beslut?", DUE, MONDAY) == (QuestionAsked("F2", BIST, "Finns beslut?", DUE),)


def test_without_a_number_there_must_be_exactly_one_open_question() -> None:
    with pytest.raises(Refused, match=r"^questions/which$") as no:
        questions.answer(TWICE, NOOR, None, "Tage", DUE)
    assert no.value.values == {"open": (TWICE.questions["F1"], TWICE.questions["F2"])}
    with pytest.raises(Refused, match=r"^questions/none-open$"):
        questions.answer(TWICE, ULLA, None, "Tage", DUE)


def test_a_question_that_is_unknown_anothers_or_answered_is_refused() -> None:
    answered = step(ASKED, NOOR, questions.answer(ASKED, NOOR, "F1", "Tage", DUE), DUE)

    with pytest.raises(Refused, match=r"^questions/unknown$") as no:
        questions.answer(ASKED, NOOR, "F7", "Tage", DUE)
    assert no.value.values == {"object": "F7", "open": (ASKED.questions["F1"],)}
    with pytest.raises(Refused, match=r"^questions/asked-another$") as no:
        questions.answer(ASKED, ULLA, "F1", "Tage", DUE)
    assert no.value.values == {"object": "F1", "unit": HSV}
    with pytest.raises(Refused, match=r"^questions/answered-already$"):
        questions.answer(answered, NOOR, "F1", "Tage", DUE)
    with pytest.raises(Refused, match=r"^messages/empty$"):
        questions.answer(ASKED, NOOR, "F1", "", DUE)
