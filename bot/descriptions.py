"""Which commands clients are told of in which rooms, and how rooms that an earlier release made are brought up to date.

A new room has its descriptions from the beginning. After a release that changed them, the others follow a few at a time, behind
everything that people wait for.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from bot.sections import DescribedRooms
from care.clock import MachineClock
from care.effects import Describe, PlaceKind
from care.language import Language
from commands.descriptions import Content, descriptions, digest, state_key
from store import descriptions as shown
from store import outbox
from store.database import Database
from store.descriptions import Shown
from store.keys import Vault, transit_scope

KINDS: Mapping[DescribedRooms, frozenset[PlaceKind]] = MappingProxyType(
    {
        "direct and inbox": frozenset({PlaceKind.DIRECT, PlaceKind.INBOX}),
        "all": frozenset({PlaceKind.DIRECT, PlaceKind.INBOX, PlaceKind.CASE, PlaceKind.ADMIN}),
        "none": frozenset(),
    }
)
AT_ONCE = 20
"""Rooms that are brought up to date together: at most some 250 state events, four seconds of a homeserver's time (matrix 11.D5)."""
PACE_SECONDS = 30.0
"""Machine time between two such portions."""


@dataclass(frozen=True, slots=True)
class Descriptions:
    """What the bot's account tells in which kinds of rooms, in the language of the installation."""

    bot: str
    scope: DescribedRooms
    language: Language = Language.SV

    def of(self, kind: PlaceKind) -> tuple[Content, ...]:
        """Return the descriptions for rooms of a kind."""
        return descriptions(kind, self.language) if kind in KINDS[self.scope] else ()

    def state(self, kind: PlaceKind) -> dict[str, Content]:
        """Return them by their state keys."""
        return {self.key(str(each["command"])): each for each in self.of(kind)}

    def key(self, command: str) -> str:
        """Return the state key of a command."""
        return state_key(command, self.bot)

    def names(self, kind: PlaceKind) -> tuple[str, ...]:
        """Return the names of the commands that are described."""
        return tuple(str(each["command"]) for each in self.of(kind))

    def digest(self, kind: PlaceKind) -> str:
        """Return what changes with any of them, "" where there are none."""
        return digest(self.of(kind))


class Describer:
    """Brings the rooms up to date, once in the life of a process: the descriptions change with a release or the configuration only."""

    def __init__(self, database: Database, vault: Vault, machine: MachineClock, wanted: Descriptions) -> None:
        self._database = database
        self._vault = vault
        self._machine = machine
        self._wanted = wanted
        self._digests = {kind: wanted.digest(kind) for kind in PlaceKind}
        self._done = False
        self._next = 0.0

    async def keep(self) -> None:
        """Enqueue the next portion, if its time has come."""
        if self._done or self._machine.monotonic() < self._next:
            return
        self._next = self._machine.monotonic() + PACE_SECONDS
        async with self._database.read() as tx:
            outdated = await shown.outdated(tx, self._digests, AT_ONCE)
        self._done = not outdated
        if outdated:
            await self._enqueue(outdated)

    async def _enqueue(self, outdated: tuple[Shown, ...]) -> None:
        now = self._machine.utc()
        async with self._database.write() as tx:
            for each in outdated:
                kind = each.place.kind
                await shown.note(tx, each.room, self._digests[kind], self._wanted.names(kind))
            effects = [self._effect(each) for each in outdated]
            await outbox.enqueue(tx, self._vault, effects, outbox.Envelope("", transit_scope(now), now, timedelta()))

    def _effect(self, outdated: Shown) -> Describe:
        room = hashlib.sha256(outdated.room.encode()).hexdigest()[:32]
        gone = set(outdated.commands) - set(self._wanted.names(outdated.place.kind))
        return Describe(f"describe:{room}:{outdated.turn + 1}", outdated.place, gone=tuple(sorted(gone)))
