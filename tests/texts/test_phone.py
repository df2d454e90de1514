"""What is answered fits a phone; what must be longer says what matters on its first screen."""

import pytest

from care.effects import Words
from care.language import Language
from tests.texts.collection import samples
from tests.texts.samples import rules

SCREEN = 12
"""Lines that a phone shows at once."""
OVERVIEW, CALLED = "overview/overview", "meetings/called"
LONGER = frozenset({OVERVIEW, CALLED, "digest/digest", "form/summary", "confirm/sip_call"})
"""What is looked up again and again, lists what waits, or is read once and thoroughly before it is confirmed, has to hold more."""


def lines(body: str) -> list[str]:
    return [line for line in body.split("\n") if line.strip()]


def told(message: str) -> tuple[Words, ...]:
    return tuple(sample.words[Language.SV] for sample in samples()[message])


@pytest.mark.parametrize("language", Language)
def test_every_message_but_the_longer_ones_fits_a_phone(language: Language) -> None:
    long = {name for name, found in samples().items() for each in found if len(lines(each.words[language].body)) > SCREEN}

    assert long == LONGER


def test_the_lagesbild_begins_with_whose_turn_it_is_then_the_person_the_purpose_and_the_consent() -> None:
    bodies = [words.body for words in told(OVERVIEW)]

    assert len(bodies) > 5
    for body in bodies:
        turn, *rest = lines(body)[:SCREEN]
        assert turn.startswith(("Bollen ligger hos ", "Ärendet är avslutat."))
        assert "Ester Demoson, född 1935" in rest[:2]
        assert [line.partition(":")[0] for line in rest if line.startswith(("Syfte:", "Samtycke:"))] == ["Syfte", "Samtycke"]


def test_a_kallelse_says_when_where_why_whom_and_until_when_to_answer_on_the_first_screen() -> None:
    bodies = [words.body for words in told(CALLED)]

    assert bodies
    for body in bodies:
        first = "\n".join(lines(body)[:SCREEN])
        assert lines(first)[0].split(" · ")[1].startswith("Kallelse till SIP-möte ")
        assert all(part in first for part in ("• Syfte: ", "• Plats: ", "• Kallade: ", "Kallade enheter svarar senast ", "!sip svar ja"))
        assert any(unit.name in lines(first)[1] for unit in rules().directory.units.values())
