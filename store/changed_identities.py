"""Whose identity is another than the pinned one, until an administrator accepts it (architecture 5).

The edge knows the keys; here stands only what a command must be able to check and to show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import bindparam, delete, insert, select, update

from store.database import Transaction
from store.portions import portions
from store.tables import changed_identities


@dataclass(frozen=True, slots=True)
class Changed:
    """An identity that waits to be accepted: its public master key ("" for one that vanished), and since when (civil time).

    `vouching` are the public keys of the person's devices that vouch for it.
    """

    identity: str
    since: datetime
    vouching: tuple[str, ...] = ()


async def note(
    tx: Transaction, identities: Mapping[str, str], since: datetime, vouching: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> None:
    """Remember which identities people changed to; who changes again has changed since then. `since` is civil time.

    `vouching` are the keys of the devices that vouch for these identities, and for those that wait already.
    """
    for users in portions(sorted(identities)):
        await tx.execute(delete(changed_identities).where(changed_identities.c.user.in_(users)))
        rows = [{"user": u, "identity": identities[u], "since": since, "vouching": " ".join(vouching.get(u, ()))} for u in users]
        await tx.execute(insert(changed_identities), rows)
    later = [{"who": user, "keys": " ".join(keys)} for user, keys in sorted(vouching.items()) if user not in identities]
    if later:
        waiting = changed_identities.c.user == bindparam("who")
        await tx.execute(update(changed_identities).where(waiting).values(vouching=bindparam("keys")), later)


async def changed(tx: Transaction) -> dict[str, Changed]:
    """Return whose identity waits to be accepted."""
    rows = (await tx.execute(select(changed_identities))).all()
    return {row.user: Changed(row.identity, row.since, tuple(row.vouching.split())) for row in rows}


async def settle(tx: Transaction, user: str) -> None:
    """Note that a person's present identity is accepted."""
    await tx.execute(delete(changed_identities).where(changed_identities.c.user == user))
