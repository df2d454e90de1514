"""The two moments of a working day at which every unit looks through what waits for it: 08:00 and 14:00.

A slot is an aware UTC instant; its wall time is Stockholm's, on working days only (process 3.0.5). Both wall times exist exactly
once on every day, whatever the clock changes do.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from care.calendar import is_working_day, next_working_day, previous_working_day
from care.clock import STOCKHOLM, local

MORNING = time(8)
AFTERNOON = time(14)

_NONE_STAFFED: frozenset[date] = frozenset()


def slot_from(instant: datetime, staffed: frozenset[date] = _NONE_STAFFED) -> datetime:
    """Return the first slot at or after an instant: the one at which what comes in now must be acknowledged."""
    return next(slot for slot in _onwards(instant, staffed) if slot >= instant)


def slot_after(instant: datetime, staffed: frozenset[date] = _NONE_STAFFED) -> datetime:
    """Return the first slot strictly after an instant."""
    return next(slot for slot in _onwards(instant, staffed) if slot > instant)


def slot_before(instant: datetime, staffed: frozenset[date] = _NONE_STAFFED) -> datetime:
    """Return the last slot strictly before an instant."""
    return next(slot for slot in _backwards(instant, staffed) if slot < instant)


def slots_between(after: datetime, until: datetime, staffed: frozenset[date] = _NONE_STAFFED) -> tuple[datetime, ...]:
    """Return the slots after one instant up to and with another, in order: what came since the last look."""
    found: list[datetime] = []
    slot = slot_after(after, staffed)
    while slot <= until:
        found.append(slot)
        slot = slot_after(slot, staffed)
    return tuple(found)


def missed_at(slot: datetime, grace: timedelta) -> datetime:
    """Return the instant at which what should have been acknowledged at a slot counts as missed."""
    return slot + grace


def label(slot: datetime) -> str:
    """Return the wall time of a slot as people say it, "08:00" or "14:00"."""
    return f"{local(slot):%H:%M}"


def wall(day: date, clock: time) -> datetime:
    """Return the UTC instant of a wall time in Stockholm."""
    return datetime.combine(day, clock, STOCKHOLM).astimezone(UTC)


def _onwards(instant: datetime, staffed: frozenset[date]) -> Iterator[datetime]:
    day = local(instant).date()
    if not is_working_day(day, staffed):
        day = next_working_day(day, staffed)
    while True:
        yield wall(day, MORNING)
        yield wall(day, AFTERNOON)
        day = next_working_day(day, staffed)


def _backwards(instant: datetime, staffed: frozenset[date]) -> Iterator[datetime]:
    day = local(instant).date()
    if not is_working_day(day, staffed):
        day = previous_working_day(day, staffed)
    while True:
        yield wall(day, AFTERNOON)
        yield wall(day, MORNING)
        day = previous_working_day(day, staffed)
