"""What people do to a conversation without meaning to, and what each gets: the table is `golden/stress.txt`."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.commands.driver import Chat, Heard, hidden

GOLDEN = Path(__file__).parent / "golden" / "stress.txt"
SILENCE = "(tystnad)"

Row = Callable[[Chat, str, str], Awaitable[Heard]]


def typed(line: str, who: str = "noor", **where: str) -> Row:
    """Return a row: somebody types a line, in the room or (`thread="F1"`) in the thread of the question."""

    async def act(chat: Chat, room: str, question: str) -> Heard:
        at = dict.fromkeys(where, question)
        return await chat.say(who, room, line, **at)

    return act


def edited(before: str, after: str) -> Row:
    async def act(chat: Chat, room: str, _question: str) -> Heard:
        first = await chat.say("noor", room, before)
        return await chat.edit("noor", room, first.event, after)

    return act


async def again(chat: Chat, room: str, _question: str) -> Heard:
    first = await chat.say("noor", room, "Hur går det?")
    await chat.edit("noor", room, first.event, "!svar F1 ja")
    return await chat.edit("noor", room, first.event, "!svar F1 nej")


async def anothers_form(chat: Chat, room: str, _question: str) -> Heard:
    begun = await chat.say("anna", room, "!meddelande")
    return await chat.say("noor", room, "Nytt nummer", thread=begun.event)


async def beside_the_form(chat: Chat, room: str, _question: str) -> Heard:
    await chat.say("noor", room, "!meddelande")
    return await chat.say("noor", room, "Nytt nummer")


async def form_in_another_thread(chat: Chat, room: str, question: str) -> Heard:
    await chat.say("noor", room, "!plan mål")
    return await chat.say("noor", room, "avbryt", thread=question)


TABLE: tuple[tuple[str, Row], ...] = (
    ("två kommandon på en rad", typed("!kvittera !svar F1 ja")),
    ("två kommandon, text emellan", typed("!svar F1 Ja !kvittera")),
    ("två kommandon på två rader", typed("!kvittera\n!svar F1 ja")),
    ("två kommandon, ett utan tecken", typed("!kvittera svar F1 ja")),
    ("text efter kommandot", typed("!aktörer tack på förhand")),
    ("text efter numret", typed("!kvittera F1 tack")),
    ("text efter datumet", typed("!fråga biståndsenheten Hur? senast=torsdag ca 13")),
    ("fel tråd, numret skrivet", typed("!svar F2 ja", thread="F1")),
    ("fel tråd, annan enhets fråga", typed("!svar ja", "ulla", thread="F1")),
    ("fel tråd, vanligt prat", typed("Det undrar vi också", "ulla", thread="F1")),
    ("svar i en annans formulär", anothers_form),
    ("svar bredvid formuläret", beside_the_form),
    ("avbryt i en annan tråd", form_in_another_thread),
    ("rättade citattecken", typed("!aktör ta bort biståndsenheten “behövs inte", "anna")),
    ("citattecken av två slag", typed("!fråga biståndsenheten ”Hur?» senast=torsdag")),
    ("tankstreck före namnet", typed("!fråga biståndsenheten ”Hur?” –senast torsdag")),
    ("tankstreck i klockslaget", typed("!sip kalla syfte=x tid=torsdag 13–14", "anna")),
    ("snedstreck dubbelt", typed("//kvittera F1")),
    ("snedstreck som klienten har tagit bort", typed("kvittera F1")),
    ("utropstecken för sig", typed("! kvittera F1")),
    ("inklistrad som kod", typed("`!kvittera F1`")),
    ("inklistrad med citat", typed("> Kan ni komma?\n\n!svar F1 ja")),
    ("inklistrat okänt kommando", typed("!kvitera\u00a0F1")),
    ("prat ändrat till kommando", edited("Hur går det?", "!svar F1 ja")),
    ("prat ändrat till felskrivet kommando", edited("Hur går det?", "!savr F1 ja")),
    ("prat ändrat till prat", edited("Hur går det?", "Hur går det nu?")),
    ("prat ändrat två gånger", again),
    ("kommando ändrat", edited("!aktörer", "!svar F1 ja")),
)
"""What is said and where, and that it changes nothing."""
SAME: tuple[tuple[str, Row], ...] = (
    ("hårda mellanslag", typed("!svar\u00a0F1\u00a0Ja, kl. 10\u00a0")),
    ("osynligt tecken efter utropstecknet", typed("!\u200bsvar F1 Ja, kl. 10")),
    ("brett utropstecken", typed("！svar F1 Ja, kl. 10")),
    ("svenska citattecken", typed("!svar F1 ”Ja, kl. 10”")),
    ("engelska citattecken", typed("!svar F1 “Ja, kl. 10”")),
    ("primtecken", typed("!svar F1 ″Ja, kl. 10″")),
    ("snedstreck", typed("/svar F1 Ja, kl. 10")),
    ("stor bokstav från telefonen", typed("!Svar f1 Ja, kl. 10")),
    ("numret från tråden", typed("!svar Ja, kl. 10", thread="F1")),
    ("numret från svaret", typed("!svar Ja, kl. 10", reply_to="F1")),
)
"""What is read as if it had been typed as it should be."""


async def prepared(chat: Chat) -> tuple[str, str]:
    """Return the room of a case with a question to each of two units, and the event of the first."""
    room = await chat.opened("noor", "ulla")
    first = await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")
    await chat.say("anna", room, "!fråga biståndsenheten Kan ni besluta?")
    return room, first.about("F1").event


async def test_each_slip_has_its_decided_answer_and_changes_nothing(chat: Chat) -> None:
    room, question = await prepared(chat)
    shown = list[str]()
    for name, act in TABLE:
        before = await chat.case()
        heard = await act(chat, room, question)
        assert heard.replies == heard.text, f"{name}: the room was told"
        assert (await chat.case()) == before, f"{name}: the case has changed"
        shown.append(f"[{name}]\n{hidden(heard.replies) or SILENCE}\n")
        for who in ("anna", "noor", "ulla"):
            while await chat.rows("dialogues") and (await chat.say(who, room, "avbryt")).sent:
                pass
    text = "\n".join(shown)
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")

    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "act"), SAME, ids=[name for name, _ in SAME])
async def test_what_only_looks_different_is_read_the_same(chat: Chat, name: str, act: Row) -> None:
    room, question = await prepared(chat)
    await act(chat, room, question)

    asked = (await chat.case()).questions
    assert (asked["F1"].answer, asked["F2"].open) == ("Ja, kl. 10", True), name
