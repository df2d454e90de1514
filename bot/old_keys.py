"""Room keys that nobody needs any more are forgotten: those of closed cases, and of rooms that the bot has lost or left.

What is closed can be reopened. By then the keys of the clients are worn, so that they make new ones (decision 0009).
"""

from datetime import timedelta
from typing import Protocol

from bot.log import logger
from bot.matrix.crypto.drawers import Drawer
from care.clock import CivilClock, MachineClock
from store import matrix_keys
from store.database import Database

log = logger("bot.old_keys")
IDLE = timedelta(days=14)
"""How long nothing has happened in a case, and no key has come for its room: twice the life of a room key (decision 0009)."""
AT_ONCE = 50
"""Rooms that are forgotten together, each in a transaction of its own."""
PACE_SECONDS, DAY_SECONDS = 30.0, 86_400.0
"""Machine time between two such portions, and between two looks when there was no more."""
ROOM_KEYS = (Drawer.INBOUND, Drawer.OUTBOUND)


class Pruner(Protocol):
    """Forgets keys: the edge."""

    async def prune(self, room: str) -> None:
        """Forget all keys of a room, committed on return."""
        ...


class OldKeys:
    """Looks once a day, and at the first look of a process: what a crash left is found again."""

    def __init__(self, database: Database, account: str, pruner: Pruner, clock: CivilClock, machine: MachineClock) -> None:
        self._database = database
        self._account = account
        self._pruner = pruner
        self._clock = clock
        self._machine = machine
        self._next: float | None = None

    async def keep(self) -> None:
        """Forget the next portion, if its time has come; what fails is raised, and done at the next look."""
        now = self._machine.monotonic()
        if self._next is not None and now < self._next:
            return
        idle = (self._clock.now() - IDLE, self._machine.utc() - IDLE)
        async with self._database.read() as tx:
            rooms = await matrix_keys.unneeded(tx, self._account, ROOM_KEYS, idle, AT_ONCE)
        for room in rooms:
            await self._pruner.prune(room)
        if rooms:
            log.info("keys.pruned", count=len(rooms))
        self._next = now + (PACE_SECONDS if len(rooms) == AT_ONCE else DAY_SECONDS)
