"""What the lägesbild shows of very much."""

import re
from datetime import timedelta

from bot.contents import MOST, formatted
from care.questions import ask
from tests.builders import ANNA, BIST, HSV, MONDAY, running, step
from tests.texts.story import RULES
from texts.announce.overview import QUESTIONS, WAITING, overview
from texts.announce.stage import Stage

REST = re.compile(r"och (\d+) till: ”!ärende väntar”$", re.MULTILINE)


def words_after(questions: int, text: str) -> str:
    case = running(HSV, BIST)
    for number in range(questions):
        due = MONDAY + timedelta(days=questions - number, hours=1)
        case = step(case, ANNA, list(ask(case, ANNA, HSV, f"{number} {text}", due, MONDAY)), MONDAY)
    words = overview(Stage(case, RULES, MONDAY, "overview", "samrum@almfors.example"))
    assert "formatted_body" in formatted(words, MOST // 2)
    return words.body


def test_few_questions_are_all_shown_as_they_were_asked() -> None:
    shown = words_after(2, "Vem möter upp?")

    assert [f"{number} Vem möter upp?" in shown for number in range(2)] == [True] * 2
    assert REST.findall(shown) == []


def test_of_very_many_long_questions_those_to_be_answered_first_are_shown_and_the_rest_counted() -> None:
    questions = 40

    shown = words_after(questions, "ord " * 900)

    waiting, asked = REST.findall(shown)
    assert int(asked) == questions - QUESTIONS
    assert int(waiting) >= questions - WAITING
    assert [number for number in range(questions) if f" {number} ord" in shown] == [*range(questions - QUESTIONS, questions)]
    assert "ord …" in shown
