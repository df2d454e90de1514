"""What was said to which unit at which review slot, who reviewed it, and how far its ladder has come (process 3.0.5, 3.0.7)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row as Selected
from sqlalchemy import func, insert, select, update

from store.database import Transaction
from store.tables import reviews

Row = tuple[str, ...]
"""A numbered digest row: case id, object, matter, and how it is shown (section, until, case name); nothing about a person."""


@dataclass(frozen=True, slots=True)
class Review:
    """A unit's review at a slot. `state`: said, folded into a later one, or empty (nothing waited, which counts as reviewed)."""

    unit: str
    slot: datetime
    state: str
    rows: tuple[Row, ...]
    key: str
    reviewed: datetime | None = None
    reviewer: str = ""
    nudged: datetime | None = None
    raised: datetime | None = None


async def write(tx: Transaction, review: Review) -> None:
    """Keep a review slot, once."""
    values = {"state": review.state, "rows": json.dumps(review.rows), "key": review.key}
    looked = {"reviewed": review.reviewed, "reviewer": review.reviewer or None, "nudged": review.nudged, "raised": review.raised}
    await tx.execute(insert(reviews).values(unit=review.unit, slot=review.slot, **values, **looked))


async def last_slots(tx: Transaction) -> dict[str, datetime]:
    """Return the latest slot of each unit that has had a review."""
    rows = (await tx.execute(select(reviews.c.unit, func.max(reviews.c.slot).label("slot")).group_by(reviews.c.unit))).all()
    return {row.unit: row.slot for row in rows}


async def latest(tx: Transaction, unit: str) -> Review | None:
    """Return a unit's latest digest that was said with rows."""
    query = select(reviews).where(reviews.c.unit == unit, reviews.c.state == "said").order_by(reviews.c.slot.desc()).limit(1)
    row = (await tx.execute(query)).first()
    return _review(row) if row else None


async def said_since(tx: Transaction, instant: datetime) -> tuple[Review, ...]:
    """Return the digests with rows that were said for slots after an instant, the earliest first."""
    query = select(reviews).where(reviews.c.state == "said", reviews.c.slot > instant).order_by(reviews.c.slot, reviews.c.unit)
    return tuple(_review(row) for row in (await tx.execute(query)).all())


async def by_key(tx: Transaction, key: str) -> Review | None:
    """Return the review that was said under an outbox key."""
    row = (await tx.execute(select(reviews).where(reviews.c.key == key))).first()
    return _review(row) if row else None


async def unreviewed(tx: Transaction) -> tuple[Review, ...]:
    """Return the digests that were said and not reviewed, whose ladder has not ended, the earliest first."""
    where = (reviews.c.state == "said") & reviews.c.reviewed.is_(None) & reviews.c.raised.is_(None)
    return tuple(_review(row) for row in (await tx.execute(select(reviews).where(where).order_by(reviews.c.slot))).all())


async def reviewed_since(tx: Transaction, unit: str, slot: datetime) -> bool:
    """Whether a unit has reviewed a slot or a later one (process 3.0.7)."""
    where = (reviews.c.unit == unit) & (reviews.c.slot >= slot) & reviews.c.reviewed.is_not(None)
    return await tx.scalar(select(reviews.c.slot).where(where).limit(1)) is not None


async def mark_reviewed(tx: Transaction, review: Review, user: str, now: datetime) -> None:
    """Note that a unit has gone through a digest; the first time counts."""
    where = (reviews.c.unit == review.unit) & (reviews.c.slot == review.slot) & reviews.c.reviewed.is_(None)
    await tx.execute(update(reviews).where(where).values(reviewed=now, reviewer=user))


async def mark_nudged(tx: Transaction, review: Review, now: datetime) -> None:
    """Note that the people on duty were mentioned (ladder step 3)."""
    where = (reviews.c.unit == review.unit) & (reviews.c.slot == review.slot)
    await tx.execute(update(reviews).where(where).values(nudged=now))


async def mark_raised(tx: Transaction, review: Review, now: datetime) -> None:
    """Note that the ladder of a review has ended: the chief was told, or a later review made that needless (step 4)."""
    where = (reviews.c.unit == review.unit) & (reviews.c.slot == review.slot)
    await tx.execute(update(reviews).where(where).values(raised=now))


def _review(row: Selected[Any]) -> Review:
    rows = tuple(tuple(each) for each in json.loads(row.rows))
    return Review(row.unit, row.slot, row.state, rows, row.key, row.reviewed, row.reviewer or "", row.nudged, row.raised)
