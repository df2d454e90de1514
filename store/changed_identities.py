"""Whose identity is another than the pinned one, until an administrator accepts it (architecture 5).

The edge knows the keys; here stands only what a command must be able to check and to show.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select

from store.database import Transaction
from store.tables import changed_identities


async def note(tx: Transaction, users: Collection[str], since: datetime) -> None:
    """Remember that identities changed; one that changes again has changed since then. `since` is civil time."""
    if users:
        await tx.execute(delete(changed_identities).where(changed_identities.c.user.in_(users)))
        await tx.execute(insert(changed_identities), [{"user": user, "since": since} for user in sorted(users)])


async def changed(tx: Transaction) -> dict[str, datetime]:
    """Return whose identity waits to be accepted, and since when."""
    return {row.user: row.since for row in (await tx.execute(select(changed_identities))).all()}


async def settle(tx: Transaction, user: str) -> None:
    """Note that a person's present identity is accepted."""
    await tx.execute(delete(changed_identities).where(changed_identities.c.user == user))
