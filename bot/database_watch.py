"""The named guard for a database that is full, read-only or away (architecture 8).

Whoever meets the trouble stops where it is, and begins its step anew when the database can be written again: every step of the bot may be
repeated. So the sync stands still and the homeserver keeps the messages; what was accepted is kept; health is red meanwhile.

On a disk with a little room left some writes succeed and the next ones do not. Such an episode is one trouble: it is told when it is over,
and it is over when the database could be written for a while.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from bot.log import logger
from care.clock import MachineClock
from store.database import Database
from store.trouble import in_trouble, probe

log = logger("bot.database_watch")
SHORTEST, LONGEST = 1.0, 60.0
"""Seconds between two looks at the database: doubled from the one to the other."""
HELD = 60.0
"""Seconds without trouble after which it counts as over."""

T = TypeVar("T")


class DatabaseWatch:
    """Waits out the trouble.

    `back` does what is due at once when the database can be written again, `told` says to the administrators that the trouble is over. Both
    may fail like any other step.
    """

    def __init__(
        self,
        database: Database,
        machine: MachineClock,
        *,
        back: Callable[[], Awaitable[None]],
        told: Callable[[], Awaitable[None]],
        shortest: float = SHORTEST,
    ) -> None:
        self._database = database
        self._machine = machine
        self._back = back
        self._told = told
        self._well_since: float | None = None
        self._met = 0
        self._shortest = shortest
        self._looking = asyncio.Lock()
        self._ended = asyncio.Event()
        self._stopped = False

    @property
    def stopped(self) -> str:
        """One word for the health page while the database cannot be written, else ""."""
        return "database" if self._stopped else ""

    def end(self) -> None:
        """Wait no longer: the process is being stopped, and the next one begins the open steps anew."""
        self._ended.set()

    async def keep(self) -> None:
        """Say that the trouble is over, if there was one and it has been over for a while."""
        if self._stopped or self._well_since is None or self._machine.monotonic() < self._well_since + HELD:
            return
        await self._told()
        log.warning("database.back")
        self._well_since = None

    async def patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Return what a step returns, begun anew after each trouble of the database; raise whatever else it raises."""
        while True:
            try:
                return await step()
            except Exception as error:
                if not in_trouble(error):
                    raise
                await self._over(error)

    async def _over(self, error: Exception) -> None:
        """Return when the database can be written; the first to come does what is due then, for all who met the trouble before."""
        if not self._stopped and self._well_since is None:
            log.error("database.stopped", reason=type(error).__name__)
        self._stopped = True
        self._met += 1
        async with self._looking:
            seconds = self._shortest
            while not await self._well():
                await self._pause(seconds)
                seconds = min(seconds * 2, LONGEST)

    async def _well(self) -> bool:
        met = self._met
        try:
            await probe(self._database)
            if self._stopped:
                await self._back()
        except Exception as error:
            if not in_trouble(error):
                raise
            return False
        if self._stopped:
            self._well_since = self._machine.monotonic()
        # What somebody met meanwhile may have come too late for `back`: it is due once more.
        self._stopped = self._met != met
        return True

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        if self._ended.is_set():
            # Not an error of the step: it is given up as if its task had been cancelled at the stop.
            raise asyncio.CancelledError
