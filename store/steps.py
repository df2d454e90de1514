"""One step in a case: load, decide, check, journal, index, enqueue — in one transaction, or not at all.

Commands and the timer both come here. Deciding and announcing are given by the caller; the order and the checks are the same for all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care.case import Author, Case, Entry, Event
from care.effects import Effect
from care.events import evolve
from care.expected import Rules, due_items
from care.permissions import check
from store import index, journal, outbox
from store.database import Transaction
from store.due import brought_up
from store.keys import Vault, case_scope

Decide = Callable[[Case], Sequence[Event]]
Announce = Callable[[tuple[Entry, ...], Case | None, Case], Sequence[Effect]]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a step is taken: `received` and `decided` in civil time, `machine` for the outbox, `gather` for revisions."""

    received: datetime
    decided: datetime
    machine: datetime
    gather: timedelta


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken: the case before (None at its opening) and after, and what was journalled."""

    before: Case | None
    after: Case
    entries: tuple[Entry, ...]


async def load(tx: Transaction, vault: Vault, case: str) -> Case:
    """Return a case as it is now; raise LookupError for an unknown one, sealing.Unopened for a shredded one."""
    found = await journal.load(tx, vault, case)
    if found is None:
        raise LookupError(case)
    return found


def judge(case: Case | None, events: Sequence[Event], author: Author, moment: Moment, case_id: str) -> Step:
    """Return the step that events make, each checked against the case just before it; raise Refused for one not allowed."""
    before, entries = case, list[Entry]()
    for event in events:
        check(case, event, author)
        entry = Entry(case_id, case.seq + 1 if case else 1, moment.received, moment.decided, author, event)
        case = evolve(case, entry)
        entries.append(entry)
    if case is None:
        raise ValueError("a step that opens a case has an event")
    return Step(before, case, tuple(entries))


async def record(
    tx: Transaction, vault: Vault, rules: Rules, step: Step, effects: Sequence[Effect], moment: Moment, *, person: str = ""
) -> None:
    """Journal a step, bring the indexes up to date and enqueue its effects. A step without events changes nothing.

    Due items that the timer's steps brought up are said with it. `person` is the keyed hash (`store.people`) of the case that opens.
    """
    if not step.entries:
        return
    after = step.after
    await journal.append(tx, vault, step.entries, after.profile)
    await index.write(tx, after, person, step.before)
    await index.write_due(tx, after, due_items(after, rules), moment.decided, brought_up(step.entries))
    envelope = outbox.Envelope(after.id, case_scope(after.id), moment.machine, moment.gather)
    await outbox.enqueue(tx, vault, effects, envelope)
