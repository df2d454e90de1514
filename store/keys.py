"""Data keys in the database, wrapped: one per scope, made when first needed, destroyed for good (architecture 4).

Scopes: `case:<id>`, `dialogue:<id>`, `transit:<day>`, `directory`, `person-hash`.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from store import sealing
from store.database import Transaction
from store.shelf import Shelf
from store.tables import keys


def case_scope(case: str) -> str:
    """Return the scope of a case's journal and outbox rows."""
    return f"case:{case}"


def dialogue_scope(dialogue: str) -> str:
    """Return the scope of a form in progress."""
    return f"dialogue:{dialogue}"


def transit_scope(at: datetime) -> str:
    """Return the scope of what passes through on a day (UTC)."""
    return f"transit:{at:%Y-%m-%d}"


DIRECTORY = "directory"
STORED = select(keys.c.wrapped, keys.c.kek).where(keys.c.scope == bindparam("scope"))


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens content with the keys of their scopes. No key is cached: a destroyed one is gone at once.

    `shelf` holds cases that were opened lately; `journal.load` asks for the key before it serves one.
    """

    ring: sealing.Keyring
    shelf: Shelf = field(default_factory=Shelf, repr=False, compare=False)

    async def _stored(self, tx: Transaction, scope: str) -> sealing.DataKey | None:
        row = (await tx.execute(STORED, {"scope": scope})).first()
        if row is None:
            return None
        if row.wrapped is None:
            raise sealing.Unopened
        return self.ring.open(sealing.Wrapped(scope, row.kek, row.wrapped))

    async def key(self, tx: Transaction, scope: str) -> sealing.DataKey:
        """Return the key of a scope; raise sealing.Unopened when there is none, or it was destroyed."""
        key = await self._stored(tx, scope)
        if key is None:
            raise sealing.Unopened
        return key

    async def obtain(self, tx: Transaction, scope: str, now: datetime) -> sealing.DataKey:
        """Return the key of a scope, made if it is the first time; raise sealing.Unopened for a destroyed one."""
        key = await self._stored(tx, scope)
        if key is None:
            key, wrapped = self.ring.new(scope)
            await tx.execute(insert(keys).values(scope=scope, wrapped=wrapped.sealed, kek=wrapped.kek, made=now))
        return key

    async def destroyed(self, tx: Transaction) -> frozenset[str]:
        """Return the scopes whose keys were destroyed; what they sealed is gone for good."""
        return frozenset((await tx.execute(select(keys.c.scope).where(keys.c.wrapped.is_(None)))).scalars())

    async def destroy(self, tx: Transaction, scope: str, now: datetime) -> None:
        """Destroy the key of a scope. What it sealed cannot be opened again once the WAL is truncated (`Database.forget`)."""
        await tx.execute(update(keys).where(keys.c.scope == scope).values(wrapped=None, destroyed=now))

    async def erase(self, tx: Transaction, scope: str) -> None:
        """Destroy the key of a scope and the trace that there was one (a dialogue that ended without a case)."""
        await tx.execute(delete(keys).where(keys.c.scope == scope))

    async def rewrap(self, tx: Transaction) -> int:
        """Wrap every key with the current KEK; return how many were wrapped anew."""
        old = select(keys).where(keys.c.wrapped.is_not(None), keys.c.kek != self.ring.current.id)
        wrapped = [sealing.Wrapped(row.scope, row.kek, row.wrapped) for row in (await tx.execute(old)).all()]
        anew = [{"of": each.scope, "wrapped": each.sealed, "kek": each.kek} for each in map(self.ring.rewrap, wrapped)]
        if anew:
            await tx.execute(update(keys).where(keys.c.scope == bindparam("of")), anew)
        return len(anew)
