"""The only place that reads the clocks of the machine (architecture 6).

The demo moves civil time. Its control serves `GET <url>` with JSON:

    {"now": "<civil>", "speed": 1.0, "anchors": [["<real>", "<civil>", 0.0], …]}

Instants are ISO 8601 with offset. Each anchor says: at this real instant civil time was this, and from then on ran at this
speed (0 stands still, 1 is real). The control adds an anchor for every jump and every change of speed, oldest first, never
removes one and never goes back; there is always at least one. `now` and `speed` are for people: readers compute from the anchors.

`GET <url>?after=<real instant of the newest anchor known>` answers as soon as there is a newer anchor, else after at most 20 seconds
with what there is.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic  # noqa: TID251 - this module is where time comes from
from typing import Annotated, Protocol

import aiohttp
from pydantic import AwareDatetime, BaseModel, Field

from bot.log import logger
from care.clock import CivilClock, MachineClock

LONG_POLL_SECONDS = 20.0
REQUEST = aiohttp.ClientTimeout(total=LONG_POLL_SECONDS + 10)
RETRY_SECONDS = 1.0
REST_SECONDS = 0.05

log = logger("bot.clock")


class Clock(CivilClock, Protocol):
    """Civil time as the bot needs it: with its relation to the time of the machine."""

    @property
    def source(self) -> str:
        """Where the time comes from, as configured: `system` or `follow:<url>`."""
        ...

    def civil_of(self, real: datetime) -> datetime:
        """Return the civil instant of a real one (a message's `origin_server_ts`), never later than now."""
        ...

    def real_of(self, civil: datetime) -> datetime | None:
        """Return the real instant at which civil time reaches `civil` (now, if it has); None while time stands still."""
        ...

    async def moved(self) -> None:
        """Return when time has jumped or changed its speed since the last call. For one waiter."""
        ...


class MachineTime:
    """The real time of the machine."""

    def utc(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this module is where time comes from

    def monotonic(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""
        return monotonic()


class SystemClock:
    """Civil time in operation: the machine's."""

    source = "system"

    def __init__(self, machine: MachineClock) -> None:
        self._machine = machine

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return self._machine.utc()

    def civil_of(self, real: datetime) -> datetime:
        """Return the instant itself, never later than now."""
        return min(real.astimezone(UTC), self.now())

    def real_of(self, civil: datetime) -> datetime | None:
        """Return the instant itself, never earlier than now."""
        return max(civil.astimezone(UTC), self.now())

    async def moved(self) -> None:
        """Never return: real time does not jump."""
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Bearing:
    """At the instant `real`, civil time was `civil` and from then on ran at `speed`."""

    real: datetime
    civil: datetime
    speed: float

    def at(self, real: datetime) -> datetime:
        """Return the civil instant of a real one, by this bearing."""
        return self.civil + max(real - self.real, timedelta()) * self.speed


class FollowedClock:
    """Civil time of the demo, as its control has last told it."""

    def __init__(self, url: str, machine: MachineClock, bearings: tuple[Bearing, ...]) -> None:
        self.source = f"follow:{url}"
        self._machine = machine
        self._bearings = bearings
        self._moved = asyncio.Event()

    @property
    def newest(self) -> Bearing:
        """The bearing that time runs by now."""
        return self._bearings[-1]

    def now(self) -> datetime:
        """Return the present civil instant, aware, UTC."""
        return self.newest.at(self._machine.utc())

    def civil_of(self, real: datetime) -> datetime:
        """Return the civil instant of a real one, not before the first bearing and never later than now."""
        place = bisect_right(self._bearings, real, key=lambda bearing: bearing.real)
        return min(self._bearings[max(place - 1, 0)].at(real), self.now())

    def real_of(self, civil: datetime) -> datetime | None:
        """Return the real instant at which civil time reaches `civil`, by the present speed; None while it stands still."""
        here, now = self.newest, self._machine.utc()
        if self.now() >= civil:
            return now
        return here.real + (civil - here.civil) / here.speed if here.speed else None

    async def moved(self) -> None:
        """Return when time has jumped or changed its speed since the last call. For one waiter."""
        await self._moved.wait()
        self._moved.clear()

    def follow(self, bearings: tuple[Bearing, ...]) -> bool:
        """Take what the control says; return whether that is news."""
        if bearings[-1].real <= self.newest.real:
            return False
        self._bearings = bearings
        self._moved.set()
        return True


class _Told(BaseModel):
    anchors: list[tuple[AwareDatetime, AwareDatetime, Annotated[float, Field(ge=0, allow_inf_nan=False)]]] = Field(min_length=1)


@asynccontextmanager
async def following(url: str, machine: MachineClock) -> AsyncGenerator[FollowedClock, None]:
    """Give a clock that follows the control at `url` for as long as the block lasts.

    Raises aiohttp.ClientError or ValueError if the control does not answer at the start; later failures are logged and retried.
    """
    async with aiohttp.ClientSession(timeout=REQUEST) as session:
        clock = FollowedClock(url, machine, await _ask(session, url, None))
        follower = asyncio.create_task(_follow(session, url, clock))
        try:
            yield clock
        finally:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)


async def _follow(session: aiohttp.ClientSession, url: str, clock: FollowedClock) -> None:
    while True:
        try:
            news = clock.follow(await _ask(session, url, clock.newest.real))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("clock.unreachable", reason=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            await asyncio.sleep(0 if news else REST_SECONDS)


async def _ask(session: aiohttp.ClientSession, url: str, after: datetime | None) -> tuple[Bearing, ...]:
    query = {"after": after.isoformat()} if after else {}
    async with session.get(url, params=query) as answer:
        answer.raise_for_status()
        told = _Told.model_validate_json(await answer.read())
    return tuple(Bearing(real.astimezone(UTC), civil.astimezone(UTC), speed) for real, civil, speed in told.anchors)
