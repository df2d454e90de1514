"""The roll call at each start: the rooms that the homeserver counts the bot in, compared with those that the store knows.

Nobody tells a bot that was away of a room that was deleted, and a crash between a commit and the leaving of a room leaves no trace of
what was still to be done. One question answers both, however many rooms there are.
"""

import asyncio
from collections.abc import Collection, Iterable
from typing import Protocol

from bot import alarms, household
from bot.changes import Changes
from bot.delivery import pause
from bot.failures import Permanent, Temporary
from bot.log import logger
from bot.performing import alias, server
from bot.places import Shelf
from store import inbox, rooms

log = logger("bot.roll_call")


class Doors(Protocol):
    """What the edge must be able to do; each act may be repeated."""

    async def joined_rooms(self) -> frozenset[str]:
        """Return the rooms that the bot is in."""
        ...

    async def inside(self, room: str) -> bool:
        """Whether the bot is in the room, by the homeserver's word."""
        ...

    async def aliases_of(self, room: str) -> frozenset[str]:
        """Return the aliases of a room that the bot is in."""
        ...

    async def made(self, room: str) -> bool:
        """Whether the bot has made a room that it is in."""
        ...

    async def occupied(self, room: str) -> bool:
        """Whether anybody but the bot is in a room."""
        ...

    async def leave(self, room: str, reason: str = "") -> None:
        """Leave a room."""
        ...


class RollCall:
    """Finds the rooms that were lost unnoticed, leaves those that the bot has no business in, and tells of unknown ones of its own."""

    def __init__(self, shelf: Shelf, doors: Doors, changes: Changes, *, bot: str) -> None:
        self._shelf = shelf
        self._doors = doors
        self._changes = changes
        self._bot = bot

    async def hold(self) -> bool:
        """Compare, however long the homeserver is away; return whether something is to be done or said. All of it may be repeated."""
        attempt, found = 0, False
        while True:
            attempt += 1
            try:
                # A room that is made or entered meanwhile is in neither: the store is read before the question, and again after it.
                known = await self._known()
                joined = await self._doors.joined_rooms()
                found = await self._lost(known - joined) or found
                found = await self._clear(await self._unexplained(joined)) or found
            except Temporary as later:
                await asyncio.sleep(pause(attempt, later.retry_after).total_seconds())
            except Permanent as refused:
                log.warning("room.roll_not_called", reason=refused.code)
                return found
            else:
                return found

    async def missing(self) -> bool:
        """Look once for rooms that were lost; return whether there are any. A homeserver that is away or refuses is asked another time.

        A room that is deleted between two questions of the sync is in neither of its answers.
        """
        try:
            known = await self._known()
            return await self._lost(known - await self._doors.joined_rooms())
        except (Temporary, Permanent) as later:
            log.debug("room.roll_not_called", reason=type(later).__name__)
            return False

    async def _known(self) -> frozenset[str]:
        async with self._shelf.database.read() as tx:
            return frozenset(await rooms.all_rooms(tx))

    async def _lost(self, missing: Iterable[str]) -> bool:
        """Deal with rooms that the bot is no longer in as if that had been seen to happen; return whether there are any."""
        out = [room for room in sorted(missing) if not await self._doors.inside(room)]
        for room in out:
            await self._changes.expelled(room)
        return bool(out)

    async def _clear(self, strays: Iterable[str]) -> bool:
        """Leave what the bot has no business in; return whether there are rooms that it has made and in which people are: they are kept.

        The store may be an older one.
        """
        rest = frozenset(strays)
        async with self._shelf.database.read() as tx:
            gone = await rooms.lost_among(tx, rest)
        kept = {room for room in rest - gone if await self._doors.made(room) and await self._doors.occupied(room)}
        await self._leave(sorted(rest - kept))
        if kept:
            await self._report(kept)
        return bool(kept)

    async def _report(self, kept: Collection[str]) -> None:
        shelf, now = self._shelf, self._shelf.machine.utc()
        for room in sorted(kept):
            log.error("room.unknown", room=room)
        async with shelf.database.write() as tx:
            await alarms.unknown_rooms(tx, shelf.vault, await shelf.roster.read(tx), kept, now)

    async def _leave(self, strays: Iterable[str]) -> None:
        for room in strays:
            try:
                await self._doors.leave(room)
            except Permanent as refused:
                log.warning("room.not_left", room=room, reason=refused.code)
            else:
                log.warning("room.stray_left", room=room)

    async def _unexplained(self, joined: Iterable[str]) -> list[str]:
        """Return those that the store does not know, that no message in hand is about, and that are not half-made rooms of its own."""
        shelf = self._shelf
        async with shelf.database.read() as tx:
            known, in_hand = await rooms.all_rooms(tx), await inbox.waiting(tx, shelf.vault)
            strays = sorted(frozenset(joined) - known.keys() - {_about(message) for message in in_hand})
            if not strays:
                return []
            turns = await rooms.turns(tx)
            wanted = household.wanted(await shelf.roster.read(tx)).keys() | await rooms.awaited(tx)
        names = {f"#{alias(self._bot, place, turns.get(place, 1))}:{server(self._bot)}" for place in wanted - set(known.values())}
        return [room for room in strays if not names & await self._doors.aliases_of(room)]


def _about(message: inbox.Message) -> str:
    """Return the room that a message in hand may have led the bot into: that of an invitation, or the successor of another."""
    match message.kind:
        case inbox.Kind.INVITATION:
            return message.room
        case inbox.Kind.CHANGE:
            return message.target
        case _:
            return ""
