"""Everything that the bot answers to a person, as it comes: a conversation with the real dispatcher, held once in each language."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from care.effects import ADMIN, Words
from care.language import Language
from store import reviews
from store.reviews import Review
from tests.commands import driver
from tests.commands.driver import BIST, ESTER, GUN, HSV, HT, OPENING, VC, Chat, at
from tests.texts.samples import Sample, paired
from texts.render import render

PSY = "psy-oppen"
SAME = 1935
"""Which of the free codenames is drawn, each time."""
LONGEST = 60
"""Letters of what was typed that head an answer."""
FORMED = (
    *("nej", "muntligt", "19351217-2383", ESTER, "Ester Demoson", "ja", "2 4", "Klara sig hemma efter fallet"),
    *(f"hemsjukvården centrum, {BIST}, {PSY}", "ja 1936", "ja 1935"),
)
CALLED = ("Planera hjälpen hemma", "imorgon 13", "14:00", "9", "hem", "1 2 3", "1", "nej", "hoppa över", "031-390 06 00", "hoppa över")
MANY = OPENING.replace(ESTER, "19380205-2393").replace("enheter=", "enheter=k-alm-ht,k-alm-kort,las-med2,psy-oppen,vc-ekhamn,")
SECOND = OPENING.replace(ESTER, GUN).replace("Ester Demoson", "Gun Demoson")
UNKNOWN = ("!hjälp xyzzy", "!enheter xyzzy", "!begrepp xyzzy", "!begrepp huvudmann")
LOOKED_UP = (
    *("!hjälp", "!hjälp mer", "!hjälp roller", "!hjälp vårdsamordnare", "!hjälp sip", "!hjälp sip kalla", "!hjälp hjälp"),
    *("!ärende väntar", "!enheter", "!enheter hemsjukvård", "!begrepp SIP"),
)


@dataclass
class Conversation:
    """A chat, and what was answered in it: (message, what was typed, words)."""

    chat: Chat
    said: list[tuple[str, str, Words]] = field(default_factory=list[tuple[str, str, Words]])
    typed: str = ""

    async def say(self, name: str, room: str, *lines: str) -> str:
        """Let somebody type a message and, in its thread, answers to the bot's questions; return the event of the first."""
        events = list[str]()
        for line in lines:
            self.typed = f"{name}: {' '.join(line.split())[:LONGEST]}"
            thread = events[0] if events and room != "direkt" else ""
            events.append((await self.chat.say(name, room, line, thread=thread)).event)
        return events[0]

    async def weigh(self, name: str, room: str, line: str) -> None:
        """Let somebody type a step of weight and confirm it."""
        await self.say(name, room, line, f"ja {await self.chat.noun()}")

    def noted(self, message: str, language: Language, values: Mapping[str, object]) -> Words:
        """Render a message and note it; a summary is a sample of what it tells, too."""
        words = render(message, language=language, **values)
        names = (message, str(values["starts"]).removesuffix(".md.j2")) if "starts" in values else (message,)
        self.said += [(name, self.typed, words) for name in names]
        return words


@cache
def conversation() -> Sequence[Sample]:
    """Return all that is answered in the conversation, in both languages."""
    return tuple(paired(asyncio.run(_both())))


async def _both() -> Mapping[Language, Sequence[tuple[str, str, Words]]]:
    """Hold the conversation in both languages side by side; what is rendered tells by its language in which of them."""
    async with AsyncExitStack() as stack:
        held = {each: await _begun(stack, each) for each in Language}

        def noting(message: str, /, *, language: Language, **values: object) -> Words:
            return held[language].noted(message, language, values)

        with patch("commands.session.render", noting), patch("secrets.randbelow", _drawn):
            await asyncio.gather(*map(_hold, held.values()))
        return {language: each.said for language, each in held.items()}


def _drawn(below: int) -> int:
    return SAME % below


async def _begun(stack: AsyncExitStack, language: Language) -> Conversation:
    folder = Path(stack.enter_context(TemporaryDirectory()))
    return Conversation(await stack.enter_async_context(driver.chat(folder, language=language)))


async def _hold(held: Conversation) -> None:
    for part in (_before, _opening, _looking, _asking, _meeting, _planning, _actors, _slips, _closing, _several):
        await part(held)


async def _before(told: Conversation) -> None:
    """What is said while there is no case."""
    await told.say("anna", "direkt", "!ärende visa")
    await told.say("anna", "direkt", "!översikt")
    await told.say("noor", f"inbox:{HSV}", "!aktör tacka ja")
    await told.say("noor", f"inbox:{HSV}", "!kvittera")
    await told.say("admin", "direkt", "!tjänst på")
    await told.say("anna", "direkt", "!ärende starta skyddad=nej samtycke=kanske")
    await told.say("anna", "direkt", "avbryt")


async def _opening(told: Conversation) -> None:
    await told.say("anna", f"inbox:{VC}", "!ärende starta", *FORMED)
    await told.say("ulla", await told.chat.room(), "!aktör tacka ja handläggare=@anna.demo:almfors.test")
    await told.say("noor", f"inbox:{HSV}", "!aktör tacka ja")
    await told.say("ulla", await told.chat.room(), "!aktör tacka ja")
    await told.weigh("mina", f"inbox:{PSY}", "!aktör tacka nej Personen är inte listad hos oss.")
    await told.say("disa", f"inbox:{HSV}", f"!delta {(await told.chat.case()).number} Ersätter vid sjukdom.")


async def _looking(told: Conversation) -> None:
    for line in (*LOOKED_UP, *UNKNOWN, "!aktörer"):
        await told.say("anna", await told.chat.room(), line)
    for name, room in (("anna", "direkt"), ("anna", f"inbox:{VC}"), ("admin", "direkt"), ("admin", str(ADMIN))):
        await told.say(name, room, "!hjälp")
    await told.say("anna", f"inbox:{VC}", "!översikt")
    await told.say("anna", f"inbox:{VC}", "!översikt 9")
    await told.say("anna", f"inbox:{VC}", "!ärende visa SÄ-2026-09999")
    await told.say("anna", "direkt", "!tjänst av")
    await told.say("anna", "direkt", "!tjänst på")


async def _asking(told: Conversation) -> None:
    room = await told.chat.room()
    told.typed = "noor joins"
    await told.chat.join("noor", room)
    await told.say("anna", room, "!fråga", "hemsjukvården", "Kan ni ta blodprov på torsdag?", "hoppa över")
    await told.say("anna", room, "!meddelande", "hoppa över", "avbryt")
    await told.say("anna", room, "!meddelande Hemgången är klar till torsdag.")
    await _reminding(told, room)
    await told.say("noor", room, "!kvittera")
    await told.say("noor", room, "!hjälp")
    told.typed = "noor joins"
    await told.chat.join("noor", room)
    rows = (((await told.chat.case()).id, "K1", "kvittera"),)
    async with told.chat.database.write() as tx:
        await reviews.write(tx, Review(BIST, told.chat.clocks.civil, "said", rows, "review"))
    for line in ("!kvittera 1", "!kvittera 1", "!kvittera 9"):
        await told.say("ulla", f"inbox:{BIST}", line)
    for line in ("!påminn", "!påminn av"):
        await told.say("ulla", f"inbox:{BIST}", line)


async def _reminding(told: Conversation, room: str) -> None:
    for line in ("!påminn", "!påminn F1", "!påminn S9", "!påminn av", "!påminn av"):
        await told.say("noor", room, line)
    for line in ("!påminn", "!påminn F1"):
        await told.say("anna", room, line)
    await told.say("noor", "direkt", "!påminn")


async def _meeting(told: Conversation) -> None:
    room, noun = await told.chat.room(), await told.chat.noun()
    await told.say("anna", room, "!sip kalla", *CALLED, "tillbaka", "hoppa över", "ja", f"ja {noun}")
    await told.weigh("anna", room, '!sip flytta "fredag 10:00" skäl="personen orkar bättre då"')
    await told.weigh("anna", room, "!sip ställ in personen har blivit sämre")


async def _planning(told: Conversation) -> None:
    room = await told.chat.room()
    await told.say("noor", room, "!plan mål Gå till brevlådan själv.")
    await told.say("noor", room, "!plan visa")
    await told.say("noor", room, "!plan insats Gångträning två gånger i veckan. ansvar=hemsjukvården")
    await told.say("ulla", room, "!plan ansvar biståndsenheten")
    await told.say("ulla", room, "!plan uppföljning 2026-10-05")
    await told.weigh("ulla", room, "!plan upprätta")
    await told.say("noor", room, "!plan visa")
    told.typed = "noor joins"
    await told.chat.join("noor", room)
    await told.say("noor", room, "!plan mål Laga mat.\nSova hela natten.\nTräffa sin syster.\nKomma ut i trädgården.")
    await told.say("noor", room, "!plan visa")
    await told.say("noor", room, "!plan visa mer")


async def _actors(told: Conversation) -> None:
    room = await told.chat.room()
    await told.weigh("ulla", room, "!aktör lägg till hemtjänst samtycke=ja")
    await told.say("anna", room, f"!fråga {HT} När kommer ni?")
    await told.weigh("anna", room, "!aktör ta bort hemtjänst insatsen är avslutad")


async def _slips(told: Conversation) -> None:
    """Talk, second thoughts, and what comes too late."""
    chat, room = told.chat, await told.chat.room()
    await told.say("anna", "direkt", "Hej!")
    await told.say("anna", room, "Hon har ramlat, det är akut!")
    await told.say("anna", "direkt", "Ring 112!")
    begun = await told.say("anna", room, "!meddelande", "hjälp")
    told.typed = "noor: Nytt nummer, in the thread of the form"
    await chat.say("noor", room, "Nytt nummer", thread=begun)
    told.typed = "anna: avbryt"
    await chat.say("anna", room, "avbryt", thread=begun)
    talk = await told.say("noor", room, "Hur går det?")
    told.typed = "noor edits talk into a command"
    await chat.edit("noor", room, talk, "!fråga biståndsenheten Hur går det?")
    asked = await told.say("anna", room, "!fråga hemsjukvården Kommer ni idag?")
    told.typed = "anna edits a command"
    await chat.edit("anna", room, asked, "!fråga hemsjukvården Kommer ni imorgon?")
    told.typed = "anna removes a command"
    await chat.redact("anna", room, asked)
    await told.say("anna", room, f"ja {await chat.noun()}")
    told.typed = "something broke"
    await chat.dispatcher.apologise(chat.message("anna", room, body="!aktörer"), "7c1e4a")
    begun = await told.say("anna", room, "!plan mål")
    chat.later(at("2026-09-08 08:00") - chat.clocks.civil)
    told.typed = "anna: Gå ut"
    await chat.say("anna", room, "Gå ut", thread=begun)


async def _closing(told: Conversation) -> None:
    room = await told.chat.room()
    await told.weigh("anna", room, "!ärende avsluta målen uppfyllda")
    for name in ("noor", "ulla"):
        await told.say(name, room, "!ärende avsluta ja")
    line = f'!ärende återöppna {(await told.chat.case()).number} skäl="ramlat igen" skyddad=nej samtycke=skriftligt'
    await told.weigh("noor", f"inbox:{HSV}", line)


async def _several(told: Conversation) -> None:
    """What is asked when there are two cases."""
    await told.say("anna", "direkt", SECOND, "ja 1953")
    await told.say("anna", "direkt", "!aktör tacka ja")
    await told.say("anna", "direkt", "!ärende visa")
    await told.say("anna", "direkt", "!översikt")
    await told.weigh("anna", await told.chat.room(), "!ärende avsluta återtaget samtycke")
    await told.say("anna", "direkt", MANY, "ja 1938")
    for line in ("!aktörer", "!aktörer mer"):
        await told.say("anna", await told.chat.room(), line)
