"""A chat with the bot without Matrix: people type, tap and join, and what the bot sends is delivered at once and returned.

The database is a real SQLite file, the region is that of the demo, civil time stands still until it is moved.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from care import profile
from care.case import Case
from care.clock import STOCKHOLM
from care.effects import ADMIN, Effect, OpenRoom, Place, Say, case_room, direct, inbox
from care.language import Language
from care.people import Member, Role
from commands.dispatch import Dispatcher
from demo import region
from store import directory, index, outbox, outcomes, rooms, sealing, tables
from store import inbox as letters
from store.database import Database
from store.directory import Roster
from store.inbox import Kind, Message
from store.keys import Vault
from store.outbox import Outgoing
from store.steps import load
from tests import databases

T = TypeVar("T", bound=Effect)

SERVER = "almfors.test"
BOT = f"@samrum:{SERVER}"
ESTER, GUN, ALVA = "19351217-2382", "19530328-2387", "20130702-2382"
VC, BIST, HSV, HT = "vc-norrgard", "k-alm-bist", "k-alm-hsv", "k-alm-ht"

OPENING = (
    f'!ärende starta {ESTER} skyddad=nej samtycke=muntligt namn="Ester Demoson" samråd=ja perspektiv=omvårdnad,rehabilitering '
    f'syfte="Klara sig hemma efter fallet" enheter={BIST},{HSV}'
)


def at(text: str) -> datetime:
    """Return the instant of a wall time in Stockholm, "2026-09-07 10:05"."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


MONDAY = at("2026-09-07 10:05")


def user(name: str) -> str:
    """Return the Matrix id of one of the demo staff, "anna"."""
    return f"@{name}.demo:{SERVER}"


@dataclass
class Clocks:
    """Civil and machine time, which stand still until they are moved."""

    civil: datetime = MONDAY
    machine: datetime = MONDAY

    def now(self) -> datetime:
        return self.civil

    def utc(self) -> datetime:
        return self.machine

    def monotonic(self) -> float:
        return self.machine.timestamp()


@dataclass(frozen=True)
class Sent:
    """Something that the bot did, and as which event it arrived."""

    effect: Effect
    key: str
    about: str
    event: str

    @property
    def body(self) -> str:
        return self.effect.words.body if isinstance(self.effect, Say) else ""


@dataclass(frozen=True)
class Heard:
    """What the bot did after one message, in order; `event` is the message itself, `log` the size of the write-ahead log right after it."""

    event: str
    sent: tuple[Sent, ...]
    log: int

    @property
    def said(self) -> tuple[Sent, ...]:
        return tuple(each for each in self.sent if isinstance(each.effect, Say))

    @property
    def text(self) -> str:
        return "\n---\n".join(each.body for each in self.said)

    @property
    def replies(self) -> str:
        """What the writer was told: the answers of the bot, not what a case room is told."""
        return "\n---\n".join(each.body for each in self.said if each.key.startswith(("reply:", "form:", "talk/", "bug:")))

    def effects(self, kind: type[T]) -> tuple[T, ...]:
        return tuple(each.effect for each in self.sent if isinstance(each.effect, kind))

    def about(self, name: str) -> Sent:
        return next(each for each in self.said if each.about == name)

    def __contains__(self, words: str) -> bool:
        return words in self.text


@dataclass
class Chat:
    """The rooms, the people and the bot."""

    database: Database
    vault: Vault
    clocks: Clocks
    dispatcher: Dispatcher
    path: Path
    counted: int = 0
    threads: dict[str, str] = field(default_factory=dict[str, str])

    async def say(self, name: str, room: str, body: str, *, thread: str = "", reply_to: str = "", html: str = "") -> Heard:
        """Let somebody type a message: in "direkt", in the room of a unit, or in that of a case."""
        return await self.hear(self.message(name, room, body=body, thread=thread, reply_to=reply_to, html=html))

    async def form(self, name: str, room: str, *lines: str) -> list[Heard]:
        """Let somebody type a command and, in its thread, the answers to what the bot asks."""
        heard = [await self.say(name, room, lines[0])]
        thread = "" if room == "direkt" else heard[0].event
        return heard + [await self.say(name, room, line, thread=thread) for line in lines[1:]]

    async def tap(self, name: str, room: str, target: str, key: str) -> Heard:
        return await self.hear(self.message(name, room, kind=Kind.REACTION, target=target, key=key))

    async def edit(self, name: str, room: str, target: str, body: str) -> Heard:
        return await self.hear(self.message(name, room, kind=Kind.EDIT, target=target, body=body))

    async def redact(self, name: str, room: str, target: str) -> Heard:
        return await self.hear(self.message(name, room, kind=Kind.REDACTION, target=target))

    async def join(self, name: str, room: str) -> Heard:
        return await self.hear(self.message(name, room, kind=Kind.MEMBERSHIP, membership="join", subject=user(name)))

    def message(
        self,
        name: str,
        room: str,
        *,
        kind: Kind = Kind.MESSAGE,
        body: str = "",
        html: str = "",
        thread: str = "",
        reply_to: str = "",
        target: str = "",
        key: str = "",
        membership: str = "",
        subject: str = "",
        trusted: bool = True,
        standing: str = "",
        device: str = "DEVICE",
    ) -> Message:
        self.counted += 1
        return Message(
            event=f"$in{self.counted}",
            room=f"!{direct(user(name)) if room == 'direkt' else room}",
            sender=user(name),
            sent=self.clocks.civil,
            kind=kind,
            body=body,
            html=html,
            thread=thread,
            reply_to=reply_to,
            target=target,
            key=key,
            device=device,
            trusted=trusted,
            standing=standing,
            membership=membership,
            subject=subject,
            encrypted=True,
        )

    async def hear(self, message: Message) -> Heard:
        """Take a message in, handle it, and deliver what comes of it."""
        async with self.database.write() as tx:
            await letters.put(tx, self.vault, (message,), self.clocks.machine)
        await self.dispatcher.handle(message)
        log = self.path.with_name(f"{self.path.name}-wal").stat().st_size if self.database.sqlite else 0
        return Heard(message.event, tuple([sent async for sent in self.delivered()]), log)

    async def delivered(self) -> AsyncIterator[Sent]:
        """Deliver all that may go now, in the order of the outbox."""
        while True:
            async with self.database.write() as tx:
                claimed = await outbox.claim(tx, self.vault, self.clocks.machine, timedelta(minutes=1), 100)
            if not claimed:
                return
            for each in claimed:
                yield await self._arrived(each)

    async def _arrived(self, each: Outgoing) -> Sent:
        self.counted += 1
        event = f"$out{self.counted}"
        async with self.database.write() as tx:
            if isinstance(each.effect, OpenRoom):
                await rooms.settle(tx, each.effect.place, f"!{each.effect.place}", self.clocks.machine)
            await outcomes.confirm(tx, each.id, event, self.clocks.machine)
        return Sent(each.effect, each.key, each.about, event)

    async def room(self) -> str:
        """Return the room of the newest case."""
        return str(case_room((await self.case()).id))

    async def case(self) -> Case:
        """Return the newest case."""
        async with self.database.read() as tx:
            number = (await tx.execute(tables.cases.select().order_by(tables.cases.c.number.desc()))).first()
            assert number is not None
            return await load(tx, self.vault, number.id)

    async def cases(self) -> int:
        async with self.database.read() as tx:
            return len(await index.open_cases(tx))

    async def rows(self, table: str) -> list[dict[str, object]]:
        async with self.database.read() as tx:
            return [dict(row._mapping) for row in (await tx.execute(tables.metadata.tables[table].select())).all()]

    async def employ(self, member: Member) -> None:
        async with self.database.write() as tx:
            await directory.put_member(tx, self.vault, member, self.clocks.machine)

    async def place(self, where: Place) -> None:
        async with self.database.write() as tx:
            await rooms.settle(tx, where, f"!{where}", self.clocks.machine)

    def later(self, by: timedelta) -> None:
        """Move both clocks on."""
        self.clocks.civil += by
        self.clocks.machine += by

    async def noun(self) -> str:
        """Return the word that confirms a step in the newest case."""
        return (await self.case()).codename.split()[-1]

    async def confirmed(self, name: str, room: str, line: str) -> Heard:
        """Let somebody type a command of weight and confirm it."""
        noun = await self.noun()
        return (await self.form(name, room, line, f"ja {noun}"))[-1]

    async def opened(self, *accepting: str) -> str:
        """Let Anna open Ester's case, let others accept, and return its room."""
        await self.form("anna", "direkt", OPENING, "ja 1935")
        room = await self.room()
        for name in accepting:
            await self.say(name, room, "!aktör tacka ja")
        return room


@asynccontextmanager
async def chat(folder: Path, *, joins: timedelta = timedelta(), language: Language = Language.SV) -> AsyncGenerator[Chat]:
    """A chat with everybody of the demo region, in their rooms, all of which speak a language."""
    with databases.migrated(folder) as url:
        database, vault = Database(url), Vault(sealing.Keyring(sealing.kek(bytes(range(32)))))
        try:
            yield await _chat(database, vault, folder / "samrum.db", joins, language)
        finally:
            await database.close()


async def _chat(database: Database, vault: Vault, path: Path, joins: timedelta, language: Language) -> Chat:
    clocks = Clocks()
    people = region.load(SERVER)
    async with database.write() as tx:
        await directory.save(tx, vault, people, MONDAY)
        for where in (*map(direct, {m.user for m in people.members}), *map(inbox, people.units), ADMIN):
            await rooms.settle(tx, where, f"!{where}", MONDAY)
    dispatcher = Dispatcher(
        database=database,
        vault=vault,
        roster=Roster(vault, language),
        profile=profile.load("demo"),
        clock=clocks,
        machine=clocks,
        bot=BOT,
        bot_name="Samrum",
        organizer=f"samrum@{SERVER}",
        prefix="!",
        gather=timedelta(),
        joins=joins,
    )
    return Chat(database, vault, clocks, dispatcher, path)


def member(name: str, unit: str, *roles: Role) -> Member:
    return Member(user(name), unit, frozenset(roles or (Role.MOTTAGARE,)), None, name.title())


def words(heard: Iterable[Heard]) -> str:
    return "\n---\n".join(each.replies for each in heard)


def hidden(text: str) -> str:
    """Return a text without what differs each time: the codename."""
    return re.sub(r"(SÄ-2026-\d{5}) \w+ \w+", r"\1 Blå tranan", text)
