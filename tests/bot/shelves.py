"""A store as small as a test needs, and a homeserver that exists only as a memory: it takes each transaction id once."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.changes import Changes
from bot.household import Household
from bot.matrix.book import Members
from bot.matrix.errors import Limited
from bot.matrix.gate import Limits
from bot.matrix.rooms import RoomWish
from bot.matrix.turns import Turn
from bot.places import Shelf
from bot.visitors import Visitors
from care import profile
from care.effects import Effect
from care.people import Directory, Huvudman, HuvudmanKind, Member, Role, Unit, UnitType
from commands.descriptions import DESCRIPTION
from reminders.keeper import Keeper
from store import backlog, directory, outbox, sayings, sealing
from store.database import Database
from store.directory import Roster
from store.keys import Vault, transit_scope
from tests import databases

NOON = datetime(2026, 8, 31, 10, 0, tzinfo=UTC)
BOT = "@samrum:almfors.test"
ANNA, OLLE, ADMIN, VERA = (f"@{name}:almfors.test" for name in ("anna.demo", "olle.demo", "admin.demo", "vera.demo"))
UNIT = "vc-norrgard"


@dataclass
class TestClock:
    """All clocks in one, moved by hand."""

    __test__ = False
    instant: datetime = NOON
    source: str = "system"

    def now(self) -> datetime:
        return self.instant

    def utc(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.instant.timestamp()

    def forward(self, **by: float) -> None:
        self.instant += timedelta(**by)

    def civil_of(self, real: datetime) -> datetime:
        return min(real, self.instant)

    def real_of(self, civil: datetime) -> datetime | None:
        return max(civil, self.instant)

    async def moved(self) -> None:
        raise AssertionError("nobody waits for this clock to jump")


def staff(*members: Member) -> Directory:
    """Norrgårdens vårdcentral and an administrator, with these people in it."""
    principal = Huvudman("region-almfors", "Region Almfors", HuvudmanKind.REGION, UNIT)
    unit = Unit(UNIT, "Norrgårdens vårdcentral", UnitType.VARDCENTRAL, principal.id)
    administrator = Member(ADMIN, "", frozenset({Role.SYSTEMFORVALTARE}))
    return Directory(MappingProxyType({principal.id: principal}), MappingProxyType({UNIT: unit}), (*members, administrator))


def member(user: str, *roles: Role) -> Member:
    return Member(user, UNIT, frozenset(roles or {Role.MOTTAGARE}))


@dataclass
class House:
    """A shelf and the clock it goes by."""

    shelf: Shelf
    clock: TestClock

    async def fill(self, people: Directory) -> None:
        async with self.shelf.database.write() as tx:
            await directory.save(tx, self.shelf.vault, people, self.clock.utc())

    async def enqueue(self, *effects: Effect) -> None:
        envelope = outbox.Envelope("", transit_scope(self.clock.utc()), self.clock.utc(), timedelta())
        async with self.shelf.database.write() as tx:
            await outbox.enqueue(tx, self.shelf.vault, effects, envelope)

    async def event_of(self, key: str) -> str | None:
        async with self.shelf.database.read() as tx:
            return await sayings.event_of(tx, key)

    async def backlog(self) -> backlog.Backlog:
        async with self.shelf.database.read() as tx:
            return await backlog.figures(tx)


@asynccontextmanager
async def house(folder: Path) -> AsyncGenerator[House]:
    """A new database with its keys."""
    with databases.migrated(folder) as url:
        database, clock = Database(url), TestClock()
        vault = Vault(sealing.Keyring(sealing.kek(b"k" * 32)))
        try:
            yield House(Shelf(database, vault, Roster(vault), clock, clock), clock)
        finally:
            await database.close()


def keeper(home: House) -> Keeper:
    shelf = home.shelf
    return Keeper(
        shelf.database, shelf.vault, shelf.roster, profile.load("demo"), home.clock, home.clock, "samrum@almfors.test", timedelta()
    )


def household(home: House) -> Household:
    return Household(home.shelf.database, home.shelf.vault, home.shelf.roster, home.clock)


def changes(home: House, server: "Homeserver", rooms: Household | None = None) -> Changes:
    return Changes(home.shelf, server, rooms or household(home), keeper(home))


def visitors(home: House, server: "Homeserver", rooms: Household | None = None) -> Visitors:
    return Visitors(home.shelf, server, changes(home, server, rooms), keeper(home), bot=BOT)


async def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; raise TimeoutError after a minute: the machine may be busy."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for belongs to others, who ring no bell for tests
            await asyncio.sleep(0.01)


class Killed(BaseException):
    """The process ends here, as `kill -9` would end it: nothing is caught, nothing is tidied up."""


Trouble = Callable[[], BaseException | None]
"""Gives what is raised; None lets one act pass."""


@dataclass
class Bucket:
    """What Synapse does with the messages of one account: so many at once, then so many a second."""

    clock: TestClock
    per_second: float
    burst: int
    fill: float = 0.0
    since: float = 0.0
    refused: int = 0

    def take(self) -> None:
        now = self.clock.monotonic()
        self.fill, self.since = max(self.fill - (now - self.since) * self.per_second, 0.0), now
        if self.fill + 1 > self.burst:
            self.refused += 1
            raise Limited("", (self.fill + 1 - self.burst) / self.per_second)
        self.fill += 1


@dataclass
class Remembered:
    """An event that the homeserver has."""

    id: str
    room: str
    kind: str
    content: Mapping[str, Any]
    txn: str


@dataclass
class Homeserver:
    """What the edge does, done to a memory. `before` and `after` fail an act by name, once each, around its taking effect."""

    events: list[Remembered] = field(default_factory=list[Remembered])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    wishes: list[RoomWish] = field(default_factory=list[RoomWish])
    states: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict[tuple[str, str, str], dict[str, Any]])
    people: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    own: set[str] = field(default_factory=set[str])
    acts: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    before: list[tuple[str, Trouble]] = field(default_factory=list[tuple[str, Trouble]])
    after: list[tuple[str, Trouble]] = field(default_factory=list[tuple[str, Trouble]])
    limits: Limits = field(default_factory=lambda: Limits(TestClock()))
    bucket: Bucket | None = None
    sought: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])
    out: set[str] = field(default_factory=set[str])
    trusted: set[str] = field(default_factory=set[str])
    beyond_repair: set[str] = field(default_factory=set[str])
    last_sync: datetime | None = None
    forgets_transactions: bool = False
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def bodies(self, room: str) -> list[str]:
        return [str(event.content["body"]) for event in self.events if event.room == room and event.kind == "m.room.message"]

    def reactions(self, event: str) -> list[str]:
        relations = [each.content["m.relates_to"] for each in self.events if each.kind == "m.reaction"]
        return [str(relation["key"]) for relation in relations if relation["event_id"] == event]

    def done(self, name: str) -> list[tuple[str, ...]]:
        return [act for act in self.acts if act[0] == name]

    async def send(self, room: str, event_type: str, content: Mapping[str, Any], txn_id: str) -> str:
        return self._event("send", room, event_type, content, txn_id)

    async def find(self, room: str, row: str, txns: Collection[str], since: datetime) -> str:
        self._fail(self.before, "find")
        self.sought.append((row, since))
        return next((event.id for event in self.events if event.room == room and event.txn in txns), "")

    async def react(self, room: str, event_id: str, key: str, txn_id: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return self._event("react", room, "m.reaction", {"m.relates_to": relation}, txn_id)

    async def say_in_clear(self, room: str, sentence: str, txn_id: str) -> str:
        return self._event("say_in_clear", room, "m.room.message", {"body": sentence}, txn_id)

    async def redact(self, room: str, event_id: str, txn_id: str, reason: str = "") -> str:
        return self._event("redact", room, "m.room.redaction", {"redacts": event_id, "reason": reason}, txn_id)

    async def set_state(self, room: str, event_type: str, key: str, content: Mapping[str, Any]) -> str:
        self._set(room, event_type, key, content, Turn.ROW)
        return "$state"

    async def bring(self, room: str, event_type: str, wanted: Mapping[str, Mapping[str, Any]], *, spare: bool = False) -> None:
        for key, content in wanted.items():
            if self.states.get((room, event_type, key), {}) != content:
                self._set(room, event_type, key, content, Turn.SPARE if spare else Turn.ROW)

    def _set(self, room: str, event_type: str, key: str, content: Mapping[str, Any], turn: Turn) -> None:
        self._fail(self.before, "set_state")
        if self.bucket:
            with self.limits.passing("PUT", f"/rooms/{room}/state/{event_type}/{key}", {}, turn):
                self.bucket.take()
        self.states[room, event_type, key] = dict(content)
        self.acts.append(("set_state", room, event_type, key, repr(content)))
        self._fail(self.after, "set_state")

    async def pin(self, room: str, event_id: str) -> str:
        self._act("pin", room, event_id)
        return "$pinned"

    async def upload_encrypted(self, data: bytes, name: str, mime: str) -> dict[str, Any]:
        self._act("upload", name, mime)
        return {"msgtype": "m.file", "body": name, "file": {"url": "mxc://almfors.test/1"}, "info": {"size": len(data)}}

    async def create_room(self, wish: RoomWish) -> str:
        self._fail(self.before, "create_room")
        if wish.alias not in self.aliases:
            self.aliases[wish.alias] = f"!room{next(self._ids)}"
            self.wishes.append(wish)
            self.states |= {(self.aliases[wish.alias], DESCRIPTION, key): dict(each) for key, each in wish.descriptions.items()}
        self.acts.append(("create_room", wish.alias))
        self._fail(self.after, "create_room")
        return self.aliases[wish.alias]

    async def close_room(self, room: str) -> None:
        self._act("close_room", room)

    async def open_room(self, room: str) -> None:
        self._act("open_room", room)

    async def invite(self, room: str, user: str) -> None:
        self._act("invite", room, user)

    async def inside(self, room: str) -> bool:
        return room not in self.out

    async def joined_rooms(self) -> frozenset[str]:
        self._act("joined_rooms")
        return frozenset(self.people) - self.out

    async def aliases_of(self, room: str) -> frozenset[str]:
        self._act("aliases_of", room)
        return frozenset(f"#{name}:almfors.test" for name, of in self.aliases.items() if of == room)

    async def made(self, room: str) -> bool:
        return room in self.own

    async def occupied(self, room: str) -> bool:
        return bool(self.people.get(room, set()) - {BOT})

    async def follow(self, room: str, successor: str) -> bool:
        self._act("follow", room, successor)
        return successor in self.trusted

    async def restore(self, room: str) -> bool:
        self._act("restore", room)
        return room not in self.beyond_repair

    async def remove(self, room: str, user: str, reason: str = "") -> None:
        self._act("remove", room, user, reason)

    async def confirm(self, number: int, *, agrees: bool) -> None:
        self._act("confirm", str(number), str(agrees))

    async def accept(self, user: str, identity: str) -> None:
        self._act("accept", user, identity)

    async def join(self, room: str) -> None:
        self._act("join", room)

    async def leave(self, room: str, reason: str = "") -> None:
        self._act("leave", room, reason)

    async def members(self, room: str) -> Members:
        self._fail(self.before, "members")
        return Members(frozenset(self.people.get(room, ())), frozenset())

    def _event(self, name: str, room: str, kind: str, content: Mapping[str, Any], txn: str) -> str:
        self._fail(self.before, name)
        if self.bucket:
            with self.limits.passing("PUT", f"/rooms/{room}/send/{kind}/{txn}", {}):
                self.bucket.take()
        known = [] if self.forgets_transactions else [event.id for event in self.events if event.txn == txn]
        if not known:
            self.events.append(Remembered(f"$event{next(self._ids)}", room, kind, content, txn))
        self.acts.append((name, room, txn))
        self._fail(self.after, name)
        return known[0] if known else self.events[-1].id

    def _act(self, *act: str) -> None:
        self._fail(self.before, act[0])
        self.acts.append(act)
        self._fail(self.after, act[0])

    @staticmethod
    def _fail(planned: list[tuple[str, Trouble]], name: str) -> None:
        found: Sequence[tuple[str, Trouble]] = [plan for plan in planned if plan[0] == name]
        if found:
            planned.remove(found[0])
            trouble = found[0][1]()
            if trouble:
                raise trouble
