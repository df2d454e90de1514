"""Reminders that people asked for: said at their slot if what was put off still waits, to the person alone, once (decision 0033).

One that would repeat what the same tick says to the person in the same place is folded into that. Nothing is said of what no longer waits.
"""

from dataclasses import dataclass
from datetime import datetime

from care.effects import Anchor, PlaceKind, Say
from care.expected import Expected
from care.ringing import staff_may_be_rung
from care.snoozing import Snooze, waiting
from reminders.keeper import Guard, Keeper, is_late
from reminders.ladder import is_over
from store import index, reviews, sayings, seats, snoozes
from store.database import Transaction
from store.steps import load
from texts.announce.ladder import rung_at
from texts.announce.snoozing import of_object, of_review, root_key
from texts.announce.stage import Stage


@dataclass(frozen=True, slots=True)
class _Reminder:
    """What is to be said, and the unit whose hours count."""

    unit: str
    say: Say


async def remind(keeper: Keeper, guard: Guard, now: datetime) -> None:
    """Say the reminders whose slot has come, each in a transaction of its own."""
    async with keeper.database.read() as tx:
        fallen = await snoozes.fallen(tx, now)
    for each in fallen:
        with guard():
            async with keeper.write() as tx:
                await _settle(keeper, tx, each, now)


async def upcoming(keeper: Keeper, now: datetime) -> datetime | None:
    """Return when the next reminder is to be said, None when nobody has asked for one."""
    async with keeper.database.read() as tx:
        return await snoozes.next_at(tx, now)


async def _settle(keeper: Keeper, tx: Transaction, snooze: Snooze, now: datetime) -> None:
    """Say a reminder, or forget it; one that comes late waits until the unit may be rung again."""
    left = await seats.has_left(tx, snooze.place, snooze.user)
    due = None if left else await (_of_case if snooze.case else _of_review)(keeper, tx, snooze, now)
    if due and is_late(snooze.at, now) and not staff_may_be_rung(due.unit, now, await keeper.rules(tx)):
        return
    if await snoozes.take(tx, snooze) and due:
        await keeper.enqueue(tx, (due.say,), snooze.case)


async def _of_case(keeper: Keeper, tx: Transaction, snooze: Snooze, now: datetime) -> _Reminder | None:
    row = await index.row_of(tx, snooze.case)
    if row is None or not row.open:
        return None
    case = await load(tx, keeper.vault, snooze.case)
    rules = await keeper.rules(tx, case)
    waits = waiting(case, snooze.user, snooze.place, rules).get(snooze.object)
    if waits is None or await _rung(tx, snooze, waits, Stage(case, rules, now, "", "")):
        return None
    key = root_key(case, snooze.object)
    thread = Anchor(key=key) if snooze.place.kind is PlaceKind.CASE and await sayings.is_known(tx, key) else None
    return _Reminder(waits.unit, of_object(snooze, case, rules, waits, now, late=is_late(snooze.at, now), thread=thread))


async def _rung(tx: Transaction, snooze: Snooze, waits: Expected, stage: Stage) -> bool:
    """Whether the timer has brought up the very same since, and rung the person for it in the same place."""
    place, rings = rung_at(stage, waits.unit)
    if place != snooze.place or snooze.user not in rings:
        return False
    said = await index.brought_up_since(tx, snooze.case, snooze.object, waits.unit, snooze.at)
    return any(staff_may_be_rung(waits.unit, moment, stage.rules) for moment in said)


async def _of_review(keeper: Keeper, tx: Transaction, snooze: Snooze, now: datetime) -> _Reminder | None:
    unit, rules = snooze.place.id, await keeper.rules(tx)
    review = await reviews.find(tx, unit, snooze.slot) if snooze.slot else None
    newest = await reviews.latest(tx, unit)
    if review is None or newest is None or unit not in rules.directory.units_of(snooze.user) or await is_over(keeper, tx, review):
        return None
    if newest.slot >= snooze.at and snooze.user in rules.directory.ringing(unit) and staff_may_be_rung(unit, newest.slot, rules):
        return None
    say = of_review(snooze, review.slot, rules, now, late=is_late(snooze.at, now), digest=newest.key)
    return _Reminder(unit, say)
