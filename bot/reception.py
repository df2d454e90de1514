"""What happens with one message: visitors and members first, then the commands; a bug is owned up to (architecture 8)."""

import asyncio
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Protocol

from bot.changes import Changes
from bot.delivery import pause
from bot.failures import Permanent, Temporary
from bot.incoming import Intake
from bot.log import logger
from bot.matrix.incoming import Incoming
from bot.matrix.incoming import Kind as Heard
from bot.visitors import Visitors
from care.clock import MachineClock
from store import inbox
from store.database import Database
from store.inbox import Kind, Message
from store.trouble import in_trouble

log = logger("bot.reception")
TALK = frozenset({Kind.MESSAGE, Kind.EDIT, Kind.REACTION, Kind.REDACTION})
"""What goes to the dispatcher unseen."""
APOLOGIES = 3
"""How often the writer's answer to a bug is tried before the process ends."""


class Dispatcher(Protocol):
    """Who decides on what was written (`commands.dispatch`)."""

    async def handle(self, message: Message, /) -> None:
        """Handle a message and finish its row, in one transaction; whatever is raised is a bug.

        What has been handled changes nothing, and what comes from a room that is not the bot's is only finished.
        """
        ...

    async def apologise(self, message: Message, error: str, /) -> None:
        """Tell the writer that nothing was saved, and finish the row."""
        ...


class Reader(Protocol):
    """What the edge can look up."""

    async def read(self, room: str, event_id: str) -> Incoming | None:
        """Return one event as it reads by now."""
        ...


class Reception:
    """Handles one message after the other; every step may be repeated."""

    def __init__(
        self,
        database: Database,
        machine: MachineClock,
        visitors: Visitors,
        changes: Changes,
        dispatcher: Dispatcher,
        reader: Reader,
        intake: Intake,
    ) -> None:
        self._database = database
        self._machine = machine
        self._visitors = visitors
        self._changes = changes
        self._dispatcher = dispatcher
        self._reader = reader
        self._intake = intake

    async def receive(self, message: Message) -> None:
        """Handle a message unless that has happened; raise SignedOut, the database's trouble, or what even the apology raised."""
        if message.kind in TALK:
            await self._dispatched(message)
            return
        async with self._database.read() as tx:
            done, place = await inbox.met(tx, message.event, message.room)
        if done:
            return
        match message.kind:
            case Kind.INVITATION:
                await self._patiently(message, self._visitors.invited)
            case Kind.CHANGE:
                await self._patiently(message, self._changes.noticed)
            case Kind.MEMBERSHIP if await self._visitors.passed(message):
                return
            case Kind.UNREADABLE if await self._readable(message):
                return
            case Kind.LATE:
                if not await self._readable(message):
                    await self._finish(message)
            case _ if place is None:
                await self._finish(message)
            case _:
                await self._dispatched(message)

    async def _patiently(self, message: Message, answer: Callable[[Message], Awaitable[None]]) -> None:
        """Answer what needs the homeserver, however long it is away."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await answer(message)
            except Temporary as later:
                await asyncio.sleep(pause(attempt, later.retry_after).total_seconds())
            except Permanent as never:
                log.warning("visitor.unanswered", event_id=message.event, room=message.room, reason=never.code)
                break
            else:
                break
        await self._finish(message)

    async def _readable(self, message: Message) -> bool:
        """Look once more at what could not be read, however long the homeserver is away.

        What can be read by now is taken in and its stand-in is done.
        """
        heard = await self._read(message)
        if heard is None or heard.kind is Heard.UNDECRYPTABLE:
            return False
        await self._intake.put(heard, message.event)
        return True

    async def _read(self, message: Message) -> Incoming | None:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._reader.read(message.room, message.target)
            except Temporary as later:
                await asyncio.sleep(pause(attempt, later.retry_after).total_seconds())
            except Permanent:
                return None

    async def _dispatched(self, message: Message) -> None:
        try:
            await self._dispatcher.handle(message)
        except Exception as error:  # the named guard of architecture 8: a bug is answered with its id, and nothing was saved
            if in_trouble(error):
                raise
            error_id = token_hex(4)
            log.exception("message.failed", error_id=error_id, event_id=message.event)
            await self._apologise(message, error_id)

    async def _apologise(self, message: Message, error_id: str) -> None:
        for attempt in range(1, APOLOGIES + 1):
            try:
                return await self._dispatcher.apologise(message, error_id)
            except Exception:
                log.exception("message.unapologised", error_id=error_id, event_id=message.event, attempt=attempt)
                if attempt == APOLOGIES:
                    raise
        return None

    async def _finish(self, message: Message) -> None:
        async with self._database.write() as tx:
            await inbox.done(tx, message.event, self._machine.utc())
