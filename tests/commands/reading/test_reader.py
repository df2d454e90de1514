"""Messages as people type them, and what comes of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.effects import PlaceKind
from care.people import Unit
from commands.reading import Invocation, Misread, Reason, Talk, read
from commands.reading.units import search
from tests.commands.region import CASE, COMMANDS, DIRECT, INBOX, UNITS, scene
from tests.commands.region import Reason as Closing

HSV, BIST, HT, VC, MOB = (UNITS[u] for u in ("k-alm-hsv", "k-alm-bist", "k-alm-ht", "vc-norrgard", "mob"))
ANNA = "@anna.demo:almfors.test"
TUESDAY_13 = datetime(2026, 11, 24, 12, tzinfo=UTC)
FRIDAY_16 = datetime(2026, 11, 27, 15, tzinfo=UTC)
QUESTION = {"unit": HSV, "text": "Hur går det?"}

UNDERSTOOD: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "!aktörer": ("aktörer", {}),
    "/aktörer": ("aktörer", {}),
    "!aktorer": ("aktörer", {}),
    "!AKTÖRER": ("aktörer", {}),
    "!akto\u0308rer": ("aktörer", {}),
    "!actors": ("aktörer", {}),
    "  !aktörer  ": ("aktörer", {}),
    "\u00a0!aktörer": ("aktörer", {}),
    "Samrum: aktörer": ("aktörer", {}),
    "samrum, aktörer": ("aktörer", {}),
    "@samrum aktörer": ("aktörer", {}),
    "@samrum:almfors.test: aktörer": ("aktörer", {}),
    "Samrum: !aktörer": ("aktörer", {}),
    "!hjälp": ("hjälp", {}),
    "!help": ("hjälp", {}),
    "!hjälp kallelse till SIP": ("hjälp", {"topic": "kallelse till SIP"}),
    "!fråga k-alm-hsv Hur går det?": ("fråga", QUESTION),
    "!fraga K-ALM-HSV Hur går det?": ("fråga", QUESTION),
    "!fråga: k-alm-hsv Hur går det?": ("fråga", QUESTION),
    "!ask k-alm-hsv Hur går det?": ("fråga", QUESTION),
    "!undra k-alm-hsv Hur går det?": ("fråga", QUESTION),
    "!fråga kalmhsv Hur går det?": ("fråga", QUESTION),
    "!fråga k‑alm‑hsv Hur går det?": ("fråga", QUESTION),
    "!fråga hsv Hur går det?": ("fråga", QUESTION),
    "!fråga hemsjukvården Hur går det?": ("fråga", QUESTION),
    "!fråga hemsjuk Hur går det?": ("fråga", QUESTION),
    "!fråga hemsjukvården centrum Hur går det?": ("fråga", QUESTION),
    "!fråga Almfors kommun, hemsjukvården centrum Hur går det?": ("fråga", QUESTION),
    "!fråga ”hemsjukvården centrum” Hur går det?": ("fråga", QUESTION),
    "!fråga enhet=hsv Hur går det?": ("fråga", QUESTION),
    "!fråga unit=hsv Hur går det?": ("fråga", QUESTION),
    "!fråga enhet = hsv Hur går det?": ("fråga", QUESTION),
    "!fråga hsv ”Hur går det?”": ("fråga", QUESTION),
    '!fråga hsv "Hur går det?"': ("fråga", QUESTION),
    "!fråga hsv 'Hur går det?'": ("fråga", QUESTION),
    "!fråga hsv “Hur går det?”": ("fråga", QUESTION),
    "!fråga hsv «Hur går det?»": ("fråga", QUESTION),
    "!fråga hsv »Hur går det?«": ("fråga", QUESTION),
    "!fråga\u00a0hsv\u00a0Hur går det?": ("fråga", QUESTION),
    "!fråga hsv text=Hur går det?": ("fråga", QUESTION),
    "!fråga bistånd centrum Hej": ("fråga", {"unit": BIST, "text": "Hej"}),
    "!fråga hemtjänst Söder Hej": ("fråga", {"unit": HT, "text": "Hej"}),
    "!fråga hsv Hur? senast=fredag": ("fråga", {"unit": HSV, "text": "Hur?", "due": FRIDAY_16}),
    "!fråga hsv Hur? senast=på tisdag kl 13": ("fråga", {"unit": HSV, "text": "Hur?", "due": TUESDAY_13}),
    '!fråga hsv senast="tisdag 13:00" Hur?': ("fråga", {"unit": HSV, "text": "Hur?", "due": TUESDAY_13}),
    '!fråga hsv Hur? due="tisdag kl 13"': ("fråga", {"unit": HSV, "text": "Hur?", "due": TUESDAY_13}),
    '!fråga hsv Hur senast="fredag" då?': ("fråga", {"unit": HSV, "text": "Hur då?", "due": FRIDAY_16}),
    '!fråga hsv "Hur?" tisdag 13:00': ("fråga", {"unit": HSV, "text": "Hur?", "due": TUESDAY_13}),
    "!fråga hsv ”Kan ni ringa på tisdag kl 13”": ("fråga", {"unit": HSV, "text": "Kan ni ringa på tisdag kl 13"}),
    "!fråga hsv Kan ni ringa på tisdag kl 13?": ("fråga", {"unit": HSV, "text": "Kan ni ringa på tisdag kl 13?"}),
    "!fråga hsv Hennes son": ("fråga", {"unit": HSV, "text": "Hennes son"}),
    "!fråga hsv Hon bor på plan tre": ("fråga", {"unit": HSV, "text": "Hon bor på plan tre"}),
    "!fråga hsv Hon väger 63": ("fråga", {"unit": HSV, "text": "Hon väger 63"}),
    "!fråga hsv Hon har P-glukos=5 nu": ("fråga", {"unit": HSV, "text": "Hon har P-glukos=5 nu"}),
    '!fråga hsv "Nej" sa hon igår': ("fråga", {"unit": HSV, "text": '"Nej" sa hon igår'}),
    '!fråga hsv "Nej" sa hon': ("fråga", {"unit": HSV, "text": '"Nej" sa hon'}),
    "!fråga hsv Rad ett\nrad  två": ("fråga", {"unit": HSV, "text": "Rad ett\nrad  två"}),
    "!svar F3 Ja, vi ringer": ("svar", {"nr": "F3", "text": "Ja, vi ringer"}),
    "!svar 3 Ja": ("svar", {"nr": "3", "text": "Ja"}),
    "!svar fråga 3 Ja": ("svar", {"nr": "F3", "text": "Ja"}),
    "!svar Ja, vi ringer": ("svar", {"text": "Ja, vi ringer"}),
    "!kvittera": ("kvittera", {}),
    "!ack 1 3": ("kvittera", {"nr": ("1", "3")}),
    "!kvittera F1, f2 och U4": ("kvittera", {"nr": ("F1", "F2", "U4")}),
    "!aktör lägg till mob": ("aktör lägg till", {"unit": MOB}),
    "!aktör lägg-till mob": ("aktör lägg till", {"unit": MOB}),
    "!aktor laggtill mob": ("aktör lägg till", {"unit": MOB}),
    "!aktör lägg mob": ("aktör lägg till", {"unit": MOB}),
    "!actor add mob": ("aktör lägg till", {"unit": MOB}),
    "!aktör add mob": ("aktör lägg till", {"unit": MOB}),
    "!aktör lägg till Ekhamns hemsjukvård": ("aktör lägg till", {"unit": UNITS["k-eh-hsv"]}),
    "!aktör lägg till ”hemsjukvård Ekhamn”": ("aktör lägg till", {"unit": UNITS["k-eh-hsv"]}),
    "!aktör tacka ja": ("aktör tacka ja", {}),
    "!aktör tacka j": ("aktör tacka ja", {}),
    f"!aktör tacka ja {ANNA}": ("aktör tacka ja", {"person": ANNA}),
    f"!aktör tacka ja https://matrix.to/#/{ANNA}": ("aktör tacka ja", {"person": ANNA}),
    "!aktör tacka nej vi saknar plats": ("aktör tacka nej", {"why": "vi saknar plats"}),
    "!ärende avsluta behovet finns inte": ("ärende avsluta", {"reason": Closing.GONE}),
    "!ärende avs malen_uppfyllda": ("ärende avsluta", {"reason": Closing.GOALS}),
    "!ärende avsluta ja": ("ärende avsluta ja", {}),
    "!ärende visa 42": ("ärende visa", {"case": "42"}),
    "!ärende visa SÄ-2026-00042": ("ärende visa", {"case": "SÄ-2026-00042"}),
    "!case show sa-2026-42": ("ärende visa", {"case": "SÄ-2026-00042"}),
    "!ärende visa Blå Tranan": ("ärende visa", {"case": "blå tranan"}),
    "!sip ställ in Personen är sämre": ("sip ställ in", {"why": "Personen är sämre"}),
    "!sip ställ": ("sip ställ in", {}),
    "!sip stä": ("sip ställ in", {}),
    "!notis Anna Ring mig": ("notis", {"to": "Anna", "text": "Ring mig"}),
    "!sip svar digi": ("sip svar", {"answer": "digitalt"}),
    "!sip ka": ("sip kalla", {}),
    "!sip igång": ("sip starta", {}),
    "!sip svar nej sjuk personal": ("sip svar", {"answer": "nej", "why": "sjuk personal"}),
    "!sip flytta tisdag 13:00": ("sip flytta", {"tid": TUESDAY_13}),
    "!sip flytta ”tisdag 13:00”": ("sip flytta", {"tid": TUESDAY_13}),
    "!sip flytta tid=tisdag 13:00": ("sip flytta", {"tid": TUESDAY_13}),
    "!plan": ("plan", {}),
    "!plan mål Gå ut själv": ("plan mål", {"text": "Gå ut själv"}),
    "!plan uppf vecka 49": ("plan uppföljning", {"datum": date(2026, 11, 30)}),
    "!sida 2": ("sida", {"nummer": 2}),
    "!sida mer": ("sida", {"nummer": 2}),
    "!sida mer 3": ("sida", {"nummer": 3}),
    "!page More 3": ("sida", {"nummer": 3}),
    "!sida nummer=mer": ("sida", {"nummer": 2}),
    f'!sip kalla syfte=”Hem i tid” tid="tisdag 13:00" slut=14:00 enheter=k-alm-bist,k-alm-hsv ledare={ANNA} epost=a@b.se, c@d.se': (
        "sip kalla",
        {"syfte": "Hem i tid", "tid": TUESDAY_13, "slut": time(14), "enheter": (BIST, HSV), "ledare": ANNA, "epost": ("a@b.se", "c@d.se")},
    ),
    "!sip kalla syfte=Hem i tid enheter=hemtjänst Söder, hsv slut=halv tre": (
        "sip kalla",
        {"syfte": "Hem i tid", "slut": time(14, 30), "enheter": (HT, HSV)},
    ),
    '!sip kalla enheter="Norrgårdens vårdcentral","hemtjänst Söder"': ("sip kalla", {"enheter": (VC, HT)}),
    '!sip kalla enheter="k-alm-bist,k-alm-hsv"': ("sip kalla", {"enheter": (BIST, HSV)}),
}

REFUSED: dict[str, tuple[Reason, str]] = {
    "!frga hsv Hej": (Reason.UNKNOWN_COMMAND, "frga"),
    "/xyzzy": (Reason.UNKNOWN_COMMAND, "xyzzy"),
    "!sip": (Reason.VERB_MISSING, ""),
    "!sip kala": (Reason.UNKNOWN_VERB, "kala"),
    "!sip st": (Reason.AMBIGUOUS_VERB, "st"),
    "!aktör tacka": (Reason.AMBIGUOUS_VERB, "tacka"),
    "!delta 42 jour": (Reason.WRONG_PLACE, "delta"),
    "!fråga hsv Hej\n!aktörer": (Reason.TWO_COMMANDS, "!aktörer"),
    "!plan x=1": (Reason.UNKNOWN_NAME, "x=1"),
    "!fråga hsv Hej senaste=fredag": (Reason.UNKNOWN_NAME, "senaste=fredag"),
    "!fråga hsv Hej senast=fredag senast=tisdag": (Reason.GIVEN_TWICE, "senast=tisdag"),
    "!fråga hsv Hej senast=": (Reason.EMPTY_VALUE, ""),
    "!fråga hsv ”Hej": (Reason.UNCLOSED_QUOTE, "”Hej"),
    "!fråga hsv Hej senast=”fredag": (Reason.UNCLOSED_QUOTE, "”fredag"),
    "!aktörer nu": (Reason.TRAILING_TEXT, "nu"),
    "!sida 2 snabbt": (Reason.TRAILING_TEXT, "snabbt"),
    "!sida mer snabbt": (Reason.TRAILING_TEXT, "snabbt"),
    "!sida 2 mer": (Reason.TRAILING_TEXT, "mer"),
    "!sida mer 3 mer": (Reason.TRAILING_TEXT, "mer"),
    "!fråga hsv Ring på tisdag kl 13": (Reason.DATE_OR_TEXT, "på tisdag kl 13"),
    "!fråga hsv Ring imorgon.": (Reason.DATE_OR_TEXT, "imorgon."),
    "!fråga hsv Ring halv tre": (Reason.DATE_OR_TEXT, "halv tre"),
    "!fråga hsv på tisdag kl 13": (Reason.DATE_OR_TEXT, "på tisdag kl 13"),
    '!fråga hsv "Nej" sa hon imorgon': (Reason.DATE_OR_TEXT, "imorgon"),
    "!fråga hemsjukvrden Hej": (Reason.UNIT_UNKNOWN, "hemsjukvrden"),
    "!fråga Hur går det?": (Reason.UNIT_UNKNOWN, "Hur"),
    "!fråga almfors Hej": (Reason.UNIT_AMBIGUOUS, "almfors"),
    "!fråga mob Hej": (Reason.UNIT_OUTSIDE_CASE, "mob"),
    "!fråga k-eh-hsv Hej": (Reason.UNIT_OUTSIDE_CASE, "k-eh-hsv"),
    "!aktör lägg till k-eh-dag": (Reason.UNIT_UNKNOWN, "k-eh-dag"),
    "!aktör lägg till hemsjukvården": (Reason.UNIT_AMBIGUOUS, "hemsjukvården"),
    "!sip kalla enheter=hsv, xyzzy": (Reason.UNIT_UNKNOWN, "xyzzy"),
    "!fråga hsv Hej senast=13/14": (Reason.NOT_A_DATE, "13/14"),
    "!fråga hsv senast=tisdag 13 personer kommer": (Reason.NOT_A_DATE, "personer kommer"),
    "!fråga hsv Hej senast=1/11": (Reason.PAST_DATE, "1/11"),
    "!sip flytta tisdag kl tjugofem": (Reason.NOT_A_DATE, "kl tjugofem"),
    "!sip flytta lördag 13:00": (Reason.WEEKEND, "lördag 13:00"),
    "!sip flytta måndag 15:00": (Reason.WEEKDAY_IS_TODAY, "måndag 15:00"),
    "!sip flytta ”tisdag 13/14”": (Reason.NOT_A_DATE, "13/14”"),
    "!sip kalla slut=lunch": (Reason.NOT_A_TIME, "lunch"),
    "!sip svar kanske": (Reason.WRONG_CHOICE, "kanske"),
    "!ärende avsluta för att": (Reason.WRONG_CHOICE, "för att"),
    "!sida två": (Reason.NOT_A_NUMBER, "två"),
    "!kvittera 3-1": (Reason.NOT_AN_OBJECT, "3-1"),
    "!aktör lägg till 2": (Reason.UNIT_UNKNOWN, "2"),
    "!svar ”Ja": (Reason.UNCLOSED_QUOTE, "”Ja"),
    "!aktör lägg till ”mob": (Reason.UNCLOSED_QUOTE, "”mob"),
    "!sip flytta ” ”": (Reason.EMPTY_VALUE, " ”"),
    "!sip kalla enheter=,": (Reason.EMPTY_VALUE, ","),
    "!sip flytta om en timme nu": (Reason.NOT_A_DATE, "nu"),
    "!plan uppföljning om två timmar": (Reason.NOT_A_DATE, "om två"),
    "!plan uppföljning tisdag 13:00": (Reason.NOT_A_DATE, "tisdag"),
    "!plan uppföljning 2026-11-22": (Reason.PAST_DATE, "2026-11-22"),
    "!sip svar ”ja nej”": (Reason.WRONG_CHOICE, "ja nej”"),
    "!kvittera 1 hej": (Reason.NOT_AN_OBJECT, "hej"),
    "!aktör tacka ja Anna": (Reason.NOT_A_PERSON, "Anna"),
    "!ärende visa tranan": (Reason.NOT_A_CASE, "tranan"),
}

TALK = [
    "",
    "   ",
    "hej",
    "Fråga hsv om det",
    "!",
    "/",
    "!!!",
    "! viktigt",
    "/ 2 tabletter",
    "Samrum är bra",
    "Samrummet: hej",
    "😀",
    "sip på tisdag?",
]


@pytest.mark.parametrize(("typed", "meant"), UNDERSTOOD.items())
def test_a_command_is_understood(typed: str, meant: tuple[str, Mapping[str, object]]) -> None:
    result = read(typed, COMMANDS, scene())

    assert isinstance(result, Invocation), result
    assert (result.command.name, dict(result.values)) == meant


@pytest.mark.parametrize(("typed", "why"), REFUSED.items())
def test_what_is_not_understood_is_shown_at_its_place(typed: str, why: tuple[Reason, str]) -> None:
    result = read(typed, COMMANDS, scene())

    assert isinstance(result, Misread), result
    assert (result.reason, typed[result.at :][: len(why[1])]) == why


@pytest.mark.parametrize("typed", TALK)
def test_ordinary_talk_in_a_case_room_is_left_alone(typed: str) -> None:
    assert read(typed, COMMANDS, scene()) == Talk(typed)


def test_missing_arguments_are_named_in_order_for_the_form() -> None:
    result = read("!sip kalla slut=14:00", COMMANDS, scene())

    assert isinstance(result, Invocation)
    assert result.missing == ("syfte", "tid", "enheter", "ledare")


@pytest.mark.parametrize(("typed", "prefix"), [("!aktörer", "!"), ("/aktörer", "/"), ("Samrum: aktörer", "Samrum: ")])
def test_the_prefix_that_was_used_is_kept(typed: str, prefix: str) -> None:
    result = read(typed, COMMANDS, scene())

    assert isinstance(result, Invocation)
    assert result.prefix == prefix


def test_a_direct_room_needs_no_prefix() -> None:
    result = read("Ärende visa 42", COMMANDS, scene(DIRECT))

    assert isinstance(result, Invocation)
    assert (result.command.name, result.prefix) == ("ärende visa", "")
    assert read("Ester Demoson", COMMANDS, scene(DIRECT)) == Talk("Ester Demoson")
    assert read("ärende visa 42", COMMANDS, scene(INBOX)) == Talk("ärende visa 42")


def test_the_whole_opening_fits_on_one_line() -> None:
    line = '!ärende starta 19351217-2382 skyddad=nej samtycke=muntligt namn="Ester Demoson" enheter=k-alm-bist,k-alm-hsv'

    result = read(line, COMMANDS, scene(INBOX))

    assert isinstance(result, Invocation)
    assert result.missing == ()
    assert dict(result.values) == {
        "nummer": "19351217-2382",
        "skyddad": False,
        "samtycke": "muntligt",
        "namn": "Ester Demoson",
        "enheter": (BIST, HSV),
    }


def test_a_yes_or_no_is_not_guessed() -> None:
    result = read("!ärende starta skyddad=kanske", COMMANDS, scene(INBOX))

    assert isinstance(result, Misread)
    assert (result.reason, result.at, result.name) == (Reason.NOT_YES_OR_NO, 23, "skyddad")


def test_a_text_over_its_limit_is_refused_where_the_limit_is() -> None:
    line = f"!ärende starta namn={'x' * 61}"

    result = read(line, COMMANDS, scene(INBOX))

    assert isinstance(result, Misread)
    assert (result.reason, result.at) == (Reason.TOO_LONG, len(line) - 1)


def test_a_very_long_command_is_refused_and_a_very_long_talk_is_not() -> None:
    result = read("!fråga hsv " + "x" * 20_000, COMMANDS, scene())

    assert isinstance(result, Misread)
    assert result.reason is Reason.TOO_LONG
    assert isinstance(read("x" * 20_000, COMMANDS, scene()), Talk)


def test_a_link_to_a_room_is_nobody() -> None:
    html = '<a href="https://matrix.to/#/!room:almfors.test">Anna</a>'

    result = read("!aktör tacka ja Anna", COMMANDS, scene(html=html))

    assert isinstance(result, Misread)
    assert result.reason is Reason.NOT_A_PERSON


def test_a_pill_of_the_bot_is_a_prefix_and_a_pill_of_a_person_is_that_person() -> None:
    html = (
        '<a href="https://matrix.to/#/@samrum:almfors.test">Samrum</a>: aktör tacka ja '
        '<a href="https://matrix.to/#/%40anna.demo%3Aalmfors.test">Anna Ek</a>'
    )

    result = read("Samrum aktör tacka ja Anna Ek", COMMANDS, scene(html=html))

    assert isinstance(result, Invocation)
    assert result.values == {"person": ANNA}


def test_the_wrong_place_says_where_it_works() -> None:
    result = read("!delta 42 jour", COMMANDS, scene())

    assert isinstance(result, Misread)
    assert result.values["where"] == (PlaceKind.INBOX, PlaceKind.DIRECT)


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("!frga hsv", "fråga"),
        ("!akör tacka ja", "aktör tacka ja"),
        ("!sip kala", "sip kalla"),
        ("!ärendestrta", "ärende starta"),
        ("!xyzzy", None),
    ],
)
def test_the_nearest_command_is_named(typed: str, nearest: str | None) -> None:
    result = read(typed, COMMANDS, scene())

    assert isinstance(result, Misread)
    assert (result.nearest.name if result.nearest else None) == nearest


def test_a_date_at_the_end_of_a_text_is_offered_both_ways_and_both_are_then_understood() -> None:
    result = read("!fråga hsv Ring på tisdag kl 13", COMMANDS, scene())

    assert isinstance(result, Misread)
    candidates = cast("tuple[str, str]", result.values["candidates"])
    as_date, as_text = (read(f"!fråga hsv {candidate}", COMMANDS, scene()) for candidate in candidates)
    assert isinstance(as_date, Invocation)
    assert isinstance(as_text, Invocation)
    assert as_date.values == {"unit": HSV, "text": "Ring", "due": TUESDAY_13}
    assert as_text.values == {"unit": HSV, "text": "Ring på tisdag kl 13"}


def test_a_weekend_at_the_end_of_a_text_is_offered_with_its_year() -> None:
    result = read("!fråga hsv Vi ses på lördag", COMMANDS, scene())

    assert isinstance(result, Misread)
    assert result.values["candidates"] == ('Vi ses senast="2026-11-28 16:00"', "”Vi ses på lördag”")


def test_a_slip_in_the_name_of_a_unit_is_pointed_out() -> None:
    result = read("!fråga hemsjukvrden Hej", COMMANDS, scene())

    assert isinstance(result, Misread)
    assert result.values["candidates"] == ("k-alm-hsv", "k-eh-hsv")


def test_several_units_are_listed_and_a_unit_outside_is_named() -> None:
    several = read("!aktör lägg till biståndsenheten", COMMANDS, scene())
    outside = read("!fråga närvårdsteamet Hej", COMMANDS, scene())

    assert isinstance(several, Misread)
    assert several.values["candidates"] == ("k-alm-bist", "k-eh-bist")
    assert isinstance(outside, Misread)
    assert outside.values["unit"] == "mob"


def test_the_actors_of_the_case_are_tried_first() -> None:
    here = read("!fråga biståndsenheten Hej", COMMANDS, scene())

    assert isinstance(here, Invocation)
    assert here.values["unit"] == BIST


@pytest.mark.parametrize(
    ("query", "found"), [("mob", ["mob"]), ("bistånd", ["k-alm-bist", "k-eh-bist"]), ("kommun söder", ["k-alm-ht"]), ("?", [])]
)
def test_units_are_searched_by_any_part_of_their_names(query: str, found: list[str]) -> None:
    assert [unit.id for unit in search(query, UNITS.values())] == found


@settings(max_examples=400)
@given(st.text(max_size=80).map(lambda tail: f"!{tail}"), st.sampled_from([CASE, INBOX, DIRECT]))
def test_random_text_after_a_prefix_never_raises(typed: str, place: PlaceKind) -> None:
    result = read(typed, COMMANDS, scene(place))

    if isinstance(result, Misread):
        assert 0 <= result.at <= len(typed)


_BITS = [
    "\n",
    "\u00a0",
    *[
        "!fråga",
        "!sip",
        "!",
        "kalla",
        "flytta",
        "hsv",
        "enheter=",
        "senast=",
        "tid=",
        "syfte=",
        "ledare=",
        "”",
        "'",
        '"',
        "=",
        ",",
        "«",
        "»",
        "och",
        "ja",
        "ärende",
        "avsluta",
        "Söder",
        "blå",
    ],
    *["tisdag", "13:00", "kl", "halv", "tre", "1/12", "F3", "@a:b", "https://matrix.to/#/", "😀"],
]


@settings(max_examples=600)
@given(st.lists(st.sampled_from(_BITS), max_size=14), st.sampled_from(["", " "]), st.sampled_from([CASE, INBOX, DIRECT]))
def test_any_mixture_of_the_language_is_read_or_refused_within_the_text(bits: list[str], glue: str, place: PlaceKind) -> None:
    typed = glue.join(bits)

    result = read(typed, COMMANDS, scene(place))

    if isinstance(result, Misread):
        assert 0 <= result.at <= len(typed)
    if isinstance(result, Invocation):
        required = {p.name for p in result.command.parameters if p.required}
        assert set(result.missing) == required - set(result.values)
        assert isinstance(result.values.get("unit", HSV), Unit)


@given(st.text(max_size=300))
def test_talk_in_a_case_room_never_raises(typed: str) -> None:
    assert isinstance(read(typed, COMMANDS, scene(html=typed)), Invocation | Misread | Talk)
