"""The glossary: every word of the field is there, found as people type it, and defined once."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from care.language import Language
from tests.texts.test_english import BOTH, shown
from texts.glossary import look_up, look_up_inflected, nearest, terms
from texts.roles import sheets

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
    names = Counter(name.casefold() for term in terms() for name in {term.word, *term.also, *(name for name, _ in term.regional)})

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


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("aktörernas", "aktör"),
        ("samtyckt", "samtycke"),
        ("kvitterats", "kvittera"),
        ("lägesbilden", "lägesbild"),
        ("sip", "samordnad individuell plan"),
        ("samtalet", None),
        ("ärendemening", None),
        ("", None),
    ],
)
def test_a_word_is_found_in_any_of_its_forms(typed: str, word: str | None) -> None:
    found = look_up_inflected(typed)

    assert (found.word if found else None) == word


@pytest.mark.parametrize(
    ("typed", "word", "region"),
    [("SVU", "SVOP", "Skåne"), ("SVPL", "SVOP", "Jönköping"), ("Prator", "IT-stöd för samordning", "Uppsala")],
)
def test_a_regional_word_is_found_and_its_regions_are_data(typed: str, word: str, region: str) -> None:
    found = look_up(typed)

    assert found
    assert found.word == word
    assert region in dict(found.regional)[typed]


HOUSE = Path(__file__).parents[2]
DOCS = HOUSE / "docs"
PAGES = (DOCS / "anvandarguide.md", *sorted(DOCS.glob("commands*.md")), *sorted(DOCS.glob("roles/*.md")))
"""What staff read besides the chat."""
ABBREVIATION = re.compile(r"\b[A-ZÅÄÖ]+[a-zåäö]?[A-ZÅÄÖ]+\b")
PLACEHOLDERS = {"ÅÅÅÅ", "ÅÅÅÅMMDD", "YYYY", "YYYYMMDD", "NNNN", "ID", "TOKEN", "README"}
"""What stands for something that is typed, or names a file."""


def written(language: Language) -> Iterator[tuple[str, str]]:
    """Return what templates, definitions and cheat sheets say in a language, with where it stands."""
    yield from ((name, text) for name in BOTH for text in shown(language, name))
    yield from ((term.word, term.text if language is Language.SV else term.en_text) for term in terms())
    for sheet in sheets():
        lines = (line.why if language is Language.SV else line.en_why for line in sheet.lines)
        yield sheet.key, " ".join((sheet.says if language is Language.SV else sheet.en_says, *lines))


@pytest.mark.parametrize("language", Language)
def test_every_abbreviation_that_is_shown_is_in_the_glossary(language: Language) -> None:
    found = {(short, where) for where, text in written(language) for short in ABBREVIATION.findall(text)}

    assert {short for short, _ in found} >= {"SIP", "PDF"}
    assert {(short, where) for short, where in found if short not in PLACEHOLDERS and look_up(short) is None} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_abbreviation_of_the_pages_for_staff_is_in_the_glossary(page: Path) -> None:
    found = set(ABBREVIATION.findall(page.read_text("utf-8")))

    assert {short for short in found - PLACEHOLDERS if look_up(short) is None} == set()


@pytest.mark.parametrize("short", ["SIP", "SÄ", "HSL", "SoL", "LSS", "PDL", "BHV", "BVC", "VC", "SÄBO", "HSV", "PUD", "SBAR", "FVK", "PDF"])
def test_the_abbreviations_of_the_field_are_in_the_glossary(short: str) -> None:
    assert ABBREVIATION.fullmatch(short)
    assert look_up(short)


FIELD = re.compile(
    "sip|samtyck|samordn|huvudm|aktör|kvitt|kallels|utskriv|inskriv|vård|omsorg|lägesbild|genomgång|insats|handlägg|närståend|perspektiv"
    "|mottag|reservn|sekret|bistånd|hemtjänst|patient|enskild|journal|remiss|begäran|uppfölj|upprätt|jour|legitim|inkorg"
)
"""Beginnings and middles of the words of the field."""
EVERYDAY = {"vård", "vården", "omsorg", "omsorgen", "omvårdnad", "mottagning", "mottagningen", "legitimationen", "sjukvården", "inskriven"}
"""Words that hold one of these and mean what they mean to everybody."""
MADE = {"samordna", "samordnar", "samordnad", "samordning", "samordningen", "uppföljd"}
"""Forms of the word that the field is named by, and of "följa upp"."""


def of_the_field(text: str) -> set[str]:
    words = re.findall(r"[a-zåäö]+(?:-[a-zåäö]+)*", re.sub(r"`[^`]*`|!\S+", "", text).lower())
    return {word for word in words if FIELD.search(word)} - EVERYDAY - MADE


@pytest.mark.parametrize("name", BOTH)
def test_every_term_of_the_field_in_a_message_is_in_the_glossary(name: str) -> None:
    found = {word for text in shown(Language.SV, name) for word in of_the_field(text)}

    assert {word for word in found if look_up_inflected(word) is None} == set()


def test_every_term_of_the_field_in_the_user_guide_is_in_the_glossary() -> None:
    found = of_the_field(PAGES[0].read_text("utf-8"))

    assert {"lägesbilden", "inkorgen", "samtycke"} <= found
    assert {word for word in found if look_up_inflected(word) is None} == set()


MOST = 20
"""Words in a sentence, on average, that somebody in a hurry still reads in one go."""


@pytest.mark.parametrize("language", Language)
def test_sentences_are_short_on_average_and_none_is_very_long(language: Language) -> None:
    told = [part.split() for _, text in written(language) for part in re.split(r"[.!?:]\s|\n", text)]
    lengths = [len(words) for words in told if len(words) > 1]

    assert sum(lengths) / len(lengths) <= MOST
    assert max(lengths) <= 2 * MOST
