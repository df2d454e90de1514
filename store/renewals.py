"""Under which transaction id an outbox row is tried (matrix 5, point 4).

At first it is the row's own. When the homeserver may have forgotten it and the room does not hold the message, the row goes on under a new
one, which is committed before it is used: a crash in between repeats with the same new id.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update

from store.database import Transaction
from store.tables import renewals

MARK = ":t"
"""Stands between the row and the number of the new id; the ids of reactions have another."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The trials of a row: the number of the present one, 0 for the first, and since when it goes on (machine time)."""

    row: str
    turn: int
    since: datetime

    @property
    def txn(self) -> str:
        """The transaction id to send with."""
        return self.txns[-1]

    @property
    def txns(self) -> tuple[str, ...]:
        """All ids that the row was tried under, the present one last."""
        return (self.row, *(f"{self.row}{MARK}{number}" for number in range(1, self.turn + 1)))


def row_of(txn: str) -> str:
    """Return the outbox row of a transaction id."""
    row, mark, turn = txn.rpartition(MARK)
    return row if mark and turn.isdecimal() else txn


async def renew(tx: Transaction, present: Trial, now: datetime) -> Trial:
    """Begin the next trial of a row."""
    following = Trial(present.row, present.turn + 1, now)
    values = {"turn": following.turn, "since": now}
    if present.turn:
        await tx.execute(update(renewals).where(renewals.c.id == present.row).values(**values))
    else:
        await tx.execute(insert(renewals).values(id=present.row, **values))
    return following
