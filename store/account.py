"""The bot's account on the homeserver: its device and its token, sealed (scope `matrix`)."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from store import codec, sealing
from store.database import Transaction
from store.keys import Vault
from store.tables import accounts

SCOPE = "matrix"


@dataclass(frozen=True, slots=True)
class Account:
    """Who the bot is on the homeserver."""

    user: str
    device: str
    token: str = field(repr=False)


def _identity(user: str) -> str:
    return sealing.row("accounts", "secrets", user)


async def keep(tx: Transaction, vault: Vault, account: Account, now: datetime) -> None:
    """Keep an account, in place of what was known about it."""
    key = await vault.obtain(tx, SCOPE, now)
    secrets = sealing.seal(key, _identity(account.user), codec.encode(account))
    await tx.execute(delete(accounts).where(accounts.c.user == account.user))
    await tx.execute(insert(accounts).values(user=account.user, secrets=secrets))


async def load(tx: Transaction, vault: Vault, user: str) -> Account | None:
    """Return the account, None if it has not been signed in; raise sealing.Unopened under another KEK."""
    secrets = await tx.scalar(select(accounts.c.secrets).where(accounts.c.user == user))
    if secrets is None:
        return None
    return codec.decode(Account, sealing.unseal(await vault.key(tx, SCOPE), _identity(user), secrets))
