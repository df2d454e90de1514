"""When the timer may ring: within a unit's hours (process 3.0.7). What a person types rings at once, whatever the hour."""

from datetime import datetime, time

from care.deadlines import Hours, within_hours
from care.expected import Rules

OFFICE = (time(8), time(17))
"""The hours of whoever answers for a unit that is open round the clock (process 3.0.4: office hours)."""


def staff_may_be_rung(unit: str, now: datetime, rules: Rules) -> bool:
    """Return whether those on duty in a unit may be rung now; a ward always, a unit that has left the directory never."""
    known = rules.directory.units.get(unit)
    return known is not None and within_hours(now, known.hours, rules.profile.staffed)


def chief_may_be_rung(unit: str, now: datetime, rules: Rules) -> bool:
    """Return whether the enhetschef of a unit, or who stands in, may be rung now: a ward's chief is there in office hours only."""
    known = rules.directory.units.get(unit)
    hours: Hours = known.hours if known else None
    return within_hours(now, hours or OFFICE, rules.profile.staffed)
