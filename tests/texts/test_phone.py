"""What is answered fits a phone; what must be longer says what matters on its first screen."""

import pytest

from commands.reading import Misread
from tests.texts import misread, refused
from tests.texts.story import OVERVIEW, RULES, story

SCREEN = 12
"""Lines that a phone shows at once."""
LONGER = {OVERVIEW, "meetings/called"}
"""What is looked up again and again, and has to hold more."""


def lines(body: str) -> list[str]:
    return [line for line in body.split("\n") if line.strip()]


@pytest.mark.parametrize("number", range(len(refused.PROVOKED)))
def test_a_refusal_fits_a_phone(number: int) -> None:
    assert len(lines(refused.said(refused.refused(refused.PROVOKED[number])))) <= SCREEN


@pytest.mark.parametrize(("typed", "found"), misread.misreads(), ids=lambda value: str(value)[:40])
def test_an_answer_to_what_was_not_understood_fits_a_phone(typed: str, found: Misread) -> None:
    assert len(lines(misread.said(typed, found))) <= SCREEN


def test_every_announcement_but_the_longer_ones_fits_a_phone() -> None:
    assert {name for name, words in story().told if len(lines(words.body)) > SCREEN} <= LONGER


def test_the_lagesbild_begins_with_whose_turn_it_is_then_the_person_the_purpose_and_the_consent() -> None:
    told = [words.body for name, words in story().told if name == OVERVIEW]

    assert len(told) > 5
    for body in told:
        turn, *rest = lines(body)[:SCREEN]
        assert turn.startswith(("Bollen ligger hos ", "Ärendet är avslutat."))
        assert "Ester Demoson, född 1935" in rest[:2]
        assert [line.partition(":")[0] for line in rest if line.startswith(("Syfte:", "Samtycke:"))] == ["Syfte", "Samtycke"]


def test_a_kallelse_says_when_where_why_whom_and_until_when_to_answer_on_the_first_screen() -> None:
    told = [words.body for name, words in story().told if name == "meetings/called"]

    assert told
    for body in told:
        first = "\n".join(lines(body)[:SCREEN])
        assert lines(first)[0].split(" · ")[1].startswith("Kallelse till SIP-möte ")
        assert all(part in first for part in ("• Syfte: ", "• Plats: ", "• Kallade: ", "Kallade enheter svarar senast ", "!sip svar ja"))
        assert any(unit.name in lines(first)[1] for unit in RULES.directory.units.values())
