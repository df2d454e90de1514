"""Whom a case is about, as far as the indexes may know: a keyed hash, never the number (architecture 4)."""

from datetime import datetime

from store import sealing
from store.database import Transaction
from store.keys import Vault


async def person_of(tx: Transaction, vault: Vault, number: str, issuer: str, now: datetime) -> str:
    """Return the hash, in hex, of 12 digits (`issuer` "") or of a reservnummer with the huvudman that issued it.

    Raises ValueError for a number of another form. `now` dates the key when this is the first person.
    """
    key = await vault.obtain(tx, sealing.PERSON_HASH, now)
    return sealing.person_hash(key, number, issuer).hex()
