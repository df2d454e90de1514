"""Rooms that others make, and people who come and go (architecture 5, invariant 6)."""

import hashlib
from typing import Protocol

from bot import alarms, household
from bot.changes import Changes
from bot.failures import Permanent
from bot.log import logger
from bot.matrix.book import Members
from bot.performing import server
from bot.places import Shelf
from bot.sentences import CROWDED, STRANGER, UNENCRYPTED
from care.effects import Place, PlaceKind, Remove, direct
from care.rooms import Fate, StrangerRemoved
from reminders.keeper import Keeper
from reminders.rooms import happened, left
from store import inbox, outcomes, rooms, sayings, seats
from store.database import Transaction
from store.inbox import Message
from store.seats import ROOM, Seat

log = logger("bot.visitors")
GONE = frozenset({"leave", "ban"})
COMING = frozenset({"join", "invite", "knock"})


class Doors(Protocol):
    """What the edge must be able to do; each act may be repeated."""

    async def join(self, room: str) -> None:
        """Accept an invitation."""
        ...

    async def leave(self, room: str, reason: str = "") -> None:
        """Leave a room or refuse its invitation."""
        ...

    async def members(self, room: str) -> Members:
        """Return who is joined and who is invited."""
        ...

    async def say_in_clear(self, room: str, sentence: str, txn_id: str) -> str:
        """Say one of the constant sentences."""
        ...


class Visitors:
    """Decides who may bring the bot where, and who may stay where it is."""

    def __init__(self, shelf: Shelf, doors: Doors, changes: Changes, keeper: Keeper, *, bot: str) -> None:
        self._shelf = shelf
        self._doors = doors
        self._changes = changes
        self._keeper = keeper
        self._bot = bot

    async def invited(self, message: Message) -> None:
        """Answer an invitation: enter the encrypted room of two of somebody in the directory, and no other. Raises as the edge does.

        A room in which the bot is refused anything is left.
        """
        try:
            await self._answered(message)
        except Permanent as refused:
            log.warning("visitor.refused", event_id=message.event, room=message.room, reason=refused.code)
            await self._doors.leave(message.room)

    async def _answered(self, message: Message) -> None:
        async with self._shelf.database.read() as tx:
            known = bool((await self._shelf.roster.read(tx)).memberships(message.sender))
        if server(message.sender) != server(self._bot):
            await self._doors.leave(message.room)
        elif not message.encrypted:
            await self._say_why(message, UNENCRYPTED if known else STRANGER)
        elif not known:
            await self._doors.leave(message.room, STRANGER)
        else:
            await self._enter(message)

    async def _say_why(self, message: Message, sentence: str) -> None:
        await self._doors.join(message.room)
        await self._doors.say_in_clear(message.room, sentence, f"visit:{_digest(message.event)}")
        await self._doors.leave(message.room)

    async def _enter(self, message: Message) -> None:
        await self._doors.join(message.room)
        there = await self._doors.members(message.room)
        if there.joined | there.invited != frozenset({self._bot, message.sender}):
            await self._doors.leave(message.room, CROWDED)
            return
        place = direct(message.sender)
        async with self._shelf.database.write() as tx:
            before = await rooms.room_of(tx, place)
            if before and before != message.room:
                await rooms.lose(tx, place, before, str(Fate.REPLACED), self._shelf.machine.utc())
            await rooms.settle(tx, place, message.room, self._shelf.machine.utc())
            await self._take_seats(tx, message.sender)
        if before and before != message.room:
            await self._leave(before)
        log.info("visitor.welcomed", event_id=message.event, room=message.room)

    async def _leave(self, room: str) -> None:
        try:
            await self._doors.leave(room)
        except Permanent as refused:
            log.warning("room.not_left", room=room, reason=refused.code)

    async def _take_seats(self, tx: Transaction, user: str) -> None:
        place, known = direct(user), await seats.taken(tx)
        turns = {who: known[place, who].turn if (place, who) in known else 1 for who in (ROOM, user)}
        await seats.put(tx, [Seat(place, who, invited=True, turn=turn) for who, turn in turns.items()])

    async def passed(self, message: Message) -> bool:
        """Deal with a membership, finish its row and return True; False for one who enters where they belong: that is welcomed."""
        shelf = self._shelf
        async with shelf.database.write() as tx:
            place = await rooms.place_of(tx, message.room)
            if place is not None and await self._welcome(tx, place, message):
                return False
            await inbox.done(tx, message.event, shelf.machine.utc())
        return True

    async def _welcome(self, tx: Transaction, place: Place, message: Message) -> bool:
        """Deal with a membership in a room of the bot's; return whether somebody has entered who belongs there."""
        if message.subject == self._bot:
            if message.membership in GONE:
                await self._changes.lost(tx, place, message.room, Fate.REMOVED, message.event)
            return False
        belongs = message.subject in await household.people_of(tx, await self._shelf.roster.read(tx), place)
        if message.membership in COMING and not belongs:
            await self._put_out(tx, place, message)
        elif message.membership in GONE and belongs:
            await self._departed(tx, place, message)
        elif message.membership == "join":
            await outcomes.release(tx, str(place), self._shelf.machine.utc())
            return True
        return False

    async def _departed(self, tx: Transaction, place: Place, message: Message) -> None:
        """Note that one who belongs in a room has left it, declined it, or was put out by another than the bot."""
        shelf, now = self._shelf, self._shelf.machine.utc()
        log.info("room.departed", room=message.room, event_id=message.event, kind=place.kind.value)
        if place.kind is PlaceKind.CASE:
            await left(self._keeper, tx, place.id, message.subject, shelf.civil.now())
            return
        await seats.give_up(tx, place, message.subject)
        if place.kind is PlaceKind.DIRECT or (place.kind is PlaceKind.INBOX and not await seats.anybody(tx, place)):
            await alarms.departed(tx, shelf.vault, await shelf.roster.read(tx), place, message.event, now)

    async def _put_out(self, tx: Transaction, place: Place, message: Message) -> None:
        """Remove one who does not belong in a room, once; a case's journal tells it, and its responsible unit (invariant 6)."""
        shelf = self._shelf
        now = shelf.machine.utc()
        if await sayings.is_known(tx, f"intruder:{message.event}:out"):
            return
        if place.kind is PlaceKind.CASE:
            await happened(self._keeper, tx, place.id, StrangerRemoved(message.subject), shelf.civil.now())
        removal = Remove(f"intruder:{message.event}:out", place, urgent=True, user=message.subject)
        await alarms.enqueue(tx, shelf.vault, [removal], now)
        await alarms.intruder(tx, shelf.vault, await shelf.roster.read(tx), place, message.event, now)
        log.error("room.intruder", room=message.room, event_id=message.event, kind=place.kind.value)


def _digest(event: str) -> str:
    return hashlib.sha256(event.encode()).hexdigest()[:32]
