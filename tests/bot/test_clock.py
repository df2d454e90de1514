import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot import clock as clocks
from bot.clock import Bearing, FollowedClock, MachineTime, SystemClock, following
from tests.bot.shelves import until

START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 8, 31, 5, 55, tzinfo=UTC)


@dataclass
class Machine:
    real: datetime = START

    def utc(self) -> datetime:
        return self.real

    def monotonic(self) -> float:
        return 0.0

    def later(self, seconds: float) -> None:
        self.real += timedelta(seconds=seconds)


@dataclass
class Control:
    """Answers as the module of the clock says that the demo's control answers."""

    anchors: list[Bearing] = field(default_factory=lambda: [Bearing(START, MONDAY, 0.0)])
    broken: bool = False
    asked: list[str | None] = field(default_factory=list[str | None])
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def move(self, bearing: Bearing) -> None:
        async with self._changed:
            self.anchors.append(bearing)
            self._changed.notify_all()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.query.get("after"))
        if self.broken:
            return web.Response(text="<html>out of order</html>", status=502)
        if after := request.query.get("after"):
            async with self._changed:
                await self._changed.wait_for(lambda: self.anchors[-1].real > datetime.fromisoformat(after))
        anchors = [[a.real.isoformat(), a.civil.isoformat(), a.speed] for a in self.anchors]
        return web.json_response({"now": MONDAY.isoformat(), "speed": 0.0, "anchors": anchors})


@asynccontextmanager
async def served(control: Control) -> AsyncGenerator[str, None]:
    app = web.Application()
    app.router.add_get("/clock", control.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/clock"
    finally:
        await runner.cleanup()


def followed(machine: Machine, *bearings: Bearing) -> FollowedClock:
    return FollowedClock("http://127.0.0.1/clock", machine, bearings)


def test_the_time_of_the_machine_is_aware_utc_and_never_goes_back() -> None:
    machine = MachineTime()

    assert machine.utc().tzinfo is UTC
    assert machine.monotonic() <= machine.monotonic()


def test_in_operation_civil_time_is_machine_time() -> None:
    machine = Machine()
    clock = SystemClock(machine)

    assert clock.now() == START
    assert clock.source == "system"
    assert clock.civil_of(START - timedelta(hours=1)) == START - timedelta(hours=1)
    assert clock.real_of(START + timedelta(hours=1)) == START + timedelta(hours=1)


def test_in_operation_a_message_from_the_future_counts_as_now() -> None:
    assert SystemClock(Machine()).civil_of(START + timedelta(days=400)) == START


def test_in_operation_an_instant_in_the_past_is_reached_now() -> None:
    assert SystemClock(Machine()).real_of(START - timedelta(days=1)) == START


async def test_in_operation_time_does_not_jump() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(SystemClock(Machine()).moved(), 0.01)


@pytest.mark.parametrize(("speed", "passed"), [(0.0, 0), (1.0, 10), (60.0, 600)])
def test_followed_time_stands_still_or_runs_at_the_speed_told(speed: float, passed: int) -> None:
    machine = Machine()
    clock = followed(machine, Bearing(START, MONDAY, speed))

    machine.later(10)

    assert clock.now() == MONDAY + timedelta(seconds=passed)


@pytest.mark.parametrize(("speed", "wait"), [(1.0, 300), (60.0, 5)])
def test_followed_time_tells_when_an_instant_will_be_reached(speed: float, wait: int) -> None:
    clock = followed(Machine(), Bearing(START, MONDAY, speed))

    assert clock.real_of(MONDAY + timedelta(minutes=5)) == START + timedelta(seconds=wait)
    assert clock.real_of(MONDAY) == START


def test_while_time_stands_still_no_later_instant_will_be_reached() -> None:
    clock = followed(Machine(), Bearing(START, MONDAY, 0.0))

    assert clock.real_of(MONDAY + timedelta(seconds=1)) is None
    assert clock.real_of(MONDAY) == START


def test_a_message_gets_the_civil_time_of_its_moment_across_jumps() -> None:
    machine = Machine(START + timedelta(seconds=100))
    clock = followed(
        machine,
        Bearing(START, MONDAY, 1.0),
        Bearing(START + timedelta(seconds=10), MONDAY + timedelta(hours=1), 0.0),
        Bearing(START + timedelta(seconds=20), MONDAY + timedelta(hours=2), 60.0),
    )

    def civil(seconds: int) -> timedelta:
        return clock.civil_of(START + timedelta(seconds=seconds)) - MONDAY

    assert civil(-5) == timedelta()
    assert civil(5) == timedelta(seconds=5)
    assert civil(15) == timedelta(hours=1)
    assert civil(21) == timedelta(hours=2, seconds=60)
    assert civil(100_000) == clock.now() - MONDAY == timedelta(hours=2, seconds=4800)


@st.composite
def journeys(draw: st.DrawFn) -> tuple[Bearing, ...]:
    found = [Bearing(START, MONDAY, draw(st.sampled_from([0.0, 1.0, 60.0])))]
    for _ in range(draw(st.integers(0, 4))):
        real = found[-1].real + timedelta(seconds=draw(st.integers(1, 100)))
        civil = found[-1].at(real) + timedelta(seconds=draw(st.integers(0, 10_000)))
        found.append(Bearing(real, civil, draw(st.sampled_from([0.0, 1.0, 60.0]))))
    return tuple(found)


@given(journeys(), st.lists(st.integers(-50, 600), min_size=2).map(sorted), st.sampled_from([UTC, timezone(timedelta(hours=2))]))
def test_later_messages_never_get_earlier_civil_times_and_none_is_in_the_future(
    bearings: tuple[Bearing, ...], seconds: list[int], zone: timezone
) -> None:
    clock = followed(Machine(bearings[-1].real + timedelta(seconds=50)), *bearings)

    times = [clock.civil_of((START + timedelta(seconds=s)).astimezone(zone)) for s in seconds]

    assert all(earlier <= later for earlier, later in pairwise(times))
    assert all(MONDAY <= time <= clock.now() for time in times)


async def test_a_clock_follows_the_control_and_wakes_its_waiter_at_each_jump() -> None:
    machine, control = Machine(), Control()
    async with served(control) as url, following(url, machine) as clock:
        assert clock.now() == MONDAY
        assert clock.source == f"follow:{url}"

        machine.later(1)
        await control.move(Bearing(machine.real, MONDAY + timedelta(hours=2), 0.0))
        await asyncio.wait_for(clock.moved(), 60)

        assert clock.now() == MONDAY + timedelta(hours=2)


async def test_a_jump_while_nobody_waits_is_told_to_the_next_waiter_once() -> None:
    machine, control = Machine(), Control()
    async with served(control) as url, following(url, machine) as clock:
        machine.later(1)
        await control.move(Bearing(machine.real, MONDAY + timedelta(hours=2), 0.0))
        async with asyncio.timeout(60):
            while clock.now() == MONDAY:  # noqa: ASYNC110 - the test is about not waiting for the event
                await asyncio.sleep(0.01)

        await asyncio.wait_for(clock.moved(), 60)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(clock.moved(), 0.05)


async def test_an_answer_without_news_changes_nothing_and_wakes_nobody() -> None:
    clock = followed(Machine(), Bearing(START, MONDAY, 0.0))

    assert not clock.follow((Bearing(START, MONDAY + timedelta(hours=1), 0.0),))

    assert clock.now() == MONDAY
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(clock.moved(), 0.01)


async def test_between_jumps_the_control_is_asked_once_and_for_what_is_newer() -> None:
    control = Control()
    async with served(control) as url, following(url, Machine()):
        await until(lambda: len(control.asked) > 1)
        await asyncio.sleep(0.3)

    assert control.asked == [None, START.isoformat()]


async def test_a_control_that_fails_for_a_while_is_followed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "RETRY_SECONDS", 0.05)
    machine, control = Machine(), Control()
    async with served(control) as url, following(url, machine) as clock:
        control.broken = True
        machine.later(1)
        await control.move(Bearing(machine.real, MONDAY + timedelta(hours=1), 0.0))
        machine.later(1)
        await control.move(Bearing(machine.real, MONDAY + timedelta(hours=2), 0.0))
        await asyncio.sleep(0.2)
        control.broken = False

        async with asyncio.timeout(60):
            while clock.now() != MONDAY + timedelta(hours=2):
                await clock.moved()


async def test_a_control_that_does_not_answer_at_the_start_is_an_error() -> None:
    control = Control(broken=True)
    async with served(control) as url:
        with pytest.raises(aiohttp.ClientError):
            await following(url, Machine()).__aenter__()


@pytest.mark.parametrize("anchors", [[], [Bearing(START.replace(tzinfo=None), MONDAY, 1.0)], [Bearing(START, MONDAY, -1.0)]])
async def test_a_control_without_a_usable_anchor_is_an_error(anchors: list[Bearing]) -> None:
    async with served(Control(anchors)) as url:
        with pytest.raises(ValueError, match="anchors"):
            await following(url, Machine()).__aenter__()
