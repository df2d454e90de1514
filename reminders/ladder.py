"""The ladder of a missed review: the people on duty at the end of the grace, the enhetschef at the next slot (process 3.0.7).

A review has no case room: step 3 is a mention in the inbox; step 4 goes to the chief's direct room, if the unit has by then reviewed
neither the missed slot nor a later one, and not done all its rows either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from care.clock import local
from care.deadlines import chief_at
from care.effects import ADMIN, Effect, Say, direct, inbox
from care.expected import Rules
from care.ladder import Step
from care.profile import Profile
from care.reviews import label, missed_at
from care.ringing import chief_may_be_rung, staff_may_be_rung
from reminders.keeper import Guard, Keeper, is_late
from reminders.rows import progress
from store import reviews
from store.database import Transaction
from store.reviews import Review
from texts import digest as words


@dataclass(frozen=True, slots=True)
class Steps:
    """The instants of the two steps of a review that is not done."""

    missed: datetime
    chief: datetime


def review_key(unit: str, slot: datetime, step: int, recipient: str) -> str:
    """Return what makes a message about a review happen once: `review:{unit}:{date}:{slot}:{step}:{recipient}` (architecture 3)."""
    return f"review:{unit}:{local(slot).date()}:{label(slot)}:{step}:{recipient}"


def again_key(review: Review, recipient: str) -> str:
    """Return the key of the message that rings a chief who was told silently."""
    return f"again:{review_key(review.unit, review.slot, Step.CHIEF, recipient)}"


def steps(slot: datetime, profile: Profile) -> Steps:
    """Return when the steps of a review fall due: at the end of its grace, and at the first slot after that."""
    missed = missed_at(slot, profile.review_grace.length)
    return Steps(missed, chief_at(missed, profile))


async def climb(keeper: Keeper, guard: Guard, now: datetime) -> None:
    """Take the steps of all missed reviews that have fallen due, those of the earliest slot first."""
    async with keeper.database.read() as tx:
        found = [review for review in await reviews.unreviewed(tx) if _is_due(review, steps(review.slot, keeper.profile), now)]
    for review in found:
        with guard():
            async with keeper.write() as tx:
                await _climb(keeper, tx, review, now)


async def upcoming(keeper: Keeper, now: datetime) -> datetime | None:
    """Return when the next step of a review falls due, None if no review is open."""
    async with keeper.database.read() as tx:
        slots = {review.slot for review in await reviews.unreviewed(tx)}
    found = [each for slot in slots for each in (steps(slot, keeper.profile).missed, steps(slot, keeper.profile).chief)]
    return min((moment for moment in found if moment > now), default=None)


def _is_due(review: Review, at: Steps, now: datetime) -> bool:
    return at.chief <= now or (review.nudged is None and at.missed <= now)


async def _climb(keeper: Keeper, tx: Transaction, known: Review, now: datetime) -> None:
    review = await reviews.find(tx, known.unit, known.slot)
    if review is None or review.reviewed or review.raised:
        return
    if await is_over(keeper, tx, review):
        await reviews.mark_raised(tx, review, now)
        return
    at, rules = steps(review.slot, keeper.profile), await keeper.rules(tx)
    if review.nudged is None:
        await keeper.enqueue(tx, (_nudge(review, rules, at.missed, now),))
        await reviews.mark_nudged(tx, review, now)
    if at.chief <= now:
        await keeper.enqueue(tx, tuple(_chiefs(review, rules, at.chief, now)))
        await reviews.mark_raised(tx, review, now)


async def is_over(keeper: Keeper, tx: Transaction, review: Review) -> bool:
    """Whether the ladder of a review has nothing left to say: it or a later one is done, or all its rows are."""
    if await reviews.reviewed_since(tx, review.unit, review.slot):
        return True
    return len((await progress(keeper, tx, review)).done) == len(review.rows)


def _nudge(review: Review, rules: Rules, at: datetime, now: datetime) -> Say:
    text = words.nudge(review.unit, review.slot, at, rules.directory, late=is_late(at, now))
    key = review_key(review.unit, review.slot, Step.MISSED, review.unit)
    rings = rules.directory.ringing(review.unit) if staff_may_be_rung(review.unit, now, rules) else ()
    return Say(key, inbox(review.unit), words=text, rings=rings, urgent=True)


def chiefs_again(review: Review, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    """Return what rings the chief of a review that was missed outside hours."""
    return tuple(_chiefs(review, rules, steps(review.slot, rules.profile).chief, now, again=True))


def _chiefs(review: Review, rules: Rules, at: datetime, now: datetime, *, again: bool = False) -> Iterator[Effect]:
    spoken = rules.directory.spoken
    text = partial(words.chief, review.unit, review.slot, at, rules.directory, late=is_late(at, now))
    may = chief_may_be_rung(review.unit, now, rules)
    chiefs = rules.directory.answerable(review.unit)
    for user in chiefs:
        yield Say(
            _chief_key(review, user, again=again),
            direct(user),
            words=text(language=spoken.to(user)),
            rings=(user,) if may else (),
            urgent=True,
        )
    if not chiefs:
        rings = rules.directory.administrators() if may else ()
        yield Say(_chief_key(review, "admin", again=again), ADMIN, words=text(language=spoken.rooms), rings=rings, urgent=True)


def _chief_key(review: Review, recipient: str, *, again: bool) -> str:
    return again_key(review, recipient) if again else review_key(review.unit, review.slot, Step.CHIEF, recipient)
