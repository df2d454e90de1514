"""What was said outside hours, and therefore silently, rings as soon as hours begin, if it is still undone (process 3.0.7).

A unit is rung by its next review, which has the same rows; a chief has no review. So it is the steps of chiefs that are looked for here:
they are derived from what was said when, and nothing more is kept.
"""

from datetime import datetime, timedelta

from care.expected import Rules, due_items
from care.ladder import Step
from care.ringing import chief_may_be_rung
from reminders.keeper import Guard, Keeper
from reminders.ladder import again_key, chiefs_again, is_over
from store import index, reviews, sayings
from store.database import Transaction
from store.index import SaidRow
from store.reviews import Review
from store.steps import load
from texts.announce.ladder import AGAIN, chief_again

LOOK_BACK = timedelta(days=7)
"""How far back a silent step is looked for: longer than any row of days on which nobody may be rung."""


async def ring_again(keeper: Keeper, guard: Guard, now: datetime) -> None:
    """Ring the chiefs whose hours have begun since they were told silently."""
    async with keeper.database.read() as tx:
        rules = await keeper.rules(tx)
        steps = await index.said_since(tx, Step.CHIEF, now - LOOK_BACK)
        waiting = [step for step in steps if await _waits(tx, rules, step.unit, step.said, now, f"{AGAIN}{step.key}:")]
        ladders = [(review, review.raised) for review in await reviews.raised_since(tx, now - LOOK_BACK) if review.raised]
        unread = [review for review, raised in ladders if await _waits(tx, rules, review.unit, raised, now, again_key(review, ""))]
    for step in waiting:
        with guard():
            await _ring_for_step(keeper, step, now)
    for review in unread:
        with guard():
            await _ring_for_review(keeper, review, rules, now)


async def _waits(tx: Transaction, rules: Rules, unit: str, said: datetime, now: datetime, prefix: str) -> bool:
    """Whether a chief was told silently, may be rung by now and has not been."""
    due = not chief_may_be_rung(unit, said, rules) and chief_may_be_rung(unit, now, rules)
    return due and not await sayings.is_known_under(tx, prefix)


async def _ring_for_step(keeper: Keeper, step: SaidRow, now: datetime) -> None:
    async with keeper.database.read() as tx:
        case = await load(tx, keeper.vault, step.case)
        rules = await keeper.rules(tx, case)
    due = next((item for item in due_items(case, rules) if item.key(case.id) == step.key), None)
    if due is not None:
        async with keeper.write() as tx:
            await keeper.enqueue(tx, chief_again(case, rules, due, due.taken(now), now), case.id)


async def _ring_for_review(keeper: Keeper, review: Review, rules: Rules, now: datetime) -> None:
    async with keeper.database.read() as tx:
        over = await is_over(keeper, tx, review)
    if not over:
        async with keeper.write() as tx:
            await keeper.enqueue(tx, chiefs_again(review, rules, now))
