"""Numbers that grow when something changes, so that a process knows when the snapshot that it keeps is an old one."""

from sqlalchemy import bindparam, insert, select, update

from store.database import Transaction
from store.tables import generations

CURRENT = select(generations.c.number).where(generations.c.what == bindparam("of"))


async def current(tx: Transaction, what: str) -> int:
    """Return the number of something, 0 before its first change."""
    number: int | None = await tx.scalar(CURRENT, {"of": what})
    return number or 0


async def grow(tx: Transaction, what: str) -> None:
    """Let the number of something grow."""
    number = await current(tx, what)
    if number:
        await tx.execute(update(generations).where(generations.c.what == what).values(number=number + 1))
    else:
        await tx.execute(insert(generations).values(what=what, number=1))
