"""Who the bot is to other people's clients: the secret seeds of its cross-signing keys, sealed (scope `matrix`).

They lie apart from the account, which is replaced at each sign-in: an identity outlives tokens and devices (matrix 3.1).
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from store import codec, sealing
from store.account import SCOPE
from store.database import Transaction
from store.keys import Vault
from store.tables import identities


@dataclass(frozen=True, slots=True)
class Seeds:
    """The three secret keys of an identity, 32 bytes each."""

    master: bytes = field(repr=False)
    self_signing: bytes = field(repr=False)
    user_signing: bytes = field(repr=False)


def _identity(user: str) -> str:
    return sealing.row("identities", "seeds", user)


async def keep(tx: Transaction, vault: Vault, user: str, seeds: Seeds, now: datetime) -> None:
    """Keep the seeds of a user's identity, in place of those that were known."""
    key = await vault.obtain(tx, SCOPE, now)
    sealed = sealing.seal(key, _identity(user), codec.encode(seeds))
    await tx.execute(delete(identities).where(identities.c.user == user))
    await tx.execute(insert(identities).values(user=user, seeds=sealed))


async def load(tx: Transaction, vault: Vault, user: str) -> Seeds | None:
    """Return the seeds, None if there are none; raise sealing.Unopened under another KEK."""
    sealed = await tx.scalar(select(identities.c.seeds).where(identities.c.user == user))
    if sealed is None:
        return None
    return codec.decode(Seeds, sealing.unseal(await vault.key(tx, SCOPE), _identity(user), sealed))
