"""The alarm clock: it knows when to look, never what is due (architecture 3).

Civil instants are turned into real ones by the clock, so that the same alarm works in operation and in the demo, where time jumps,
stands still and runs. APScheduler only rings; ticks never overlap, and rings during a tick become one tick after it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from care.clock import STOCKHOLM, MachineClock

SAFETY_SECONDS = 60
"""Machine time after which the alarm looks anyway."""
REST = timedelta(seconds=0.2)
"""Least real time before a ring, so that something overdue that cannot be done does not keep the machine busy."""
OPTIONS = {"coalesce": True, "misfire_grace_time": None}
"""A ring that the machine slept through is rung once, however late."""


class _Slots(Protocol):
    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime: ...


class _Jobs(Protocol):
    def start(self) -> None: ...
    def shutdown(self, *, wait: bool) -> None: ...
    def get_job(self, job_id: str) -> object | None: ...
    def remove_job(self, job_id: str) -> None: ...
    def add_job(self, func: Callable[[], Awaitable[None]], trigger: object, *, id: str, replace_existing: bool) -> object: ...  # noqa: A002 - APScheduler's name


_SLOTS = cast("_Slots", CronTrigger(hour="8,14", timezone=STOCKHOLM))


def next_slot(now: datetime) -> datetime:
    """Return the first 08:00 or 14:00 in Stockholm after the civil instant `now`, on any day of the week."""
    return _SLOTS.get_next_fire_time(now, now + timedelta(microseconds=1)).astimezone(UTC)


class Alarm:
    """Calls `tick` at 08:00 and 14:00, at the instant set by `wake_at`, when time has moved, and every safety interval."""

    def __init__(self, clock: Clock, machine: MachineClock, tick: Callable[[], Awaitable[None]], safety: int = SAFETY_SECONDS) -> None:
        self._clock = clock
        self._machine = machine
        self._tick = tick
        self._safety = safety
        self._bell = asyncio.Event()
        self._due: datetime | None = None
        self._looked = clock.now()
        self._jobs = cast("_Jobs", AsyncIOScheduler(job_defaults=OPTIONS, timezone=STOCKHOLM))

    def wake_at(self, due: datetime | None) -> None:
        """Set the civil instant of the next due item, None if there is none; it holds until the next tick begins."""
        self._due = due
        self._plan()

    async def run(self) -> None:
        """Tick once, then at each ring until cancelled. What `tick` raises ends it."""
        self._jobs.start()
        self._jobs.add_job(self._ring, IntervalTrigger(seconds=self._safety), id="safety", replace_existing=True)
        watcher = asyncio.create_task(self._watch())
        try:
            while True:
                self._bell.clear()
                self._due, self._looked = None, self._clock.now()
                await self._tick()
                self._plan()
                await self._bell.wait()
        finally:
            watcher.cancel()
            self._jobs.shutdown(wait=False)

    async def _watch(self) -> None:
        while True:
            await self._clock.moved()
            self._bell.set()

    async def _ring(self) -> None:
        self._bell.set()

    def _plan(self) -> None:
        slot = next_slot(self._looked)  # not since now: a slot that passed during the last tick is still to come
        civil = min(slot, self._due) if self._due else slot
        real = self._clock.real_of(civil)
        if real is None:
            self._forget()
        else:
            when = max(real, self._machine.utc() + REST)
            self._jobs.add_job(self._ring, DateTrigger(when), id="next", replace_existing=True)

    def _forget(self) -> None:
        if self._jobs.get_job("next"):
            self._jobs.remove_job("next")
