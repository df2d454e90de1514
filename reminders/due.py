"""What falls due in a case: each step of the ladder and each reminder becomes one journalled event and its messages, once."""

from datetime import datetime

from care.case import Author, Source
from care.expected import Due, due_items
from care.ladder import StepTaken
from reminders.keeper import Keeper, is_late
from store import index, outbox, people
from store.database import Transaction
from store.index import DueRow
from store.steps import judge, load, record
from texts.announce import step_taken

TIMER = Author(user="", source=Source.TIMER)
"""Who takes the steps of the ladder: nobody."""


async def bring_up(keeper: Keeper, now: datetime) -> int:
    """Bring up everything that has fallen due by `now`, each in a transaction of its own; return how many."""
    taken = 0
    while True:
        async with keeper.database.write() as tx:
            rows = await index.fallen_due(tx, now)
            if not rows:
                return taken
            await _one(keeper, tx, rows[0], now)
        taken += 1


async def _one(keeper: Keeper, tx: Transaction, row: DueRow, now: datetime) -> None:
    """Take one step, or cancel an item that is no longer expected (a rule or the directory has changed since)."""
    case = await load(tx, keeper.vault, row.case)
    rules = await keeper.rules(tx, case)
    items = due_items(case, rules)
    due = next((item for item in items if item.key(case.id) == row.key), None)
    if due is None or due.at > now:
        await index.write_due(tx, case, items, now)
        return
    step = judge(case, (_event(due, now),), TIMER, keeper.moment(now), case.id)
    generation = max(await outbox.times_said(tx, case.id, "overview"), 1)
    effects = step_taken(step.entries[0], step.after, rules, due, generation=generation, organizer=keeper.organizer)
    person = await people.person_of(tx, keeper.vault, case.person.number, case.person.issuer, now)
    await record(tx, keeper.vault, rules, step, effects, keeper.moment(now), person=person)


def _event(due: Due, now: datetime) -> StepTaken:
    late = is_late(due.at, now)
    return StepTaken(due.object, str(due.matter), due.unit, due.step, due.at, due.deadline, late)
