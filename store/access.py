"""The access log: each time the bot shows case content to someone, who, for which unit, what, when and why (process 3.15, PDL 4:3)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from store.database import Transaction
from store.tables import access


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a case."""

    at: datetime
    user: str
    unit: str
    case: str
    what: str
    why: str


async def note(tx: Transaction, look: Look) -> None:
    """Write one look down."""
    await tx.execute(insert(access).values(at=look.at, user=look.user, unit=look.unit, case_id=look.case, what=look.what, why=look.why))


async def looks(tx: Transaction, case: str) -> tuple[Look, ...]:
    """Return who has looked at a case, the first first."""
    rows = (await tx.execute(select(access).where(access.c.case_id == case).order_by(access.c.position))).all()
    return tuple(Look(row.at, row.user, row.unit, row.case_id, row.what, row.why) for row in rows)
