from datetime import timedelta

import pytest

from care.effects import Say, Words, direct
from store import inbox, outbox, outcomes
from store.database import Database
from store.inbox import Kind, Message
from store.keys import Vault, transit_scope
from store.outbox import Envelope
from store.sealing import Unopened
from store.tables import inbox as table
from tests.store.builders import ANNA, MONDAY
from tests.store.telling import GATHER, MACHINE, rows

BOT = "@samrum:almfors.example"


def message(event: str, body: str = "!hjälp") -> Message:
    return Message(event, "!room:x", ANNA, MONDAY, Kind.MESSAGE, body, device="DEV", trusted=True)


async def test_what_came_in_waits_in_its_order_until_it_is_handled(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        assert await inbox.put(tx, vault, [message("$2"), message("$1")], MACHINE) == 2
        assert await inbox.put(tx, vault, [message("$3")], MACHINE) == 1
        await inbox.done(tx, "$2", MACHINE)

        assert await inbox.waiting(tx, vault) == (message("$1"), message("$3"))
        assert await inbox.is_done(tx, "$2")
        assert not await inbox.is_done(tx, "$1")
        assert not await inbox.is_done(tx, "$unknown")


async def test_an_event_that_comes_twice_is_kept_once_as_it_came_first(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await inbox.put(tx, vault, [message("$1"), message("$1", "again")], MACHINE)
        await inbox.done(tx, "$1", MACHINE)

        assert await inbox.put(tx, vault, [message("$1"), message("$2")], MACHINE) == 1
        assert await inbox.waiting(tx, vault) == (message("$2"),)


async def test_nothing_is_nothing_new(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        assert await inbox.put(tx, vault, [], MACHINE) == 0


async def test_what_was_handled_is_wiped(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await inbox.put(tx, vault, [message("$1")], MACHINE)
        await inbox.done(tx, "$1", MACHINE)

        assert [row["payload"] for row in await rows(tx, table)] == [None]


async def test_half_a_surrogate_pair_does_not_stop_the_sync(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await inbox.put(tx, vault, [message("$1", "hej \ud83d")], MACHINE)

        assert await inbox.waiting(tx, vault) == (message("$1", "hej ?"),)


async def test_the_sync_position_is_kept_with_what_came_before_it_or_not_at_all(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await inbox.advance(tx, BOT, "s1", MACHINE)
    async with database.engine.connect() as tx, tx.begin() as transaction:
        await inbox.put(tx, vault, [message("$1")], MACHINE)
        await inbox.advance(tx, BOT, "s2", MACHINE)
        await transaction.rollback()

    async with database.read() as tx:
        assert await inbox.token(tx, BOT) == "s1"
        assert await inbox.waiting(tx, vault) == ()
        assert await inbox.token(tx, "@other:x") is None


async def test_transit_keys_are_destroyed_after_seven_days(database: Database, vault: Vault) -> None:
    scope = transit_scope(MACHINE)
    async with database.write() as tx:
        await inbox.put(tx, vault, [message("$1")], MACHINE)
        await inbox.done(tx, "$1", MACHINE)

        assert await inbox.expire_transit(tx, vault, MACHINE + timedelta(days=7)) == ()
        assert await inbox.expire_transit(tx, vault, MACHINE + timedelta(days=7, seconds=1)) == (scope,)
        with pytest.raises(Unopened):
            await vault.key(tx, scope)


async def test_a_transit_key_outlives_its_days_while_something_is_unread_or_unsent(database: Database, vault: Vault) -> None:
    late = MACHINE + timedelta(days=30)
    scope = transit_scope(MACHINE)
    reply = Say("reply", direct(ANNA), words=Words("Hjälp", "Hjälp"))
    async with database.write() as tx:
        await inbox.put(tx, vault, [message("$1")], MACHINE)
        await outbox.enqueue(tx, vault, [reply], Envelope("", scope, MACHINE, GATHER))
        assert await inbox.expire_transit(tx, vault, late) == ()

        await inbox.done(tx, "$1", late)
        assert await inbox.expire_transit(tx, vault, late) == ()

        (sent,) = await outbox.claim(tx, vault, late, GATHER, 1)
        await outcomes.confirm(tx, sent.id, "$reply", late)
        assert await inbox.expire_transit(tx, vault, late) == (scope,)
        assert await inbox.expire_transit(tx, vault, late) == ()
