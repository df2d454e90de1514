import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Bearing, FollowedClock, MachineTime, SystemClock
from bot.scheduler import REST, Alarm, next_slot
from care.clock import STOCKHOLM

MACHINE = MachineTime()
ALMOST_EIGHT = datetime(2026, 8, 31, 7, 59, 59, 700_000, tzinfo=STOCKHOLM).astimezone(UTC)
SECONDS = 60.0
"""Real seconds for which a tick is waited for that must come, on a machine that may be busy."""
NIGHT = datetime(2026, 8, 31, 2, 0, tzinfo=STOCKHOLM).astimezone(UTC)


class Ticks:
    """Counts the ticks, and lets a test wait for the next."""

    def __init__(self) -> None:
        self.count = 0
        self._told = asyncio.Condition()

    async def __call__(self) -> None:
        async with self._told:
            self.count += 1
            self._told.notify_all()

    async def reach(self, count: int, within: float) -> None:
        async with asyncio.timeout(within), self._told:
            await self._told.wait_for(lambda: self.count >= count)


@asynccontextmanager
async def running(alarm: Alarm) -> AsyncGenerator[None, None]:
    task = asyncio.create_task(alarm.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def still(civil: datetime, speed: float = 0.0) -> FollowedClock:
    return FollowedClock("http://127.0.0.1/clock", MACHINE, (Bearing(MACHINE.utc(), civil, speed),))


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-08-31T07:59", "2026-08-31T08:00"),
        ("2026-08-31T08:00", "2026-08-31T14:00"),
        ("2026-08-31T14:00", "2026-09-01T08:00"),
        ("2026-09-05T03:00", "2026-09-05T08:00"),
        ("2026-03-28T23:00", "2026-03-29T08:00"),
        ("2026-10-24T23:00", "2026-10-25T08:00"),
    ],
)
def test_slots_are_eight_and_two_on_the_wall_clock_also_when_it_changes(now: str, slot: str) -> None:
    wall = [datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM) for text in (now, slot)]

    assert next_slot(wall[0].astimezone(UTC)) == wall[1].astimezone(UTC)
    assert next_slot(wall[0].astimezone(UTC)).tzinfo is UTC


async def test_it_ticks_at_the_start_for_what_was_missed() -> None:
    ticks = Ticks()
    async with running(Alarm(SystemClock(MACHINE), MACHINE, ticks)):
        await ticks.reach(1, within=SECONDS)


async def test_it_ticks_at_the_instant_that_is_set() -> None:
    ticks = Ticks()
    alarm = Alarm(SystemClock(MACHINE), MACHINE, ticks)
    async with running(alarm):
        await ticks.reach(1, within=SECONDS)
        due = MACHINE.utc() + timedelta(seconds=0.4)
        alarm.wake_at(due)

        await ticks.reach(2, within=SECONDS)

        assert MACHINE.utc() >= due


async def test_an_instant_that_is_taken_back_does_not_ring() -> None:
    ticks = Ticks()
    alarm = Alarm(still(NIGHT, 1.0), MACHINE, ticks)
    async with running(alarm):
        await ticks.reach(1, within=SECONDS)
        alarm.wake_at(NIGHT)
        alarm.wake_at(None)

        with pytest.raises(TimeoutError):
            await ticks.reach(2, within=0.6)


async def test_an_instant_set_by_the_tick_itself_holds() -> None:
    ticks = Ticks()

    async def tick() -> None:
        if ticks.count == 0:
            alarm.wake_at(MACHINE.utc() + timedelta(seconds=0.3))
        await ticks()

    alarm = Alarm(SystemClock(MACHINE), MACHINE, tick)
    async with running(alarm):
        await ticks.reach(2, within=SECONDS)


async def test_it_ticks_at_a_slot_of_running_civil_time() -> None:
    ticks = Ticks()
    clock = still(ALMOST_EIGHT, 1.0)
    async with running(Alarm(clock, MACHINE, ticks)):
        await ticks.reach(1, within=SECONDS)

        await ticks.reach(2, within=SECONDS)

        assert clock.now() >= ALMOST_EIGHT + timedelta(seconds=0.3)


async def test_it_ticks_sooner_when_civil_time_runs_fast() -> None:
    ticks = Ticks()
    clock = still(NIGHT, 36_000.0)
    async with running(Alarm(clock, MACHINE, ticks)):
        await ticks.reach(2, within=SECONDS)

        assert clock.now() >= next_slot(NIGHT)


async def test_it_ticks_when_time_has_moved_and_not_while_it_stands_still() -> None:
    ticks = Ticks()
    clock = still(NIGHT)
    async with running(Alarm(clock, MACHINE, ticks)):
        await ticks.reach(1, within=SECONDS)
        with pytest.raises(TimeoutError):
            await ticks.reach(2, within=0.3)

        clock.follow((Bearing(MACHINE.utc(), NIGHT + timedelta(hours=6), 0.0),))

        await ticks.reach(2, within=SECONDS)


async def test_a_planned_ring_is_forgotten_when_time_stops() -> None:
    ticks = Ticks()
    clock = still(ALMOST_EIGHT - timedelta(seconds=2.7), 1.0)
    async with running(Alarm(clock, MACHINE, ticks)):
        await ticks.reach(1, within=SECONDS)
        clock.follow((Bearing(MACHINE.utc(), clock.now(), 0.0),))
        await ticks.reach(2, within=SECONDS)

        with pytest.raises(TimeoutError):
            await ticks.reach(3, within=3.5)


async def test_it_ticks_after_the_safety_interval_of_machine_time_even_while_civil_time_stands_still() -> None:
    ticks = Ticks()
    async with running(Alarm(still(NIGHT), MACHINE, ticks, safety=1)):
        await ticks.reach(1, within=SECONDS)

        await ticks.reach(2, within=SECONDS)


class Stepped(SystemClock):
    """Civil time that only a test moves, and that tells nobody."""

    def __init__(self, civil: datetime) -> None:
        super().__init__(MACHINE)
        self.civil = civil

    def now(self) -> datetime:
        return self.civil

    def real_of(self, civil: datetime) -> datetime | None:
        return MACHINE.utc() if civil <= self.civil else None


async def test_a_slot_that_passes_during_a_tick_is_not_missed() -> None:
    ticks, clock = Ticks(), Stepped(ALMOST_EIGHT)

    async def tick() -> None:
        clock.civil = ALMOST_EIGHT + timedelta(seconds=1)
        await ticks()

    async with running(Alarm(clock, MACHINE, tick)):
        await ticks.reach(2, within=SECONDS)

        with pytest.raises(TimeoutError):
            await ticks.reach(3, within=0.5)


async def test_something_overdue_that_stays_undone_rings_at_a_slow_pace() -> None:
    ticks = Ticks()

    async def tick() -> None:
        alarm.wake_at(NIGHT - timedelta(hours=1))
        await ticks()

    alarm = Alarm(still(NIGHT), MACHINE, tick)
    began = MACHINE.monotonic()
    async with running(alarm):
        await ticks.reach(4, within=SECONDS)

    assert MACHINE.monotonic() - began >= 2.5 * REST.total_seconds()


async def test_rings_during_a_tick_become_one_tick_after_it() -> None:
    ticks, gate, inside = Ticks(), asyncio.Event(), 0

    async def tick() -> None:
        nonlocal inside
        inside += 1
        assert inside == 1
        await gate.wait()
        inside -= 1
        await ticks()

    clock = still(NIGHT)
    async with running(Alarm(clock, MACHINE, tick)):
        for hours in (1, 2, 3):
            await asyncio.sleep(0.02)
            clock.follow((Bearing(MACHINE.utc(), NIGHT + timedelta(hours=hours), 0.0),))
        await asyncio.sleep(0.02)
        gate.set()
        await ticks.reach(2, within=SECONDS)

        with pytest.raises(TimeoutError):
            await ticks.reach(3, within=0.3)


async def test_what_a_tick_raises_ends_the_alarm() -> None:
    async def tick() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await Alarm(SystemClock(MACHINE), MACHINE, tick).run()
