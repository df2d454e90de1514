"""The indexes made anew from the journal (`samrum rebuild`): cases, units, people and due items, as the steps themselves left them.

A shredded case cannot be read any more; its rows stay as they are. Due items follow from the rules of today: where figures or hours have
changed since, what has not been said yet falls due as the rules now say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, literal, select

from care.case import Case, Entry
from care.events import evolve
from care.expected import Due, Rules, due_items
from care.opening import CaseOpened
from store import index, journal
from store.database import Transaction
from store.due import Mark, brought_up, by_key, follow
from store.keys import Vault, case_scope
from store.people import person_of
from store.portions import fill
from store.tables import case_people, case_units, cases, due, keys

Steps = Sequence[Sequence[Entry]]
Dues = dict[str, tuple[Due, Mark]]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many cases were indexed anew, and the ids of those that stay as they are because they are shredded."""

    cases: int
    kept: tuple[str, ...]


async def rebuild(tx: Transaction, vault: Vault, rules: Rules, now: datetime) -> Rebuilt:
    """Index every case anew but the shredded ones, in one transaction; raise sealing.Unopened for one that should open and does not.

    `now` dates the person key should there be none yet.
    """
    shredded = await vault.destroyed(tx)
    await _clear(tx)
    kept: list[str] = []
    indexed = 0
    for case in await journal.cases(tx):
        if case_scope(case) in shredded:
            kept.append(case)
            continue
        await _index(tx, vault, rules, await journal.read_steps(tx, vault, case), now)
        indexed += 1
    return Rebuilt(indexed, tuple(kept))


async def _clear(tx: Transaction) -> None:
    shredded = select(keys.c.scope).where(keys.c.wrapped.is_(None))
    for column in (case_units.c.case_id, case_people.c.case_id, due.c.case_id, cases.c.id):
        await tx.execute(delete(column.table).where((literal(case_scope("")) + column).not_in(shredded)))


async def _index(tx: Transaction, vault: Vault, rules: Rules, steps: Steps, now: datetime) -> None:
    case, dues = replay(steps, rules)
    opening = steps[0][0].event
    assert isinstance(opening, CaseOpened)
    person = await person_of(tx, vault, opening.person.number, opening.person.issuer, now)
    await fill(tx, cases, [{"id": case.id, "person": person, **index.case_row(case)}])
    await fill(tx, case_units, index.unit_rows(case))
    await fill(tx, case_people, index.people_rows(case))
    await fill(tx, due, [index.due_row(case.id, key, item, mark) for key, (item, mark) in dues.items()])


def replay(steps: Steps, rules: Rules) -> tuple[Case, Dues]:
    """Return a case and what became of its due items, step by step as `store.steps.record` took them."""
    case: Case | None = None
    dues: Dues = {}
    for entries in steps:
        for entry in entries:
            case = evolve(case, entry)
        assert case is not None
        derived = by_key(case.id, due_items(case, rules))
        marks = {key: mark for key, (_, mark) in dues.items()}
        for key, mark in follow(marks, derived, brought_up(entries), entries[-1].decided).items():
            dues[key] = (derived.get(key) or dues[key][0], mark)
    if case is None:
        raise ValueError("a journal begins with its opening")
    return case, dues
