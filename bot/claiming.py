"""What delivery may take from the outbox now, and when it looks again (matrix 11.A, decision 0012).

While the homeserver limits messages, they are claimed one at a time and only when one is let through (`bot.matrix.gate`): what is urgent
then waits for nothing but the next opening. Descriptions of commands come last: when nothing else can be claimed, one row at a time, beside
the hands of the others, and of a narrow gate they use only openings that nobody wanted.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from bot import alarms, forecast
from bot.log import logger
from bot.matrix.gate import UNDER_WAY, Limits
from bot.matrix.turns import Turn
from bot.places import Shelf
from care.effects import Describe, Invite, Mail, OpenRoom
from store import backlog, outbox, sayings
from store.database import Transaction
from store.outbox import Outgoing

log = logger("bot.claiming")
LEASE = timedelta(days=1)
"""Longer than any act may take, however patiently it stands in line; what an ended process has claimed is let go by the next one."""
BESIDE = frozenset(kind.__name__ for kind in (OpenRoom, Invite, Mail))
"""The kinds of rows that do not count as messages where those are limited."""
LEAST = frozenset({Describe.__name__})
"""The kinds that nobody waits for."""
WANTED = frozenset(outbox.EFFECTS) - LEAST
PACED = WANTED - BESIDE
LEAST_SECONDS = 0.02
"""The shortest wait when nothing could be claimed."""


class Listening(Protocol):
    """What the edge knows of the homeserver."""

    @property
    def limits(self) -> Limits:
        """What the homeserver is known to limit."""
        ...


class Claiming:
    """Keeps count of the rows under way."""

    def __init__(self, shelf: Shelf, listening: Listening, at_once: int) -> None:
        self._shelf = shelf
        self._listening = listening
        self._at_once = at_once
        self._under_way: dict[str, str] = {}

    def begun(self, row: Outgoing) -> None:
        """Note that a claimed row is under way."""
        self._under_way[row.id] = type(row.effect).__name__

    def ended(self, row: Outgoing) -> None:
        """Note that it is not any more."""
        self._under_way.pop(row.id, None)

    @property
    def busy(self) -> bool:
        """Whether all hands are: then only the end of something lets another begin."""
        return self._free <= 0

    async def claim(self, tx: Transaction) -> tuple[Outgoing, ...]:
        """Return the rows that may be done now."""
        if self.busy:
            return ()
        if self._limits.messages.narrow:
            await self._foretell(tx, self._shelf.machine.utc())
        claimed = [row for kinds, most, urgent in self._shares() for row in await self._of(tx, kinds, most, urgent=urgent)]
        if not claimed and self._spare_may_go():
            claimed = [*await self._of(tx, LEAST, 1)]
        return tuple(claimed)

    async def idle_seconds(self) -> float | None:
        """Return the seconds after which something may be claimed, None if nothing waits but for the end of something under way."""
        gate, limits, now = self._limits.messages, self._limits, self._shelf.machine.utc()
        async with self._shelf.database.read() as tx:
            if not gate.narrow:
                return _until(await outbox.next_wake(tx, WANTED if self._has(LEAST) else outbox.EFFECTS), now)
            waits = [_until(await outbox.next_wake(tx, BESIDE), now)]
            if not self._has(PACED):
                held = UNDER_WAY if limits.dialogue or limits.beside else 0.0
                waits.append(_later(_until(await outbox.next_wake(tx, PACED), now), gate.wait(), held))
                if not self._has(LEAST):
                    waits.append(_later(_until(await outbox.next_wake(tx, LEAST), now), gate.wait(Turn.SPARE), held))
        return min((each for each in waits if each is not None), default=None)

    @property
    def _limits(self) -> Limits:
        return self._listening.limits

    @property
    def _free(self) -> int:
        return self._at_once - sum(kind not in LEAST for kind in self._under_way.values())

    def _has(self, kinds: Collection[str]) -> bool:
        return any(kind in kinds for kind in self._under_way.values())

    def _shares(self) -> Iterator[tuple[Collection[str], int, bool]]:
        """Yield of which kinds how many may be claimed, and whether urgent ones only."""
        if not self._limits.messages.narrow:
            yield WANTED, self._free, False
            return
        if not self._has(PACED) and not self._limits.dialogue and self._limits.messages.wait() <= 0:
            yield PACED, 1, self._limits.beside
        yield BESIDE, self._free, False

    def _spare_may_go(self) -> bool:
        gate, limits = self._limits.messages, self._limits
        if self._has(LEAST) or limits.dialogue or limits.beside:
            return False
        return not gate.narrow or (not self._has(PACED) and gate.wait(Turn.SPARE) <= 0)

    async def _of(self, tx: Transaction, kinds: Collection[str], most: int, *, urgent: bool = False) -> tuple[Outgoing, ...]:
        return await outbox.claim(tx, self._shelf.vault, self._shelf.machine.utc(), LEASE, most, kinds, urgent=urgent)

    async def _foretell(self, tx: Transaction, now: datetime) -> None:
        """Say once for each wave that it will take long: not again while a row waits that was there when it was said."""
        shelf, distance = self._shelf, self._limits.messages.distance
        if distance is None:
            return
        waiting, oldest = await backlog.wave(tx, PACED, now)
        foretold = forecast.measured(waiting, distance)
        if foretold.long and not await sayings.is_known_under(tx, alarms.SLOW, oldest):
            log.warning("outbox.slow", count=waiting, seconds=round(foretold.seconds))
            await alarms.slow(tx, shelf.vault, await shelf.roster.read(tx), foretold, now)


def _later(due: float | None, *waits: float) -> float | None:
    return max(due, *waits) if due is not None else None


def _until(due: datetime | None, now: datetime) -> float | None:
    return max((due - now).total_seconds(), LEAST_SECONDS) if due else None
