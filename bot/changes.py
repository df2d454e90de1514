"""What others do to the bot's rooms: lost, replaced, weakened. Noticed, journalled, told, and set right (architecture 8).

What happens to the room of a case is an event of the case (`care.rooms`); of every room the administrators are told.
"""

from typing import Protocol

from bot import alarms
from bot.delivery import HELD
from bot.failures import Permanent
from bot.household import Household
from bot.log import logger
from bot.matrix.conditions import TOMBSTONE
from bot.places import Shelf, grouped
from care.case import Event
from care.clock import local
from care.effects import Place, PlaceKind
from care.rooms import Fate, RoomLost, RoomMoved, RoomWeakened
from reminders.keeper import Keeper
from reminders.rooms import happened
from store import counts, inbox, outcomes, rooms, seats
from store.database import Transaction
from store.inbox import Message

log = logger("bot.changes")
NOT_HERS = frozenset({PlaceKind.DIRECT, PlaceKind.SPACE})
"""Rooms that others may shape: a person's own direct room, and spaces, which hold no messages."""


class Tools(Protocol):
    """What the edge must be able to do; each act may be repeated."""

    async def leave(self, room: str, reason: str = "") -> None:
        """Leave a room."""
        ...

    async def follow(self, room: str, successor: str) -> bool:
        """Enter the successor of a room; return whether it is one to be used."""
        ...

    async def restore(self, room: str) -> bool:
        """Set right what protects a room; return whether all is as it should be."""
        ...


class Changes:
    """Deals with what happened to rooms, each once."""

    def __init__(self, shelf: Shelf, tools: Tools, household: Household, keeper: Keeper) -> None:
        self._shelf = shelf
        self._tools = tools
        self._household = household
        self._keeper = keeper

    async def noticed(self, message: Message) -> None:
        """Deal with a change of a room's state, and finish its row. Raises as the edge does."""
        async with self._shelf.database.read() as tx:
            place = await rooms.place_of(tx, message.room)
        if place and message.key == TOMBSTONE:
            await self._replaced(place, message)
        elif place and place.kind not in NOT_HERS:
            await self._weakened(place, message)
        else:
            await self._finish(message)

    async def expelled(self, room: str) -> None:
        """Note that the bot is out of a room, where the homeserver has refused an act before the sync told so."""
        async with self._shelf.database.write() as tx:
            place = await rooms.place_of(tx, room)
            if place:
                await self.lost(tx, place, room, Fate.REMOVED, f"out:{room}")

    async def lost(self, tx: Transaction, place: Place, room: str, fate: Fate, event: str) -> None:
        """Note that a place has lost its room: what is to be said there waits, another room is made, and whoever answers for it is told."""
        shelf, now = self._shelf, self._shelf.machine.utc()
        await rooms.lose(tx, place, room, str(fate), now)
        await seats.clear(tx, place)
        await outcomes.hold(tx, str(place), now + HELD)
        self._household.reconsider()
        await self._journalled(tx, place, RoomLost(fate))
        await alarms.expelled(tx, shelf.vault, await shelf.roster.read(tx), place, event, now)
        await self._count(tx, f"room_{fate}")
        log.error("room.lost", room=room, event_id=event, kind=place.kind.value, reason=str(fate))

    async def _replaced(self, place: Place, message: Message) -> None:
        """Follow an upgrade into its room if it can be trusted as the old one could; else the room is lost."""
        led = await self._led(place, message)
        fit = led and await self._tools.follow(message.room, message.target)
        async with self._shelf.database.write() as tx:
            if await rooms.room_of(tx, place) == message.room:
                if fit:
                    await self._moved(tx, place, message)
                else:
                    await self.lost(tx, place, message.room, Fate.REPLACED, message.event)
        for room in (message.room, *((message.target,) if led and not fit else ())):
            await self._leave(room)
        await self._finish(message)

    async def _led(self, place: Place, message: Message) -> bool:
        """Whether the room's tombstone names a room that may be looked at.

        Neither a person, in a room that is theirs to shape, nor a tombstone that names another of the bot's rooms can send it anywhere.
        """
        if not message.target or place.kind in NOT_HERS:
            return False
        async with self._shelf.database.read() as tx:
            return await rooms.place_of(tx, message.target) is None

    async def _moved(self, tx: Transaction, place: Place, message: Message) -> None:
        shelf, now = self._shelf, self._shelf.machine.utc()
        await rooms.lose(tx, place, message.room, str(Fate.REPLACED), now)
        await rooms.settle(tx, place, message.target, now)
        await outcomes.hold(tx, str(place), now + HELD)
        await seats.vacate(tx, place)
        await grouped(tx, shelf, place, message.target)
        self._household.reconsider()
        await self._journalled(tx, place, RoomMoved())
        await alarms.moved(tx, shelf.vault, await shelf.roster.read(tx), place, message.event, now)
        await self._count(tx, "room_moved")
        log.warning("room.moved", room=message.room, event_id=message.event, kind=place.kind.value)

    async def _weakened(self, place: Place, message: Message) -> None:
        restored = await self._tools.restore(message.room)
        shelf, now = self._shelf, self._shelf.machine.utc()
        async with shelf.database.write() as tx:
            if await inbox.is_done(tx, message.event):
                return
            await self._journalled(tx, place, RoomWeakened((message.key,), restored))
            directory = await shelf.roster.read(tx)
            await alarms.weakened(tx, shelf.vault, directory, place, message.event, now, what=message.key, restored=restored)
            await self._count(tx, "room_weakened")
            await inbox.done(tx, message.event, now)
        log.error("room.weakened", room=message.room, event_id=message.event, kind=place.kind.value, state=message.key)

    async def _journalled(self, tx: Transaction, place: Place, event: Event) -> None:
        if place.kind is PlaceKind.CASE:
            await happened(self._keeper, tx, place.id, event, self._shelf.civil.now())

    async def _count(self, tx: Transaction, what: str) -> None:
        await counts.add(tx, local(self._shelf.civil.now()).date(), what)

    async def _leave(self, room: str) -> None:
        try:
            await self._tools.leave(room)
        except Permanent as refused:
            log.warning("room.not_left", room=room, reason=refused.code)

    async def _finish(self, message: Message) -> None:
        async with self._shelf.database.write() as tx:
            await inbox.done(tx, message.event, self._shelf.machine.utc())
