"""The outbox loop: what was decided is done, once, in order per room, many rooms at a time (architecture 3, matrix 5 and 11.D2).

A row is claimed under a lease, performed outside any transaction, and confirmed, postponed or parked; what was performed is confirmed
where the next is claimed. A crash in between repeats the same act with the same transaction id. What the homeserver shows of the bot's own
messages (`bot.incoming`) confirms them too, and one that was tried so long ago that the homeserver may have forgotten its transaction id is
looked for in its room before it is sent again.

What may be claimed when, `bot.claiming` says.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from bot import alarms
from bot.claiming import BESIDE, Claiming, Listening
from bot.failures import Permanent, Temporary
from bot.log import logger
from bot.matrix.errors import Limited
from bot.matrix.gate import MESSAGES
from bot.performing import Errand, Performer
from bot.places import Places, Shelf
from care.effects import Attach, Revise, Say
from store import errands, outcomes, renewals, rooms
from store.database import Transaction
from store.outbox import Outgoing

log = logger("bot.delivery")
LONGEST_SECONDS = 60.0
"""The longest pause between two attempts (architecture 8)."""
REMEMBERED = timedelta(hours=23)
"""How long after the first attempt a transaction id is relied on; Synapse keeps it for 24 hours (matrix 5)."""
DRAIN_SECONDS = 10.0
HELD = timedelta(minutes=15)
"""How long a row waits for somebody to enter a room made anew before it looks again; a joining lets it go at once."""
ROOMS_AT_ONCE = 8

COUNTED = Say | Revise | Attach
"""What would be there twice if it were sent twice."""


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
        self._claiming = Claiming(shelf, listening, at_once)
        self._bell, self._calm = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._busy = set[asyncio.Task[None]]()
        self._performed: list[tuple[Outgoing, str]] = []

    def wake(self) -> None:
        """Look for rows now."""
        self._calm.clear()
        self._bell.set()

    async def calm(self) -> None:
        """Return when nothing is under way and nothing can be claimed."""
        await self._calm.wait()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is under way has ended, or after ten seconds."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Deliver until stopped. Raises in a group what no row can help: SignedOut, or a bug."""
        async with self._shelf.database.write() as tx:
            await outcomes.resume(tx)
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._bell.clear()
                for errand in await self._turned():
                    self._start(errand.row, group.create_task(self._attempt(errand)))
                # What was begun goes first: to look when to look again takes the loop a moment.
                await asyncio.sleep(0)
                await self._rest()
            await self._drain()

    async def _turned(self) -> tuple[Errand, ...]:
        """Confirm what was performed, and return the rows that are claimed in the same transaction, with what is known of them."""
        if self._claiming.busy and not self._performed:
            return ()
        async with self._confirmed() as tx:
            return tuple([await self._errand(tx, row) for row in await self._claiming.claim(tx)])

    @asynccontextmanager
    async def _confirmed(self) -> AsyncGenerator[Transaction]:
        """Open a transaction in which what was performed is confirmed."""
        performed = tuple(self._performed)
        async with self._shelf.database.write() as tx:
            await outcomes.confirm_all(tx, {row.id: event for row, event in performed}, self._shelf.machine.utc())
            yield tx
        # Not before the commit: what breaks off is confirmed by the next turn.
        del self._performed[: len(performed)]
        for row, event in performed:
            log.info("outbox.done", row=row.id, kind=type(row.effect).__name__, event_id=event, attempt=row.attempts)

    def _start(self, row: Outgoing, task: asyncio.Task[None]) -> None:
        self._busy.add(task)
        self._claiming.begun(row)
        self._calm.clear()
        task.add_done_callback(lambda done: self._ended(row, done))

    def _ended(self, row: Outgoing, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self._claiming.ended(row)
        self._bell.set()

    async def _rest(self) -> None:
        """Wait for the bell, or until the next row may be tried; while all hands are busy only the bell counts."""
        if self._bell.is_set():
            return
        if not self._busy:
            self._calm.set()
        seconds = None if self._claiming.busy else await self._claiming.idle_seconds()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def _drain(self) -> None:
        if self._busy:
            _, unfinished = await asyncio.wait(self._busy, timeout=DRAIN_SECONDS)
            for task in unfinished:
                task.cancel()
        async with self._confirmed():
            pass

    async def _attempt(self, errand: Errand) -> None:
        row, kind = errand.row, type(errand.row.effect).__name__
        log.debug("outbox.attempt", row=row.id, kind=kind, attempt=row.attempts, phase="claimed")
        try:
            errand = await self._known(await self._places.enter(errand))
            if await self._performer.vacant(errand):
                return await self._hold(row)
            event = await self._performer.perform(errand, lambda event: self._arrived(row, event))
        except Temporary as later:
            await self._postpone(row, later)
        except Permanent as never:
            await self._given_up(row, never)
        else:
            log.debug("outbox.performed", row=row.id, kind=kind, phase="performed")
            self._performed.append((row, event))

    async def _errand(self, tx: Transaction, row: Outgoing) -> Errand:
        known = await errands.known(tx, row)
        return Errand(row, known.trial, known.room, known.event, known.anchors, self._shelf.civil.now(), again=known.again)

    async def _known(self, errand: Errand) -> Errand:
        """Return the errand with the event that its row has become, if it was tried so long ago that only the room can tell (matrix 5).

        What the room does not hold goes on under a new transaction id: the old one might still be remembered, or not.
        """
        row, now = errand.row, self._shelf.machine.utc()
        if errand.event or not errand.room or not isinstance(row.effect, COUNTED) or now - errand.trial.since < REMEMBERED:
            return errand
        if event := await self._performer.find(errand):
            log.info("outbox.found", row=row.id, event_id=event, attempt=row.attempts)
            return replace(errand, event=event)
        async with self._shelf.database.write() as tx:
            renewed = await renewals.renew(tx, errand.trial, now)
        log.info("outbox.renewed", row=row.id, txn=renewed.txn, attempt=row.attempts)
        return replace(errand, trial=renewed)

    async def _arrived(self, row: Outgoing, event: str) -> None:
        async with self._shelf.database.write() as tx:
            await outcomes.arrived(tx, row.id, event)

    async def _postpone(self, row: Outgoing, later: Temporary) -> None:
        until = self._shelf.machine.utc() + _wait(row, later)
        limited = isinstance(later, Limited)
        async with self._shelf.database.write() as tx:
            await outcomes.postpone(tx, row.id, until, "limited" if limited else "temporary", failed=not limited)
        level = log.debug if limited else log.warning
        level("outbox.postponed", row=row.id, attempt=row.attempts, due=until)

    async def _hold(self, row: Outgoing) -> None:
        """Keep what is to be said in a room made anew, and all that follows it, until somebody is there to read it."""
        async with self._shelf.database.write() as tx:
            await outcomes.hold(tx, str(row.effect.place), self._shelf.machine.utc() + HELD)
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
            await outcomes.park(tx, row.id, code, shelf.machine.utc())
            await alarms.parked(tx, shelf.vault, await shelf.roster.read(tx), row, shelf.machine.utc())
        log.error("outbox.parked", row=row.id, kind=type(row.effect).__name__, reason=code)


def _wait(row: Outgoing, later: Temporary) -> timedelta:
    """Return how long a row waits: one that was not let through has not failed, and a message waits at the gate, not by itself."""
    if not isinstance(later, Limited):
        return pause(row.attempts, later.retry_after)
    at_the_gate = later.limit == MESSAGES and type(row.effect).__name__ not in BESIDE
    return timedelta() if at_the_gate else timedelta(seconds=later.retry_after or 0.0)
