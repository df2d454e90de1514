"""Wall times in Stockholm: how they are written so that they are read back, and the two nights when a wall time is not one instant."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from care.clock import STOCKHOLM, local

When = date | datetime | time


def written(when: When) -> str:
    """Return the one writing of an instant, a day or a wall time that is always read back as the same."""
    if isinstance(when, time):
        return f"{when:%H:%M}"
    if not isinstance(when, datetime):
        return when.isoformat()
    wall = local(when)
    return f"{wall:%Y-%m-%d %H:%M}" + (("", " sommartid", " vintertid")[twice(wall) * (1 + wall.fold)])


def walls(days: Sequence[date], minutes: Sequence[int]) -> list[datetime]:
    """Return the wall times of those minutes on each of the days; minute 1440 begins the next."""
    return [datetime.combine(day + timedelta(m // 1440), time(m % 1440 // 60, m % 60), STOCKHOLM) for day in days for m in minutes]


def offered(found: Iterable[datetime], now: datetime | None) -> tuple[str, ...]:
    """Return the writings of the wall times that exist, each of two equal ones, and are after `now`: in order, each once."""
    instants = {wall.replace(fold=fold).astimezone(UTC) for wall in found if not skipped(wall) for fold in range(1 + twice(wall))}
    return tuple(written(instant) for instant in sorted(instants) if now is None or instant > now)


def skipped(wall: datetime) -> bool:
    """Whether summer time skips the wall time."""
    first = wall.replace(fold=0)
    return local(first.astimezone(UTC)).replace(tzinfo=None, fold=0) != first.replace(tzinfo=None)


def twice(wall: datetime) -> bool:
    """Whether the wall time comes twice."""
    return not skipped(wall) and wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
