"""The glossary: every word of the field is there, found as people type it, and defined once."""

import re
from collections import Counter

import pytest

from texts.glossary import look_up, nearest, terms

WORDS = """aktör, anvisning, riktlinje, rutin, manual, avstämning, avstämningsträff, avvikelse, behovsbedömning, PUD,
beräknad utskrivningsdag, betalningsansvar, biståndshandläggare, egenvård, egenvårdsplan, Esther, enstaka hembesök,
fast läkarkontakt, fast vårdkontakt, FVK, Flippen, fristdagar, genomförandeplan, gult spår, grönt spår, rött spår, hemgångsklar,
hemsjukvård, hemtjänst, hemtagning, huvudman, individuell plan, inmeddelande, inskrivningsmeddelande, insats, jourtid,
kallelse till SIP, administrativ SIP, kommunal hälso- och sjukvård, HSV, HSL, korttidsboende, korttidsplats, kvittera,
legitimerad personal, listad, lägesbild, medicinsk planering, meddelande utanför vårdtillfälle, menprövning, mötesstödjare,
Nära vård, närstående, omsorgssamordnare, permission, planeringsunderlag, skyddade personuppgifter,
samordnad individuell planering, samordnad individuell plan, SIP, samordningsansvarig, samordningsärende, samordningsnummer,
reservnummer, samtycke, SBAR, SAMSA, SAMVY, Link, Lifecare SP, Meddix, Prator, slutenvård, öppenvård, SVOP, SVPL, SVU, SÄBO,
triadmöte, tröskelprincip, utskrivningsklar, utskrivningsmeddelande, vitalparametrar, vårdbegäran, vårdsamordnare, värdekompass,
årshjul, ÖPT, ÖRV"""


@pytest.mark.parametrize("word", WORDS.replace("\n", " ").split(", "))
def test_every_word_of_the_field_has_a_definition(word: str) -> None:
    assert look_up(word)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("  AKTOR ", "aktör"),
        ("sip", "samordnad individuell plan"),
        ("SIP-samordnare", None),
        ("vard begaran", "vårdbegäran"),
        ("kommunal halso och sjukvard", "kommunal hälso- och sjukvård"),
        ("SVPL", "SVOP"),
        ("coordination case", "samordningsärende"),
        ("Summons", "kallelse till SIP"),
        ("permission", "permission"),
        ("", None),
        ("ärtsoppa", None),
    ],
)
def test_a_word_is_found_as_it_is_typed_on_a_phone(typed: str, word: str | None) -> None:
    found = look_up(typed)

    assert (found.word if found else None) == word


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("aktörer", "aktör"),
        ("utskrivningklar", "utskrivningsklar"),
        ("samtyke", "samtycke"),
        ("hembesök", "enstaka hembesök"),
        ("hemsjukvården", "hemsjukvård"),
    ],
)
def test_a_misspelled_word_leads_to_the_one_that_is_meant(typed: str, word: str) -> None:
    suggested = nearest(typed)

    assert word in [term.word for term in suggested]
    assert len(suggested) <= 3


@pytest.mark.parametrize("typed", ["", "x", "qqqqqqqq"])
def test_nothing_is_suggested_for_nonsense(typed: str) -> None:
    assert nearest(typed) == ()


def test_no_word_has_two_definitions() -> None:
    names = Counter(name.casefold() for term in terms() for name in (term.word, *term.also))

    assert [name for name, count in names.items() if count > 1] == []


def test_definitions_are_short_sentences() -> None:
    assert [term.word for term in terms() if not term.text.endswith(".") or len(term.text) > 200 or not term.en] == []


def test_a_term_is_not_the_same_as_itself() -> None:
    assert [term.word for term in terms() if {term.word, *term.also} & set(term.not_same)] == []


PLACES = ("Region Jönköpings län", "Jönköping", "Västra Götaland", "Östergötland", "Skåne", "Eksjö")
"""What stands in an English definition as it is written in Sweden."""


def test_english_definitions_are_short_sentences_too() -> None:
    assert [term.word for term in terms() if not term.en_text.endswith(".") or len(term.en_text) > 200] == []


def test_no_english_word_has_two_definitions() -> None:
    names = Counter(name.casefold() for term in terms() for name in (term.en, *term.en_also))

    assert [name for name, count in names.items() if count > 1] == []


def test_what_a_term_is_taken_for_has_its_own_english_name() -> None:
    named = {name: term.en for term in terms() for name in (term.word, *term.also)}
    missing = {
        term.word: wrong for term in terms() if (wrong := {named[name] for name in term.not_same if name in named} - set(term.en_not_same))
    }

    assert missing == {}
    assert [term.word for term in terms() if len(term.not_same) != len(term.en_not_same)] == []


def test_no_swedish_is_left_in_the_english_of_a_term() -> None:
    said = {term.word: " ".join((term.en, term.en_text, *term.en_also, *term.en_not_same)) for term in terms()}

    assert [word for word, text in said.items() if set("åäöÅÄÖ") & set(re.sub("|".join(PLACES), "", text))] == []
