"""Help, the overview, and looking things up."""

import pytest

from commands.catalogue import COMMANDS
from tests.commands.driver import BIST, HSV, OPENING, Chat, Heard, at, user
from texts.roles import sheets

NUMBERS = ("19380205-2393", "19391115-2381", "19420827-2395", "19450120-2388", "19530328-2387")
MORE = ("19630304-2391", "19841231-2392", "19950104-2387", "20050101-2389", "19031204-9802")
PHONE = 12
"""Lines that a phone shows at once."""


def lines(heard: Heard) -> list[str]:
    """Return the lines of an answer that hold words."""
    return [line for line in heard.replies.split("\n") if line.strip()]


@pytest.mark.parametrize("place", ["direkt", f"inbox:{HSV}", "fall"])
async def test_help_fits_a_phone_and_names_what_works_here(chat: Chat, place: str) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")
    heard = await chat.say("noor", room if place == "fall" else place, "!hjälp")

    assert len(lines(heard)) <= PHONE
    assert ("!svar F1 text" in heard.replies) is (place == "fall")
    assert ("!ärende starta" in heard.replies) is (place != "fall")


async def test_help_for_a_revisor_names_only_what_may_be_looked_up(chat: Chat) -> None:
    heard = await chat.say("vera", "direkt", "!hjälp")

    assert "begrepp" in heard.replies
    assert "starta" not in heard.replies
    assert "tjänst" not in heard.replies


async def test_help_begins_with_whom_the_case_waits_for(chat: Chat) -> None:
    room = await chat.opened("noor")

    assert lines(await chat.say("ulla", room, "!hjälp"))[0] == "Just nu väntar ärendet på er:"
    assert lines(await chat.say("noor", room, "!hjälp"))[0].startswith(
        "Just nu väntar ärendet på Almfors kommun, biståndsenheten: tacka ja"
    )


async def test_help_outside_a_case_begins_with_what_waits_in_all_of_them_and_notes_the_look(chat: Chat) -> None:
    room = await chat.opened("noor")
    for number in range(3):
        await chat.say("anna", room, f"!fråga hemsjukvården Kan ni komma {number}?")
    heard = await chat.say("noor", f"inbox:{HSV}", "!hjälp")

    assert lines(heard)[0] == "Just nu väntar det här på er:"
    assert lines(heard)[1].startswith("• SÄ-2026-00001 ")
    assert "och 3 till: ”!översikt”" in heard.replies
    assert "Ester" not in heard.replies
    assert [(row["what"], row["unit"]) for row in await chat.rows("access")][-1:] == [("help/here", HSV)]


async def test_help_in_the_room_of_a_case_says_nothing_of_other_cases(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.form("anna", "direkt", OPENING.replace("19351217-2382", NUMBERS[0]), "ja 1938")
    heard = await chat.say("noor", room, "!hjälp")

    assert "SÄ-2026" not in heard.replies
    assert "väntar" not in lines(heard)[0]


async def test_no_answer_of_help_is_longer_than_a_phone(chat: Chat) -> None:
    room = await chat.opened("noor")
    for topic in ("", "mer", "mer 3", "roller", *(c.name for c in COMMANDS), *(f"{c.noun} mer" for c in COMMANDS)):
        for place in ("direkt", room):
            heard = await chat.say("noor", place, f"!hjälp {topic}")
            assert 1 <= len(lines(heard)) <= PHONE, topic


async def test_what_does_not_fit_comes_after_mer(chat: Chat) -> None:
    room = await chat.opened("noor")
    first, second, last = [await chat.say("noor", room, f"!hjälp {typed}") for typed in ("sip kalla", "sip kalla mer", "sip kalla mer 9")]

    assert "5 till: ”!hjälp sip kalla mer”" in first.replies
    assert "epost=" not in first.replies
    assert "epost=" in second.replies
    assert second.replies == last.replies
    every = [await chat.say("noor", room, f"!hjälp {typed}") for typed in ("mer", "mer 3")]
    assert "”!hjälp mer 3”" in every[0].replies
    assert [part for part in ("!fråga", "!plan uppföljning") if part in every[0].replies] == ["!fråga"]
    assert "!plan uppföljning" in every[1].replies


@pytest.mark.parametrize(
    ("name", "place", "word"),
    [
        ("anna", "direkt", "vårdsamordnare"),
        ("noor", f"inbox:{HSV}", "sjuksköterska i hemsjukvård"),
        ("ulla", "direkt", "biståndshandläggare"),
        ("vera", "direkt", "roller"),
    ],
)
async def test_help_names_the_cheat_sheet_of_ones_own_role(chat: Chat, name: str, place: str, word: str) -> None:
    assert f"”!hjälp {word}”" in (await chat.say(name, place, "!hjälp")).replies


async def test_a_cheat_sheet_is_found_by_each_of_its_words_and_fits_a_phone(chat: Chat) -> None:
    for typed in [typed for sheet in sheets() for typed in (sheet.word, sheet.en, *sheet.also)]:
        heard = await chat.say("noor", "direkt", f"!hjälp {typed}")
        assert lines(heard)[0].startswith("Lathund: "), typed
        assert len(lines(heard)) <= PHONE


async def test_all_cheat_sheets_are_listed_and_ones_own_is_marked(chat: Chat) -> None:
    heard = await chat.say("noor", "direkt", "!hjälp roller")

    assert [line for line in lines(heard) if "(din)" in line] == ["• ”!hjälp sjuksköterska i hemsjukvård” (din)"]
    assert len(lines(heard)) == len(sheets()) + 1


async def test_all_that_waits_in_a_case_is_listed_with_the_words_of_the_questions(chat: Chat) -> None:
    room = await chat.opened("noor")
    for number in range(5):
        await chat.say("anna", room, f"!fråga hemsjukvården Kan ni komma {number}?")
    first, second = [await chat.say("noor", room, line) for line in ("!ärende väntar", "!ärende väntar 2")]

    assert "11 saker väntar" in first.replies
    assert "3 till: ”!ärende väntar 2”" in first.replies
    assert "ska tacka ja eller nej, senast måndag 7 september" in first.replies
    assert "ska svara på fråga F5, senast tisdag 8 september kl. 08:00: Kan ni komma 4?" in second.replies
    assert all(len(lines(heard)) <= PHONE for heard in (first, second))
    assert ("overview/waiting", HSV) in [(row["what"], row["unit"]) for row in await chat.rows("access")]


async def test_nothing_that_waits_is_said(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")

    assert "inget väntar" in (await chat.say("noor", room, "!ärende väntar")).replies


async def test_looking_things_up_fits_a_phone(chat: Chat) -> None:
    room = await chat.opened("noor")
    for line in ("!enheter", "!enheter kommun", "!enheter mer 3", "!begrepp sip", "!begrepp xyzzy", "!aktörer"):
        assert len(lines(await chat.say("noor", room, line))) <= PHONE, line


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("fråga", "senast="),
        ("ärende", "!ärende avsluta"),
        ("sip kalla", "närstående="),
        ("återöppna", "!ärende återöppna"),
        ("kvittera", "Bekräfta att din enhet har läst"),
        ("blåbär", "inget kommando"),
        ("aktörer", "Visa ärendets aktörer"),
        ("fråga hsv", "”!fråga” – Fråga en enhet"),
        ("fraga", "”!fråga” – Fråga en enhet"),
        ("kalla sip", "”!sip kalla” – Kalla till SIP-möte"),
        ("boka möte", "”!sip kalla” – Kalla till SIP-möte"),
        ("!svar", "”!svar” – Svara på en fråga"),
        ("ärende starta", "Det skrivs i enhetens inkorg eller i ditt eget rum"),
        ("tacka", "!aktör tacka nej"),
    ],
)
async def test_help_about_a_topic(chat: Chat, topic: str, said: str) -> None:
    room = await chat.opened("noor")

    assert said in (await chat.say("noor", room, f"!hjälp {topic}")).replies


async def test_the_overview_shows_names_and_what_is_late_first(chat: Chat) -> None:
    await chat.opened("noor", "ulla")
    chat.later(at("2026-09-08 10:00") - chat.clocks.civil)
    await chat.form("anna", "direkt", OPENING.replace(NUMBERS[0], "").replace("19351217-2382", NUMBERS[0]), "ja 1938")
    room = await chat.room()
    await chat.say("anna", room, "!meddelande Hej")
    chat.later(at("2026-09-10 10:00") - chat.clocks.civil)
    heard = await chat.say("noor", f"inbox:{HSV}", "!översikt")

    rows = [line for line in heard.replies.split("\n") if line.startswith("•")]
    assert "försenad, ni ska tacka ja eller nej" in rows[0]
    assert "Ester Demoson, född 1935: inget väntar" in rows[1]
    assert [(row["what"], row["user"], row["unit"]) for row in await chat.rows("access")][-1] == ("help/overview", user("noor"), HSV)


async def test_the_overview_without_cases_says_how_to_begin(chat: Chat) -> None:
    assert "!ärende starta" in (await chat.say("noor", "direkt", "!översikt")).replies


async def test_a_long_overview_comes_in_pages(chat: Chat) -> None:
    for number in ("19351217-2382", *NUMBERS, *MORE):
        await chat.form("anna", "direkt", OPENING.replace("19351217-2382", number), f"ja {number[:4]}")
    first, second = [await chat.say("noor", "direkt", line) for line in ("!översikt", "!översikt 2")]
    third = await chat.say("noor", "direkt", "!översikt 3")

    assert "Öppna ärenden: 11. Sida 1 av 2" in first.replies
    assert first.replies.count("• SÄ") == 9
    assert second.replies.count("• SÄ") == 2
    assert len(lines(first)) <= PHONE
    assert "ingen sida 3" in third.replies
    assert len([row for row in await chat.rows("access") if row["what"] == "help/overview"]) == 11


async def test_the_lagesbild_is_shown_and_the_look_is_noted(chat: Chat) -> None:
    await chat.opened("noor")
    heard = await chat.say("ulla", f"inbox:{BIST}", "!ärende visa")

    assert "Ester Demoson" in heard.replies
    assert ("overview", BIST) in [(row["what"], row["unit"]) for row in await chat.rows("access")]
    assert next(row for row in await chat.rows("outbox") if row["key"] == heard.said[0].key)["scope"].startswith("case:")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!enheter hemsjukvård", "031-390 06 11"),
        ("!enheter lasarett", "dygnet runt"),
        ("!enheter dagverksamhet", "ej bemannad"),
        ("!enheter xyzzy", "Ingen enhet passar"),
        ("!enheter", "14 enheter till: ”!enheter mer”"),
        ("!enheter mer", "8 enheter till: ”!enheter mer 3”"),
        ("!enheter 4", "k-eh-dag"),
        ("!enheter hemsjukvård Ekhamn", "k-eh-hsv"),
        ("!enheter vårdcentralen i Ekhamn", "vc-ekhamn"),
        ("!enheter medicin 2", "las-med2"),
        ("!enheter Region Almfors mer", "spec-hjart"),
        ("!begrepp SIP", "SIP"),
        ("!begrepp part", "aktör"),
        ("!begrepp SVU", "SVPL (Jönköping och Västra Götaland), SVU (Skåne)."),
        ("!begrepp aktörerna", "En enhet som deltar"),
        ("!begrepp aktöör", "!begrepp aktör"),
        ("!begrepp xyzzy", "!begrepp SIP"),
    ],
)
async def test_units_and_terms_are_looked_up(chat: Chat, line: str, said: str) -> None:
    assert said in (await chat.say("noor", "direkt", line)).replies


async def test_going_on_and_off_duty(chat: Chat) -> None:
    on = await chat.say("noor", "direkt", "!tjänst på")
    room = await chat.opened("noor", "ulla")
    rung = await chat.say("anna", room, "!fråga hemsjukvården Kan ni?")
    off = await chat.say("noor", "direkt", "!tjänst av")

    assert "Du är i tjänst" in on.replies
    assert rung.about("F1").effect.rings == (user("noor"),)  # type: ignore[attr-defined]
    assert "inte längre i tjänst" in off.replies
    assert "Din roll" in (await chat.say("vera", "direkt", "!tjänst på")).replies
