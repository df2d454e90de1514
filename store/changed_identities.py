"""Whose identity is another than the pinned one, until an administrator accepts it (architecture 5).

The edge knows the keys; here stands only what a command must be able to check and to show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from store.database import Transaction
from store.portions import portions
from store.tables import changed_identities


@dataclass(frozen=True, slots=True)
class Changed:
    """An identity that waits to be accepted: its public master key ("" for one that vanished), and since when (civil time)."""

    identity: str
    since: datetime


async def note(tx: Transaction, identities: Mapping[str, str], since: datetime) -> None:
    """Remember which identities people changed to; who changes again has changed since then. `since` is civil time."""
    for users in portions(sorted(identities)):
        await tx.execute(delete(changed_identities).where(changed_identities.c.user.in_(users)))
        rows = [{"user": user, "identity": identities[user], "since": since} for user in users]
        await tx.execute(insert(changed_identities), rows)


async def changed(tx: Transaction) -> dict[str, Changed]:
    """Return whose identity waits to be accepted."""
    return {row.user: Changed(row.identity, row.since) for row in (await tx.execute(select(changed_identities))).all()}


async def settle(tx: Transaction, user: str) -> None:
    """Note that a person's present identity is accepted."""
    await tx.execute(delete(changed_identities).where(changed_identities.c.user == user))
