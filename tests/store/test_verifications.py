"""Which comparisons nobody ever heard the end of."""

from datetime import timedelta

from care.effects import ADMIN, Say, Words
from store import outbox, verifications
from store.database import Database
from store.keys import Vault
from store.outbox import Envelope
from tests.store.telling import MACHINE


async def told(database: Database, vault: Vault, *keys: str) -> None:
    said = [Say(key, ADMIN, words=Words("x", "x")) for key in keys]
    async with database.write() as tx:
        await outbox.enqueue(tx, vault, said, Envelope("", "transit:2026-08-31", MACHINE, timedelta()))


async def test_what_was_asked_and_not_ended_is_named_in_its_order(database: Database, vault: Vault) -> None:
    await told(database, vault, "verification:417:$b:x:compare", "verification:200:$a:compare", "verification:300:$c:compare")
    await told(database, vault, "verification:300:$c:cancelled", "verification:gone:aa", "verificationx:1:$z:compare", "other:1:$y:compare")
    await told(database, vault, "verification:$before-there-were-numbers:compare")

    async with database.read() as tx:
        found = await verifications.unended(tx, "compare", {"verified", "cancelled"})

    assert found == ("417:$b:x", "200:$a")
