"""What could not be read when it came: which room key each event waits for, and whether its writer was told (architecture 8).

Nothing of the content stands here: ids that the homeserver knows too, kept for as long as the inbox keeps what it was told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from store.database import Transaction
from store.inbox import TRANSIT_DAYS
from store.portions import among
from store.tables import unread

TAKE = delete(unread).where(unread.c.event == bindparam("of")).returning(*unread.c)


@dataclass(frozen=True, slots=True)
class Unread:
    """An event that waits for the room key `session`. `sent` and `told` (None while the writer was not told) are civil time."""

    event: str
    room: str
    sender: str
    session: str
    sent: datetime
    told: datetime | None = None


async def put(tx: Transaction, events: Sequence[Unread], now: datetime) -> None:
    """Remember what waits; what is known already stays as it is. `now` is machine time."""
    known = {row.event for row in await among(tx, select(unread.c.event), unread.c.event, [each.event for each in events])}
    new = {each.event: each for each in events if each.event not in known}
    if new:
        await tx.execute(insert(unread), [_row(each, now) for each in new.values()])


def _row(each: Unread, now: datetime) -> dict[str, object]:
    ids = {"event": each.event, "room": each.room, "sender": each.sender, "session": each.session}
    return {**ids, "sent": each.sent, "taken": now, "told": each.told}


async def under(tx: Transaction, sessions: Collection[str]) -> tuple[Unread, ...]:
    """Return what waits for one of these room keys, in the order in which it was written."""
    found = [_unread(row) for row in await among(tx, select(unread), unread.c.session, sessions)]
    return tuple(sorted(found, key=lambda each: (each.sent, each.event)))


def _unread(row: Row[Any]) -> Unread:
    return Unread(row.event, row.room, row.sender, row.session, row.sent, row.told)


async def tell(tx: Transaction, event: str, now: datetime) -> None:
    """Note that the writer was told. `now` is civil time."""
    await tx.execute(update(unread).where(unread.c.event == event, unread.c.told.is_(None)).values(told=now))


async def take(tx: Transaction, event: str) -> Unread | None:
    """Return what was known of an event that can be read now, and forget it; None for one that never waited."""
    row = (await tx.execute(TAKE, {"of": event})).first()
    return _unread(row) if row else None


async def expire(tx: Transaction, now: datetime) -> None:
    """Give up what has waited for seven days: nobody reads it as news any more. `now` is machine time."""
    await tx.execute(delete(unread).where(unread.c.taken < now - timedelta(days=TRANSIT_DAYS)))
