"""Counts by day of what leaves no other trace: openings that were stopped (process 3.1: "nothing stored except a count")."""

from datetime import date

from sqlalchemy import insert, update

from store.database import Transaction
from store.tables import counts


async def add(tx: Transaction, day: date, what: str) -> None:
    """Count one more of something on a day."""
    where = (counts.c.day == day.isoformat()) & (counts.c.what == what)
    if (await tx.execute(update(counts).where(where).values(number=counts.c.number + 1))).rowcount == 0:
        await tx.execute(insert(counts).values(day=day.isoformat(), what=what, number=1))
