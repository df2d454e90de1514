"""Puts stories into the database, and looks at what stands in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, select

from care.case import Case, Entry
from care.effects import Effect
from care.events import evolve
from store import people, steps
from store.database import Database, Transaction
from store.keys import Vault
from tests.store.builders import ESTER, RULES, Story

MACHINE = datetime(2026, 9, 1, 6, tzinfo=UTC)
GATHER = timedelta(seconds=2)


def moment(at: datetime, machine: datetime = MACHINE) -> steps.Moment:
    """Return the moment of a step that is decided in the second in which it came."""
    return steps.Moment(at, at, machine, GATHER)


async def record(tx: Transaction, vault: Vault, before: Case | None, entries: tuple[Entry, ...], effects: tuple[Effect, ...] = ()) -> None:
    """Record one told step, as the bot would; whether it is allowed is not asked."""
    person = await people.person_of(tx, vault, ESTER.number, "", entries[0].decided) if before is None else ""
    after = before
    for entry in entries:
        after = evolve(after, entry)
    assert after is not None
    await steps.record(tx, vault, RULES, steps.Step(before, after, entries), effects, moment(entries[0].decided), person=person)


async def keep(database: Database, vault: Vault, story: Story) -> None:
    """Record a whole story, each step in a transaction of its own."""
    before: Case | None = None
    for entries in story.steps:
        async with database.write() as tx:
            await record(tx, vault, before, entries)
            before = await steps.load(tx, vault, story.case_id)


async def rolled_back(database: Database, vault: Vault, before: Case, entries: tuple[Entry, ...]) -> int:
    """Record a step and read the case, then roll everything back; return the seq that was read."""
    async with database.engine.connect() as tx, tx.begin() as transaction:
        await record(tx, vault, before, entries)
        seq = (await steps.load(tx, vault, before.id)).seq
        await transaction.rollback()
    return seq


async def rows(tx: Transaction, table: Table) -> list[dict[str, Any]]:
    """Return all rows of a table, in the order of its primary key."""
    found = (await tx.execute(select(table).order_by(*table.primary_key.columns))).mappings()
    return [dict(row) for row in found]
