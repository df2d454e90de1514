"""Who wants to be reminded of what, and when (commands 4). A row is gone as soon as it was said, taken back, or nothing was left to say.

Ids alone stand here, in clear as in the index: who, where, which object of which case.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select

from care.effects import Place, place
from care.snoozing import Snooze
from store.database import Transaction
from store.tables import snoozes


async def put(tx: Transaction, snooze: Snooze) -> bool:
    """Keep the one reminder of a person and a subject; return whether there was none yet for that time and place.

    What is typed leaves the tap of the earlier one in force: removing it still takes the reminder back.
    """
    row = (await tx.execute(delete(snoozes).where(_same(snooze)).returning(*snoozes.c))).first()
    known = _snooze(row) if row else None
    tap = snooze.tap or (known.tap if known else "")
    await tx.execute(insert(snoozes).values(_values(replace(snooze, tap=tap))))
    return known is None or (known.at, known.place) != (snooze.at, snooze.place)


async def take(tx: Transaction, snooze: Snooze) -> bool:
    """Forget a reminder for good; return False for one that was said, taken back or moved meanwhile: whoever takes it says so."""
    return (await tx.execute(delete(snoozes).where(_same(snooze), snoozes.c.at == snooze.at))).rowcount > 0


async def tapped(tx: Transaction, user: str, tap: str) -> Snooze | None:
    """Return the reminder that a person's tap asked for, None for any other event."""
    row = (await tx.execute(select(snoozes).where(snoozes.c.user == user, snoozes.c.tap == tap))).first()
    return _snooze(row) if row else None


async def of_person(tx: Transaction, user: str, where: Place) -> tuple[Snooze, ...]:
    """Return the reminders of a person in a place, in the order of their subjects."""
    query = select(snoozes).where(snoozes.c.user == user, snoozes.c.place == str(where)).order_by(snoozes.c.subject)
    return tuple(_snooze(row) for row in (await tx.execute(query)).all())


async def fallen(tx: Transaction, now: datetime) -> tuple[Snooze, ...]:
    """Return the reminders whose time has come, the earliest first."""
    query = select(snoozes).where(snoozes.c.at <= now).order_by(snoozes.c.at, snoozes.c.subject, snoozes.c.user)
    return tuple(_snooze(row) for row in (await tx.execute(query)).all())


async def next_at(tx: Transaction, now: datetime) -> datetime | None:
    """Return when the next reminder after `now` is to be said, None when there is none."""
    found: datetime | None = await tx.scalar(select(func.min(snoozes.c.at)).where(snoozes.c.at > now))
    return found


def _same(snooze: Snooze) -> ColumnElement[bool]:
    return (snoozes.c.user == snooze.user) & (snoozes.c.subject == snooze.subject)


def _values(snooze: Snooze) -> dict[str, object]:
    ids = {"user": snooze.user, "subject": snooze.subject, "place": str(snooze.place), "case_id": snooze.case, "object": snooze.object}
    return {**ids, "slot": snooze.slot, "message": snooze.message, "tap": snooze.tap, "at": snooze.at}


def _snooze(row: Row[Any]) -> Snooze:
    return Snooze(row.user, place(row.place), row.at, row.message, row.case_id, row.object, row.slot, row.tap)
