"""Help, the overview, and looking things up."""

import pytest

from tests.commands.driver import BIST, HSV, OPENING, Chat, at, user

NUMBERS = ("19380205-2393", "19391115-2381", "19420827-2395", "19450120-2388", "19530328-2387")
MORE = ("19630304-2391", "19841231-2392", "19950104-2387", "20050101-2389", "19031204-9802")


@pytest.mark.parametrize("place", ["direkt", f"inbox:{HSV}", "fall"])
async def test_help_fits_a_phone_and_names_what_works_here(chat: Chat, place: str) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")
    heard = await chat.say("noor", room if place == "fall" else place, "!hjälp")

    lines = [line for line in heard.replies.split("\n") if line.strip()]
    assert len(lines) <= 12
    assert ("!svar F1 text" in heard.replies) is (place == "fall")
    assert ("!ärende starta" in heard.replies) is (place != "fall")


async def test_help_for_a_revisor_names_only_what_may_be_looked_up(chat: Chat) -> None:
    heard = await chat.say("vera", "direkt", "!hjälp")

    assert "begrepp" in heard.replies
    assert "starta" not in heard.replies


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
    assert first.replies.count("• SÄ") == 10
    assert second.replies.count("• SÄ") == 1
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
        ("!enheter", "till. Sök på mer"),
        ("!begrepp SIP", "SIP"),
        ("!begrepp part", "aktör"),
        ("!begrepp aktörr", "!begrepp aktör"),
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
