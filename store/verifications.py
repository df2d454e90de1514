"""What administrators were asked to compare and never heard the end of, by the keys of what they were told."""

from collections.abc import Collection

from sqlalchemy import select

from store.database import Transaction
from store.tables import outbox

PREFIX, AFTER = "verification:", "verification;"
"""How the keys begin, and the first text that sorts behind all of them."""


async def unended(tx: Transaction, asked: str, ends: Collection[str]) -> tuple[str, ...]:
    """Return which verifications (the middle of their keys: number and transaction) were told to be `asked`, and none of the `ends`.

    Keys without a number, of the days before they had one, do not count.
    """
    query = select(outbox.c.key).where(outbox.c.key >= PREFIX, outbox.c.key < AFTER).order_by(outbox.c.position)
    told = [key.removeprefix(PREFIX).rpartition(":") for key in (await tx.execute(query)).scalars()]
    over = {which for which, _, turn in told if turn in ends}
    numbered = (which for which, _, turn in told if turn == asked and which.partition(":")[0].isdecimal())
    return tuple(which for which in numbered if which not in over)
