"""The daily head over all cases, and the proof that nothing is gone (architecture 4).

The chain of a case shows a changed row, but neither a tail that was cut nor a case that was removed with all its rows. A head shows both:
it holds how many rows the journal had, and a hash over the last row of each case among them. It can be computed again at any time, from
its count alone: the journal is append-only and one transaction writes at a time, so the first `count` rows in the order of `position` are
always the same. A receipt therefore proves what it was given for even when the table of heads is lost or forged.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select

from store import journal
from store.database import Transaction
from store.journal import Broken
from store.tables import heads

_RECEIPT = re.compile(r"SAMRUM-HEAD (\d{4}-\d{2}-\d{2}) (\d+) ([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """The journal at one moment of a local `day`: the number of its entries, and the hash over all cases (hex)."""

    day: date
    entries: int
    hash: str


async def note_head(tx: Transaction, day: date, now: datetime) -> Head:
    """Write the head of a day down, once, and return it; a second call returns the first one. `now` is civil time."""
    known = (await tx.execute(select(heads).where(heads.c.day == day.isoformat()))).first()
    if known:
        return Head(day, known.entries, known.hash)
    entries, digest = await journal.head(tx)
    await tx.execute(insert(heads).values(day=day.isoformat(), entries=entries, hash=digest, made=now))
    return Head(day, entries, digest)


async def noted(tx: Transaction) -> tuple[Head, ...]:
    """Return all heads that were written down, the earliest first."""
    rows = (await tx.execute(select(heads).order_by(heads.c.day))).all()
    return tuple(Head(date.fromisoformat(row.day), row.entries, row.hash) for row in rows)


def receipt(head: Head) -> str:
    """Return the line that is posted for others to keep: `SAMRUM-HEAD 2026-09-01 count hash`."""
    return f"SAMRUM-HEAD {head.day.isoformat()} {head.entries} {head.hash}"


def read_receipt(text: str) -> Head:
    """Return the head that a posted line tells, wherever it stands in a text; raise ValueError when there is none."""
    found = _RECEIPT.search(" ".join(text.split()))
    if found is None:
        raise ValueError("a receipt reads SAMRUM-HEAD, a date, a count and a hash")
    return Head(date.fromisoformat(found[1]), int(found[2]), found[3])


async def verify(tx: Transaction, receipts: Iterable[Head] = ()) -> tuple[Broken, ...]:
    """Return everything that is not what it was: rows and chains (`journal.verify`), the heads of the table, and the receipts given.

    A head or receipt that does not hold is a `Broken` without case: `seq` is its count, `what` reads `head <day>` or `receipt <day>`.
    Every key may be gone: nothing is opened.
    """
    said = [("head", head) for head in await noted(tx)] + [("receipt", head) for head in receipts]
    computed = {entries: await journal.head(tx, entries) for entries in {head.entries for _, head in said}}
    wrong = (Broken("", head.entries, f"{what} {head.day}") for what, head in said if computed[head.entries] != (head.entries, head.hash))
    return (*await journal.verify(tx), *wrong)
