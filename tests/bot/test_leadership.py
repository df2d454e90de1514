"""When a process that has the lease must end, with a registry and a clock that tests move; the real ones are in test_standby.py."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NoReturn, cast

import pytest

from bot.leadership import SAFE_SECONDS, Leadership
from store.lease import VALID, Lease, Lost, Registry

LEASE = Lease("@samrum:almfors.test", 3)


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 9, 1, tzinfo=UTC)


class Ended(BaseException):
    """The process ends here."""


class Given:
    """A registry that renews, or fails as it is told to; each renewal takes some seconds of the clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.takes = 0.0
        self.failure: Exception | None = None
        self.renewed = 0
        self.returned = 0

    async def renew(self, lease: Lease) -> None:
        assert lease == LEASE
        self.clock.now += self.takes
        if self.failure:
            raise self.failure
        self.renewed += 1

    async def give_back(self, lease: Lease) -> None:
        assert lease == LEASE
        if self.failure:
            raise self.failure
        self.returned += 1


def end() -> NoReturn:
    raise Ended


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(clock: Clock) -> Given:
    return Given(clock)


@pytest.fixture
def lead(registry: Given, clock: Clock) -> Leadership:
    return Leadership(cast("Registry", registry), LEASE, clock, clock.now, end)


@asynccontextmanager
async def keeping(lead: Leadership, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[asyncio.Task[NoReturn]]:
    monkeypatch.setattr("bot.leadership.RENEW_SECONDS", 0.01)
    monkeypatch.setattr("bot.leadership.RETRY_SECONDS", 0.01)
    task = asyncio.create_task(lead.keep())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def renewals(registry: Given, more: int) -> None:
    wanted = registry.renewed + more
    for _ in itertools.takewhile(lambda _: registry.renewed < wanted, range(1000)):
        await asyncio.sleep(0.01)
    assert registry.renewed >= wanted


def test_what_leaves_must_leave_a_second_before_the_lease_ends(lead: Leadership, clock: Clock) -> None:
    assert VALID.total_seconds() - SAFE_SECONDS == 1.0
    clock.now += SAFE_SECONDS - 0.001
    lead.fence()

    clock.now += 0.001
    with pytest.raises(Ended):
        lead.fence()


async def test_a_renewal_counts_from_when_it_was_asked_for(
    lead: Leadership, registry: Given, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now += 3
    began = clock.now
    async with keeping(lead, monkeypatch):
        await renewals(registry, 1)
        clock.now = began + SAFE_SECONDS - 0.001
        lead.fence()

    registry.takes = 2.0
    async with keeping(lead, monkeypatch):
        await renewals(registry, 1)
        registry.failure = OSError()
    clock.now += SAFE_SECONDS - 2.0
    with pytest.raises(Ended):
        lead.fence()


async def test_a_database_that_is_away_for_a_moment_ends_nothing(
    lead: Leadership, registry: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with keeping(lead, monkeypatch) as task:
        await renewals(registry, 1)
        registry.failure = TimeoutError()
        await asyncio.sleep(0.05)
        registry.failure = None
        await renewals(registry, 1)

        assert not task.done()


async def test_a_lease_that_another_has_ends_the_process_at_the_next_renewal(lead: Leadership, registry: Given) -> None:
    registry.failure = Lost()
    with pytest.raises(Ended):
        await lead.keep()


async def test_a_process_that_cannot_renew_ends_by_an_alarm_of_the_loop(
    lead: Leadership, registry: Given, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = list[BaseException]()

    def noted() -> NoReturn:
        ended.append(Ended())
        raise RuntimeError

    monkeypatch.setattr(lead, "_end", noted)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    registry.failure = TimeoutError()
    clock.now += SAFE_SECONDS - 0.05
    async with keeping(lead, monkeypatch):
        await asyncio.sleep(0.01)
        clock.now += 0.05
        for _ in itertools.takewhile(lambda _: not ended, range(200)):
            await asyncio.sleep(0.01)

    assert len(ended) == 1


async def test_a_lease_that_cannot_be_given_back_runs_out_by_itself(lead: Leadership, registry: Given) -> None:
    await lead.give_back()
    registry.failure = OSError()
    await lead.give_back()

    assert registry.returned == 1
