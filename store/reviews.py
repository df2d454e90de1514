"""What was said to which unit at which review slot, who reviewed it, and how far its ladder has come (process 3.0.5, 3.0.7)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row as Selected
from sqlalchemy import bindparam, func, insert, select, update

from store.database import Transaction
from store.tables import reviews, units

Row = tuple[str, ...]
"""A numbered digest row: case id, object, matter, and how it is shown (section, until, case name, whose turn); nothing about a person."""

OF_UNIT = reviews.c.unit == bindparam("of")
LATEST = select(reviews).where(OF_UNIT, reviews.c.state == "said").order_by(reviews.c.slot.desc()).limit(1)
LAST_SLOT = select(func.max(reviews.c.slot)).where(OF_UNIT)
WRITE = insert(reviews)


@dataclass(frozen=True, slots=True)
class Review:
    """A unit's review at a slot. `state`: said, folded into a later one, or empty (nothing waited, which counts as reviewed).

    `late`, `folded` (earlier slots in it) and `rest` (open cases without a row) are what it said besides its rows.
    """

    unit: str
    slot: datetime
    state: str
    rows: tuple[Row, ...]
    key: str
    reviewed: datetime | None = None
    reviewer: str = ""
    nudged: datetime | None = None
    raised: datetime | None = None
    late: bool = False
    folded: tuple[datetime, ...] = ()
    rest: int = 0


async def write(tx: Transaction, review: Review) -> None:
    """Keep a review slot, once."""
    shown = {"rows": review.rows, "late": review.late, "folded": [slot.isoformat() for slot in review.folded], "rest": review.rest}
    values = {"state": review.state, "rows": json.dumps(shown), "key": review.key}
    looked = {"reviewed": review.reviewed, "reviewer": review.reviewer or None, "nudged": review.nudged, "raised": review.raised}
    await tx.execute(WRITE, {"unit": review.unit, "slot": review.slot, **values, **looked})


async def last_slots(tx: Transaction) -> dict[str, datetime]:
    """Return the latest slot of each unit of the directory that has had a review."""
    last = select(func.max(reviews.c.slot)).where(reviews.c.unit == units.c.id).scalar_subquery()
    rows = (await tx.execute(select(units.c.id, last.label("slot")))).all()
    return {row.id: row.slot for row in rows if row.slot}


async def last_slot(tx: Transaction, unit: str) -> datetime | None:
    """Return the latest slot at which a unit has had a review, None before the first."""
    found: datetime | None = await tx.scalar(LAST_SLOT, {"of": unit})
    return found


async def find(tx: Transaction, unit: str, slot: datetime) -> Review | None:
    """Return the review of a unit at a slot."""
    row = (await tx.execute(select(reviews).where(reviews.c.unit == unit, reviews.c.slot == slot))).first()
    return _review(row) if row else None


async def latest(tx: Transaction, unit: str) -> Review | None:
    """Return a unit's latest digest that was said with rows."""
    row = (await tx.execute(LATEST, {"of": unit})).first()
    return _review(row) if row else None


async def said_since(tx: Transaction, instant: datetime) -> tuple[Review, ...]:
    """Return the digests with rows that were said for slots after an instant, the earliest first."""
    query = select(reviews).where(reviews.c.state == "said", reviews.c.slot > instant).order_by(reviews.c.slot, reviews.c.unit)
    return tuple(_review(row) for row in (await tx.execute(query)).all())


async def by_key(tx: Transaction, key: str) -> Review | None:
    """Return the review that was said under an outbox key."""
    row = (await tx.execute(select(reviews).where(reviews.c.key == key))).first()
    return _review(row) if row else None


async def told_by(tx: Transaction, key: str) -> Review | None:
    """Return the review that a message under an outbox key is about: its digest, or what mentions the unit again when it was missed."""
    slot, _, unit = key.rsplit(":", 2)
    return await by_key(tx, key) or await by_key(tx, f"{slot}:1:{unit}")


async def unreviewed(tx: Transaction) -> tuple[Review, ...]:
    """Return the digests that were said and not reviewed, whose ladder has not ended, the earliest first."""
    where = (reviews.c.state == "said") & reviews.c.reviewed.is_(None) & reviews.c.raised.is_(None)
    return tuple(_review(row) for row in (await tx.execute(select(reviews).where(where).order_by(reviews.c.slot))).all())


async def raised_since(tx: Transaction, instant: datetime) -> tuple[Review, ...]:
    """Return the digests of slots after an instant that nobody has reviewed and whose ladder has ended, the earliest first."""
    where = (reviews.c.state == "said") & (reviews.c.slot > instant) & reviews.c.reviewed.is_(None) & reviews.c.raised.is_not(None)
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
    shown = json.loads(row.rows)
    return Review(
        unit=row.unit,
        slot=row.slot,
        state=row.state,
        rows=tuple(tuple(each) for each in shown["rows"]),
        key=row.key,
        reviewed=row.reviewed,
        reviewer=row.reviewer or "",
        nudged=row.nudged,
        raised=row.raised,
        late=shown["late"],
        folded=tuple(datetime.fromisoformat(slot) for slot in shown["folded"]),
        rest=shown["rest"],
    )
