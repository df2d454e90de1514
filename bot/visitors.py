"""Rooms that others make, and people who come and go (architecture 5, invariant 6)."""

import hashlib
from typing import Protocol

from bot import alarms, household
from bot.household import Household
from bot.log import logger
from bot.matrix.book import Members
from bot.performing import server
from bot.places import Shelf
from bot.sentences import CROWDED, STRANGER, UNENCRYPTED
from care.effects import Remove, direct
from store import inbox, rooms, seats
from store.database import Transaction
from store.inbox import Message
from store.seats import ROOM, Seat

log = logger("bot.visitors")
GONE = frozenset({"leave", "ban"})


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

    def __init__(self, shelf: Shelf, doors: Doors, rooms_kept: Household, *, bot: str) -> None:
        self._shelf = shelf
        self._doors = doors
        self._household = rooms_kept
        self._bot = bot

    async def invited(self, message: Message) -> None:
        """Answer an invitation: enter the encrypted room of two of somebody in the directory, and no other. Raises as the edge does."""
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
            await rooms.settle(tx, place, message.room, self._shelf.machine.utc())
            await self._take_seats(tx, message.sender)
        if before and before != message.room:
            await self._doors.leave(before)
        log.info("visitor.welcomed", event_id=message.event, room=message.room)

    async def _take_seats(self, tx: Transaction, user: str) -> None:
        place, known = direct(user), await seats.taken(tx)
        turns = {who: known[place, who].turn if (place, who) in known else 1 for who in (ROOM, user)}
        await seats.put(tx, [Seat(place, who, invited=True, turn=turn) for who, turn in turns.items()])

    async def passed(self, message: Message) -> bool:
        """Deal with a membership that concerns the bot or an intruder, finish its row and return True; False for all others."""
        shelf = self._shelf
        async with shelf.database.write() as tx:
            if message.subject == self._bot:
                await self._own(tx, message)
            elif message.membership == "join" and await self._intrudes(tx, message):
                await self._put_out(tx, message)
            else:
                return False
            await inbox.done(tx, message.event, shelf.machine.utc())
        return True

    async def _own(self, tx: Transaction, message: Message) -> None:
        place = await rooms.place_of(tx, message.room)
        if place is None or message.membership not in GONE:
            return
        shelf = self._shelf
        await rooms.forget(tx, message.room)
        await seats.clear(tx, place)
        self._household.reconsider()
        await alarms.expelled(tx, shelf.vault, await shelf.roster.read(tx), place, message.event, shelf.machine.utc())
        log.error("room.lost", room=message.room, event_id=message.event, kind=place.kind.value)

    async def _intrudes(self, tx: Transaction, message: Message) -> bool:
        place = await rooms.place_of(tx, message.room)
        if place is None:
            return False
        return message.subject not in await household.people_of(tx, await self._shelf.roster.read(tx), place)

    async def _put_out(self, tx: Transaction, message: Message) -> None:
        shelf, place = self._shelf, await rooms.place_of(tx, message.room)
        assert place is not None, "whoever intrudes does so in a room of the bot's"
        now = shelf.machine.utc()
        removal = Remove(f"intruder:{message.event}:out", place, urgent=True, user=message.subject)
        await alarms.enqueue(tx, shelf.vault, [removal], now)
        await alarms.intruder(tx, shelf.vault, await shelf.roster.read(tx), place, message.event, now)
        log.error("room.intruder", room=message.room, event_id=message.event, kind=place.kind.value)


def _digest(event: str) -> str:
    return hashlib.sha256(event.encode()).hexdigest()[:32]
