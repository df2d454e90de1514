"""The ladder of a missed review: the people on duty at the end of the grace, the enhetschef at the next slot (process 3.0.7).

A review has no case room: step 3 is a mention in the inbox; step 4 goes to the chief's direct room, if the unit has by then reviewed
neither the missed slot nor a later one.
"""

from collections.abc import Iterator
from datetime import datetime

from care.deadlines import chief_at
from care.effects import ADMIN, Effect, Say, direct, inbox
from care.expected import Rules
from care.ladder import Step
from care.reviews import missed_at
from reminders.keeper import Keeper, is_late
from reminders.reviews import review_key
from store import reviews
from store.database import Transaction
from store.reviews import Review
from texts import digest as words


async def climb(keeper: Keeper, now: datetime) -> datetime | None:
    """Take the steps of all missed reviews that have fallen due; return when the next one does, None if no review is open."""
    async with keeper.database.read() as tx:
        found = [(review, await reviews.reviewed_since(tx, review.unit, review.slot)) for review in await reviews.unreviewed(tx)]
        rules = await keeper.rules(tx)
    moments: list[datetime] = []
    for review, settled in found:
        climbing = _Climb(review, rules)
        if settled:
            async with keeper.database.write() as tx:
                await reviews.mark_raised(tx, review, now)
            continue
        if (review.nudged is None and climbing.missed <= now) or climbing.chief_at <= now:
            async with keeper.database.write() as tx:
                await _take(keeper, tx, climbing, now)
        moments += [moment for moment in (climbing.missed, climbing.chief_at) if moment > now]
    return min(moments, default=None)


class _Climb:
    """A missed review and the instants of its steps."""

    def __init__(self, review: Review, rules: Rules) -> None:
        self.review = review
        self.rules = rules
        self.missed = missed_at(review.slot, rules.profile.review_grace.length)
        self.chief_at = chief_at(self.missed, rules.profile)


async def _take(keeper: Keeper, tx: Transaction, climbing: _Climb, now: datetime) -> None:
    review, rules = climbing.review, climbing.rules
    if review.nudged is None:
        await keeper.enqueue(tx, (_nudge(review, rules, climbing.missed, now),))
        await reviews.mark_nudged(tx, review, now)
    if climbing.chief_at <= now:
        await keeper.enqueue(tx, tuple(_chiefs(review, rules, climbing.chief_at, now)))
        await reviews.mark_raised(tx, review, now)


def _nudge(review: Review, rules: Rules, missed: datetime, now: datetime) -> Say:
    text = words.nudge(review.unit, review.slot, now, rules.directory, late=is_late(missed, now))
    key = review_key(review.unit, review.slot, int(Step.MISSED), review.unit)
    return Say(key, inbox(review.unit), words=text, rings=rules.directory.ringing(review.unit), urgent=True)


def _chiefs(review: Review, rules: Rules, at: datetime, now: datetime) -> Iterator[Effect]:
    text = words.chief(review.unit, review.slot, now, rules.directory, late=is_late(at, now))
    chiefs = rules.directory.answerable(review.unit)
    for user in chiefs:
        yield Say(review_key(review.unit, review.slot, int(Step.CHIEF), user), direct(user), words=text, rings=(user,), urgent=True)
    if not chiefs:
        key = review_key(review.unit, review.slot, int(Step.CHIEF), "admin")
        yield Say(key, ADMIN, words=text, rings=rules.directory.administrators(), urgent=True)
