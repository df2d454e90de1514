"""What becomes of a due item, as a pure function: open, then said or cancelled, and open again when it is expected anew (invariant 5).

The index applies it step by step, and a rebuild to the whole journal of a case: both come to the same rows.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from care.case import Entry
from care.expected import Due
from care.ladder import StepTaken

OPEN = "open"
SAID = "said"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Mark:
    """How a due item stands: it falls due `at`, and was said or cancelled when it was `settled`."""

    at: datetime
    state: str = OPEN
    settled: datetime | None = None


def follow(known: Mapping[str, Mark], derived: Mapping[str, Due], taken: Collection[str], now: datetime) -> Mapping[str, Mark]:
    """Return the marks that a step changes: what was `taken` is said, what is no longer derived is cancelled, the rest is open.

    What was said stays said, whatever is derived later.
    """
    changed = {key: replace(known[key], state=SAID, settled=now) for key in taken if key in known and known[key].state == OPEN}
    for key, item in derived.items():
        mark = changed.get(key) or known.get(key)
        if mark is None or mark.state == CANCELLED or (mark.state == OPEN and mark.at != item.at):
            changed[key] = Mark(item.at)
    for key, mark in known.items():
        if mark.state == OPEN and key not in derived and key not in changed:
            changed[key] = replace(mark, state=CANCELLED, settled=now)
    return changed


def by_key(case: str, items: Iterable[Due]) -> Mapping[str, Due]:
    """Return due items by what makes each happen once."""
    return {item.key(case): item for item in items}


def brought_up(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the keys of the due items that the timer's steps brought up."""
    return frozenset(entry.event.key(entry.case) for entry in entries if isinstance(entry.event, StepTaken))
