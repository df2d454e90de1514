"""How much of the outbox waits, and since when. Times here are machine time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from store.database import Transaction
from store.tables import outbox


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is on its way, how much has failed for good, and since when the oldest waits."""

    waiting: int
    parked: int
    oldest: datetime | None


async def figures(tx: Transaction) -> Backlog:
    """Return how much is waiting and how much was given up."""
    query = select(outbox.c.state, func.count(), func.min(outbox.c.made)).group_by(outbox.c.state)
    found = {state: (number, oldest) for state, number, oldest in (await tx.execute(query)).all()}
    waiting, oldest = found.get("waiting", (0, None))
    return Backlog(waiting, found.get("parked", (0, None))[0], oldest)


async def wave(tx: Transaction, kinds: Collection[str], now: datetime) -> tuple[int, datetime | None]:
    """Return how many rows of these kinds wait for nothing but their turn, and since when the oldest does."""
    due = (outbox.c.state == "waiting") & (outbox.c.not_before <= now) & outbox.c.kind.in_(kinds)
    number, oldest = (await tx.execute(select(func.count(), func.min(outbox.c.made)).where(due))).one()
    return number, oldest
