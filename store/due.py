"""What becomes of a due item, as a pure function: open, then said or cancelled, and open again when it is expected anew (invariant 5).

The index applies it step by step, and a rebuild to the whole journal of a case: both come to the same rows.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from care.case import Case, Entry
from care.expected import Due, Rules, due_items
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


def brought_up(before: Case | None, entries: Iterable[Entry], rules: Rules) -> frozenset[str]:
    """Return the keys of the due items that the timer's steps brought up, of those derived just before."""
    taken = [entry.event for entry in entries if isinstance(entry.event, StepTaken)]
    if not taken or before is None:
        return frozenset()
    derived = by_key(before.id, due_items(before, rules))
    return frozenset(key for event in taken for key in _matching(event, derived))


def _matching(event: StepTaken, derived: Mapping[str, Due]) -> tuple[str, ...]:
    """Return the item meant by a step; where the rules have moved it since, the first of its kind."""
    meant = (event.object, event.matter, event.unit, event.step)
    alike = [key for key, item in derived.items() if (item.object, item.matter.name, item.unit, item.step) == meant]
    exact = [key for key in alike if derived[key].at == event.due]
    return tuple((exact or alike)[:1])
