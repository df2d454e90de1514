"""What falls due in a case: each step of the ladder and each reminder becomes one journalled event and its messages, once."""

from datetime import datetime

from care.case import Author, Source
from care.expected import due_items
from reminders.keeper import Guard, Keeper
from store import index, sayings
from store.database import Transaction
from store.index import DueRow
from store.steps import judge, load, record
from texts.announce import step_taken

TIMER = Author(user="", source=Source.TIMER)
"""Who takes the steps of the ladder: nobody."""


async def bring_up(keeper: Keeper, guard: Guard, now: datetime) -> None:
    """Bring up everything that has fallen due by `now`, the earliest first, each in a transaction of its own.

    An item that a step or changed rules bring forth on the way has its turn in the same tick; each has one turn only.
    """
    tried: set[str] = set()
    while rows := [row for row in await _fallen(keeper, now) if row.key not in tried]:
        for row in rows:
            tried.add(row.key)
            with guard():
                await _bring_up(keeper, row, now)


async def _fallen(keeper: Keeper, now: datetime) -> tuple[DueRow, ...]:
    async with keeper.database.read() as tx:
        return await index.fallen_due(tx, now)


async def _bring_up(keeper: Keeper, row: DueRow, now: datetime) -> None:
    async with keeper.write() as tx:
        if await index.still_due(tx, row.key, now):
            await _take(keeper, tx, row, now)


async def _take(keeper: Keeper, tx: Transaction, row: DueRow, now: datetime) -> None:
    """Take one step, or cancel or move an item that is expected otherwise by now (a rule or the directory has changed since)."""
    case = await load(tx, keeper.vault, row.case)
    rules = await keeper.rules(tx, case)
    items = due_items(case, rules)
    due = next((item for item in items if item.key(case.id) == row.key), None)
    if due is None or due.at > now:
        await index.write_due(tx, case, items, now)
        return
    step = judge(case, (due.taken(now),), TIMER, keeper.moment(now), case.id)
    generation = await sayings.times_said(tx, case.id, "overview")
    effects = step_taken(step.entries[0], step.after, rules, due, generation=generation, organizer=keeper.organizer)
    await record(tx, keeper.vault, rules, step, effects, keeper.moment(now))
    await index.said(tx, row.key, now)
