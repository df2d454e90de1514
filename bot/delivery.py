"""The outbox loop: what was decided is done, once, in order per room, many rooms at a time (architecture 3, matrix 5 and 11.D2).

A row is claimed under a lease, performed outside any transaction, and confirmed, postponed or parked. A crash in between repeats the
same act with the same transaction id. What the homeserver shows of the bot's own messages (`bot.incoming`) confirms them too, so that
even an answer lost for longer than the homeserver remembers transaction ids does not lead to a second message.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from bot import alarms
from bot.failures import Permanent, Temporary
from bot.log import logger
from bot.performing import Errand, Performer
from bot.places import Places, Shelf
from care.effects import Anchor, Attach, Pin, Redact, Revise, Say
from store import inbox, outbox, rooms
from store.database import Transaction
from store.outbox import Outgoing

log = logger("bot.delivery")
LEASE = timedelta(seconds=180)
"""Longer than any act may take (an upload: 120 s)."""
LONGEST_SECONDS = 60.0
"""The longest pause between two attempts (architecture 8)."""
REMEMBERED = timedelta(hours=23)
"""How long after the first attempt a transaction id is relied on; Synapse keeps it for 24 hours (matrix 5)."""
FRESH_SECONDS = 60.0
"""How old the last sync may be for it to tell what the room does not hold."""
DRAIN_SECONDS = 10.0
HELD = timedelta(minutes=15)
"""How long a row waits for somebody to enter a room made anew before it looks again; a joining lets it go at once."""
ROOMS_AT_ONCE = 8

COUNTED = Say | Revise | Attach
"""What would be there twice if it were sent twice."""
LEAST_SECONDS = 0.02
"""The shortest wait when nothing could be claimed."""


class Listening(Protocol):
    """What the edge tells about its listening."""

    @property
    def last_sync(self) -> datetime | None:
        """When the last sync was taken (machine time)."""
        ...


def pause(attempts: int, retry_after: float | None) -> timedelta:
    """Return how long a row waits after so many attempts: 1, 2, 4 … 60 s and up to a quarter more, or the other side's wish."""
    backoff = min(2.0 ** min(attempts - 1, 10), LONGEST_SECONDS)
    jitter = 1 + random.random() / 4  # noqa: S311 - spreads load, hides nothing
    return timedelta(seconds=max(backoff * jitter, retry_after or 0.0))


async def _unnoticed(room: str) -> None:
    """Leave it to the next sync to tell that the bot is out of a room."""
    log.warning("room.out", room=room)


class Delivery:
    """The loop. `wake` is called when rows were enqueued."""

    def __init__(
        self,
        shelf: Shelf,
        performer: Performer,
        listening: Listening,
        *,
        expelled: Callable[[str], Awaitable[None]] | None = None,
        at_once: int = ROOMS_AT_ONCE,
    ) -> None:
        self._expelled = expelled or _unnoticed
        self._shelf = shelf
        self._performer = performer
        self._places = Places(shelf, performer)
        self._listening = listening
        self._at_once = at_once
        self._bell = asyncio.Event()
        self._stopping = False
        self._busy = set[asyncio.Task[None]]()

    def wake(self) -> None:
        """Look for rows now."""
        self._bell.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is under way has ended, or after ten seconds."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Deliver until stopped. Raises in a group what no row can help: SignedOut, or a bug."""
        async with self._shelf.database.write() as tx:
            await outbox.resume(tx)
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._bell.clear()
                for row in await self._claim():
                    self._start(group.create_task(self._attempt(row)))
                await self._rest()
            await self._drain()

    def _start(self, task: asyncio.Task[None]) -> None:
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        task.add_done_callback(lambda _: self._bell.set())

    async def _claim(self) -> tuple[Outgoing, ...]:
        free = self._at_once - len(self._busy)
        if free <= 0:
            return ()
        shelf = self._shelf
        async with shelf.database.write() as tx:
            return await outbox.claim(tx, shelf.vault, shelf.machine.utc(), LEASE, free)

    async def _rest(self) -> None:
        """Wait for the bell, or until the next row may be tried; while all hands are busy only the bell counts."""
        seconds = await self._idle_seconds() if len(self._busy) < self._at_once else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def _idle_seconds(self) -> float | None:
        async with self._shelf.database.read() as tx:
            due = await outbox.next_wake(tx)
        return max((due - self._shelf.machine.utc()).total_seconds(), LEAST_SECONDS) if due else None

    async def _drain(self) -> None:
        if self._busy:
            _, unfinished = await asyncio.wait(self._busy, timeout=DRAIN_SECONDS)
            for task in unfinished:
                task.cancel()

    async def _attempt(self, row: Outgoing) -> None:
        kind = type(row.effect).__name__
        log.debug("outbox.attempt", row=row.id, kind=kind, attempt=row.attempts, phase="claimed")
        try:
            errand = await self._places.enter(await self._errand(row))
            self._repeatable(errand)
            if await self._performer.vacant(errand):
                return await self._hold(row)
            event = await self._performer.perform(errand, lambda event: self._arrived(row, event))
        except Temporary as later:
            await self._postpone(row, later)
        except Permanent as never:
            await self._given_up(row, never)
        else:
            log.debug("outbox.performed", row=row.id, kind=kind, phase="performed")
            async with self._shelf.database.write() as tx:
                await outbox.confirm(tx, row.id, event, self._shelf.machine.utc())
            log.info("outbox.done", row=row.id, kind=kind, event_id=event, attempt=row.attempts)

    async def _errand(self, row: Outgoing) -> Errand:
        async with self._shelf.database.read() as tx:
            room = await rooms.room_of(tx, row.effect.place) or ""
            anchors = {anchor: anchor.event or await outbox.event_of(tx, anchor.key) or "" for anchor in _anchors(row.effect)}
            event = await outbox.event_of(tx, row.key) or ""
            lost = await rooms.last_lost(tx, row.effect.place)
            if lost is not None:
                anchors = {anchor: said for anchor, said in anchors.items() if not await _left_behind(tx, said, room, lost)}
        return Errand(row, room, event, anchors, self._shelf.civil.now(), again=lost is not None)

    def _repeatable(self, errand: Errand) -> None:
        """Raise Temporary for a row that can neither be repeated blindly nor be known to be missing from its room (matrix 5)."""
        row, now, last = errand.row, self._shelf.machine.utc(), self._listening.last_sync
        if errand.event or not isinstance(row.effect, COUNTED) or now - row.first_attempt < REMEMBERED:
            return
        if last is None or (now - last).total_seconds() > FRESH_SECONDS:
            raise Temporary

    async def _arrived(self, row: Outgoing, event: str) -> None:
        async with self._shelf.database.write() as tx:
            await outbox.arrived(tx, row.id, event)

    async def _postpone(self, row: Outgoing, later: Temporary) -> None:
        until = self._shelf.machine.utc() + pause(row.attempts, later.retry_after)
        async with self._shelf.database.write() as tx:
            await outbox.postpone(tx, row.id, until, "temporary")
        log.warning("outbox.postponed", row=row.id, attempt=row.attempts, due=until)

    async def _hold(self, row: Outgoing) -> None:
        """Keep what is to be said in a room made anew, and all that follows it, until somebody is there to read it."""
        async with self._shelf.database.write() as tx:
            await outbox.hold(tx, str(row.effect.place), self._shelf.machine.utc() + HELD)
        log.info("outbox.held", row=row.id, attempt=row.attempts)

    async def _given_up(self, row: Outgoing, never: Permanent) -> None:
        """Park a row that can never succeed; one whose room was lost waits for the new room instead."""
        place = row.effect.place
        async with self._shelf.database.read() as tx:
            room = await rooms.room_of(tx, place) or ""
        try:
            out = await self._performer.is_out(room, never)
        except (Temporary, Permanent) as unknown:
            return await self._postpone(row, unknown if isinstance(unknown, Temporary) else Temporary())
        if not out:
            return await self._park(row, never.code)
        await self._expelled(room)
        return await self._postpone(row, Temporary())

    async def _park(self, row: Outgoing, code: str) -> None:
        shelf = self._shelf
        async with shelf.database.write() as tx:
            await outbox.park(tx, row.id, code, shelf.machine.utc())
            await alarms.parked(tx, shelf.vault, await shelf.roster.read(tx), row, shelf.machine.utc())
        log.error("outbox.parked", row=row.id, kind=type(row.effect).__name__, reason=code)


async def _left_behind(tx: Transaction, event: str, room: str, lost: datetime) -> bool:
    """Whether an event is in a room that the place has lost."""
    return await outbox.gone_with(tx, event, lost) or await inbox.said_elsewhere(tx, event, room)


def _anchors(effect: object) -> tuple[Anchor, ...]:
    match effect:
        case Say():
            return tuple(anchor for anchor in (effect.thread, effect.reply) if anchor)
        case Attach():
            return (effect.thread,) if effect.thread else ()
        case Revise() | Pin() | Redact():
            return (effect.anchor,)
        case _:
            return ()
