"""Two kinds of time, both injected (architecture 6).

*Civil time* decides deadlines, review slots, forms and the journal; the demo and the tests move it. *Machine time* is the
real time of the machine and is never moved: leases, first attempts and waits inside the process are measured with it.
"""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
"""The wall clock of every unit (process 3.0.4)."""


class CivilClock(Protocol):
    """Tells the time that care is planned by."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...


class MachineClock(Protocol):
    """Tells the time that the machine lives by."""

    def utc(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""
        ...


def local(instant: datetime) -> datetime:
    """Return the wall time in Stockholm of an aware instant."""
    return instant.astimezone(STOCKHOLM)
