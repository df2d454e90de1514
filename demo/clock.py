"""The demo's civil time: it stands, jumps and runs as it is told, never goes back, and survives a restart.

What the bot reads of it is the contract in `bot/clock.py`: anchors of real and civil instants, oldest first, none ever removed.
"""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import Bearing
from care.calendar import is_working_day, next_working_day
from care.clock import MachineClock, local
from care.reviews import wall

MILLISECOND = timedelta(milliseconds=1)
FIRST_MORNING = datetime.min.time().replace(hour=7, minute=55)
"""A newcomer sees a digest after five minutes."""


class BackwardsError(Exception):
    """Civil time was asked to go back."""


def next_morning(now: datetime) -> datetime:
    """Return 07:55 in Stockholm of the first working day whose 07:55 is not before `now`, as a UTC instant."""
    day = local(now).date()
    if is_working_day(day) and wall(day, FIRST_MORNING) >= now:
        return wall(day, FIRST_MORNING)
    return wall(next_working_day(day), FIRST_MORNING)


class DemoClock:
    """Civil time, kept in a file; a new file begins at the instant `begins`, standing still."""

    def __init__(self, file: Path, machine: MachineClock, begins: datetime) -> None:
        self._file = file
        self._machine = machine
        self._moved = asyncio.Condition()
        self._bearings = _read(file) or (Bearing(_whole(machine.utc()), begins.astimezone(UTC), 0),)

    @property
    def bearings(self) -> tuple[Bearing, ...]:
        """All bearings, oldest first."""
        return self._bearings

    @property
    def newest(self) -> Bearing:
        """The bearing that time runs by now."""
        return self._bearings[-1]

    @property
    def speed(self) -> float:
        """How fast civil time runs: 0 stands still, 1 is real."""
        return self.newest.speed

    def now(self) -> datetime:
        """Return the present civil instant, aware, UTC."""
        return self.newest.at(self._machine.utc())

    def refuse_back(self, civil: datetime) -> None:
        """Raise BackwardsError if it is later than `civil` already."""
        if civil < self.now():
            raise BackwardsError(f"it is {local(self.now()).isoformat(timespec='seconds')} already, and time never goes back")

    async def stand(self, civil: datetime) -> None:
        """Let civil time be `civil` and stand still; raise BackwardsError if it is later already."""
        self.refuse_back(civil)
        await self._take(civil, 0)

    async def run(self, speed: float) -> None:
        """Let civil time go on from where it is, at `speed`."""
        await self._take(self.now(), speed)

    async def _take(self, civil: datetime, speed: float) -> None:
        # Whole milliseconds, as the homeserver dates messages: one sent right after a jump may not seem sent before it.
        real = max(_whole(self._machine.utc()), self.newest.real + MILLISECOND)
        async with self._moved:
            self._bearings = (*self._bearings, Bearing(real, civil.astimezone(UTC), speed))
            _write(self._file, self._bearings)
            self._moved.notify_all()

    async def newer(self, than: datetime, seconds: float) -> None:
        """Return as soon as there is a bearing later than the real instant `than`, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self.newest.real > than)

    def told(self) -> dict[str, object]:
        """Return what `GET /clock` answers."""
        return {"now": self.now().isoformat(), "speed": self.speed, "anchors": _plain(self._bearings)}


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _plain(bearings: tuple[Bearing, ...]) -> list[list[str | float]]:
    return [[each.real.isoformat(), each.civil.isoformat(), each.speed] for each in bearings]


def _read(file: Path) -> tuple[Bearing, ...]:
    if not file.exists():
        return ()
    rows: list[tuple[str, str, float]] = json.loads(file.read_text(encoding="utf-8"))
    return tuple(Bearing(datetime.fromisoformat(real), datetime.fromisoformat(civil), speed) for real, civil, speed in rows)


def _write(file: Path, bearings: tuple[Bearing, ...]) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(_plain(bearings)), encoding="utf-8")
    part.rename(file)
