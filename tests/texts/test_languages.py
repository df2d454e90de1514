"""Short texts in two languages: complete, without leftovers, and never guessed."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from care.calendar import holiday_name
from care.closing import Reason
from care.consent import Form
from care.expected import Matter
from care.identity import IdentityKind
from care.kallelse import Relatives, Venue
from care.language import Language
from care.meetings import Answer
from care.opening import Perspective
from care.plans import Outcome
from texts import languages
from texts.announce.meetings import NEWS, VENUES
from texts.digest import MEETING
from texts.emoji import EMOJI
from texts.invitation import SUMMARY
from texts.languages import Phrase, english, said, sections, spoken, term
from texts.plan_document import CONSENT
from texts.professions import TITLES

HOUSE = Path(__file__).parents[2]
SHOWN = (Reason, Form, Matter, Relatives, Venue, Answer, Perspective, Outcome)
"""The enumerations whose words messages show."""
DAYS = tuple(date(2020, 1, 1) + timedelta(days=n) for n in range(80 * 365))
WANTED: Mapping[str, set[str]] = {
    "matters": {*map(str, Matter), MEETING},
    "holidays": {name for day in DAYS if (name := holiday_name(day))},
    "professions": set(TITLES.values()),
    "identities": set(map(str, IdentityKind)),
    "emoji": {name for _, name in EMOJI},
    "consent": {CONSENT},
    "document": set(re.findall(r'said\("([^"]*)"\)', (HOUSE / "texts" / "typst" / "plan.typ").read_text("utf-8"))),
    "calendar": {SUMMARY, *VENUES.values(), *NEWS},
}


@pytest.mark.parametrize("section", WANTED)
def test_every_short_text_has_english_and_none_is_left_over(section: str) -> None:
    assert set(sections()[section]) == WANTED[section]


@pytest.mark.parametrize("shown", SHOWN)
def test_every_word_of_an_enumeration_that_is_shown_has_english(shown: type[Reason]) -> None:
    assert all(spoken(member, Language.EN) != "" for member in shown)


def test_no_english_text_is_empty_and_no_section_repeats_another() -> None:
    every = Counter(swedish for rows in sections().values() for swedish in rows)

    assert [swedish for swedish, times in every.items() if times > 1] == []
    assert all(english().values())


def test_a_text_without_english_is_a_bug_that_names_it() -> None:
    with pytest.raises(KeyError, match="Kommer ni inte"):
        said("Kommer ni inte?", Language.EN)
    with pytest.raises(KeyError):
        said("högst 12 får", Language.EN)


def test_a_number_in_a_text_stays() -> None:
    assert said("högst 4000 tecken", Language.EN) == "at most 4000 characters"
    assert said("högst 4000 tecken", Language.SV) == "högst 4000 tecken"


def test_what_a_person_wrote_is_never_translated() -> None:
    assert spoken("ja", Language.EN) == "ja"
    assert spoken(Relatives.JA, Language.EN) == "yes"
    assert spoken(Relatives.JA, Language.SV) == "ja"


def test_a_phrase_compares_as_it_is_and_is_said_when_it_is_shown() -> None:
    phrase = Phrase("ett datum")

    assert phrase == "ett datum"
    assert spoken(phrase, Language.EN) == "a date"


def test_a_term_is_one_of_the_glossary() -> None:
    assert term("huvudman", Language.EN) == "principal"
    assert term("huvudman", Language.SV) == "huvudman"
    with pytest.raises(KeyError, match="sipp"):
        term("sipp", Language.SV)


def test_one_text_with_two_meanings_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "sections", lambda: {"a": {"svar": "answer"}, "b": {"svar": "reply"}})

    with pytest.raises(ValueError, match="svar means answer and reply"):
        english.__wrapped__()
