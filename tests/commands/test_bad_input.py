"""What people get wrong, and the sentence that each gets: the table of issue 2, point 6, is `golden/bad_input.txt`."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.sentences import STRANGER
from care.effects import direct
from tests.commands.driver import ESTER, HSV, OPENING, Chat, Heard, hidden

GOLDEN = Path(__file__).parent / "golden" / "bad_input.txt"
SILENCE = "(tystnad)"

Row = Callable[[Chat, str], Awaitable[Heard]]


async def check_digit(chat: Chat, _room: str) -> Heard:
    return await chat.say("anna", "direkt", OPENING.replace(ESTER, "19351217-2383"))


async def unknown_unit(chat: Chat, room: str) -> Heard:
    return await chat.say("anna", room, "!fråga röntgen Kan ni komma?")


async def ambiguous_unit(chat: Chat, _room: str) -> Heard:
    return (
        await chat.form("anna", "direkt", "!ärende starta", "nej", "muntligt", "19380205-2393", "Harald", "ja", "1", "x", "hemsjukvård")
    )[-1]


async def past_date(chat: Chat, room: str) -> Heard:
    return await chat.say("anna", room, f'!fråga {HSV} "Kan ni komma?" senast=2026-09-01')


async def wrong_room(chat: Chat, _room: str) -> Heard:
    return await chat.say("anna", "direkt", "!sip kalla")


async def stranger(chat: Chat, _room: str) -> Heard:
    await chat.place(direct("@okand.demo:almfors.test"))
    return await chat.say("okand", "direkt", "!hjälp")


async def long_talk(chat: Chat, room: str) -> Heard:
    return await chat.say("anna", room, "å" * 20_000)


async def long_direct(chat: Chat, _room: str) -> Heard:
    await chat.say("anna", "direkt", "avbryt")
    return await chat.say("anna", "direkt", "å" * 20_000)


async def long_command(chat: Chat, room: str) -> Heard:
    return await chat.say("anna", room, f"!meddelande {'å' * 20_000}")


async def emoji_talk(chat: Chat, room: str) -> Heard:
    return await chat.say("anna", room, "👍🏽")


async def emoji_direct(chat: Chat, _room: str) -> Heard:
    return await chat.say("anna", "direkt", "👍🏽")


async def emoji_form(chat: Chat, room: str) -> Heard:
    return (await chat.form("anna", room, "!fråga", "👍🏽"))[-1]


async def edited(chat: Chat, room: str) -> Heard:
    return await chat.edit("anna", room, (await chat.say("anna", room, "!meddelande Fel nummer")).event, "!meddelande Rätt nummer")


async def redacted(chat: Chat, room: str) -> Heard:
    return await chat.redact("anna", room, (await chat.say("anna", room, "!meddelande Fel nummer")).event)


TABLE: tuple[tuple[str, Row], ...] = (
    ("fel kontrollsiffra", check_digit),
    ("okänd enhet", unknown_unit),
    ("tvetydig enhet, i ett formulär", ambiguous_unit),
    ("datum som har varit", past_date),
    ("kommando i fel rum", wrong_room),
    ("främling i direktrum", stranger),
    ("20 000 tecken i ärendets rum", long_talk),
    ("20 000 tecken i direktrummet", long_direct),
    ("kommando med 20 000 tecken", long_command),
    ("bara en emoji i ärendets rum", emoji_talk),
    ("bara en emoji i direktrummet", emoji_direct),
    ("bara en emoji i ett formulär", emoji_form),
    ("ändrat kommando", edited),
    ("borttaget kommando", redacted),
)
CHANGING = frozenset({"ändrat kommando", "borttaget kommando"})
"""What begins with a command that is right; only what comes after it is wrong."""


async def test_each_mistake_gets_its_sentence_and_changes_nothing(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    shown = list[str]()
    for name, act in TABLE:
        before = await chat.case()
        heard = await act(chat, room)
        assert heard.replies == heard.text, f"{name}: the room was told"
        assert name in CHANGING or (await chat.case()) == before, f"{name}: the case has changed"
        said = hidden(heard.replies) or (f"{SILENCE} I kanten, i klartext: {STRANGER}" if act is stranger else SILENCE)
        shown.append(f"[{name}]\n{said}\n")
    text = "\n".join(shown)
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")

    assert await chat.cases() == 1
    assert text == GOLDEN.read_text(encoding="utf-8")
