"""What is kept about identities that changed and about events whose key is late."""

from datetime import timedelta

from store import changed_identities, inbox, unread
from store.changed_identities import Changed
from store.database import Database
from store.inbox import Kind, Message
from store.keys import Vault
from store.unread import Unread
from tests.store.builders import ANNA, MONDAY, NOOR
from tests.store.telling import MACHINE

LATER = MONDAY + timedelta(hours=1)
FIRST = Unread("$1", "!room:x", ANNA, "megolm", MONDAY)


async def test_a_device_that_vouches_later_changes_nothing_else_of_what_waits(database: Database) -> None:
    async with database.write() as tx:
        await changed_identities.note(tx, {ANNA: "one"}, MONDAY, {ANNA: ("phone",)})
        await changed_identities.note(tx, {}, LATER, {ANNA: ("phone", "tablet"), NOOR: ("laptop",)})

        assert await changed_identities.changed(tx) == {ANNA: Changed("one", MONDAY, ("phone", "tablet"))}


async def test_an_identity_that_changes_again_has_changed_since_then(database: Database) -> None:
    async with database.write() as tx:
        await changed_identities.note(tx, {ANNA: "one", NOOR: ""}, MONDAY)
        await changed_identities.note(tx, {ANNA: "two"}, LATER, {ANNA: ("phone",)})
        await changed_identities.note(tx, {}, LATER)

        assert await changed_identities.changed(tx) == {ANNA: Changed("two", LATER, ("phone",)), NOOR: Changed("", MONDAY)}


async def test_an_accepted_identity_waits_no_longer(database: Database) -> None:
    async with database.write() as tx:
        await changed_identities.note(tx, {ANNA: "one", NOOR: "two"}, MONDAY)
        await changed_identities.settle(tx, ANNA)

        assert await changed_identities.changed(tx) == {NOOR: Changed("two", MONDAY)}


async def test_what_waits_is_found_by_its_key_in_the_order_of_writing(database: Database) -> None:
    second = Unread("$0", "!room:x", ANNA, "megolm", LATER)
    async with database.write() as tx:
        await unread.put(tx, [second, FIRST, Unread("$2", "!room:x", ANNA, "other", MONDAY)], MACHINE)

        assert await unread.under(tx, {"megolm", "unheard"}) == (FIRST, second)
        assert await unread.under(tx, set()) == ()


async def test_what_comes_twice_keeps_when_its_writer_was_first_told(database: Database) -> None:
    async with database.write() as tx:
        await unread.put(tx, [FIRST, FIRST], MACHINE)
        await unread.tell(tx, "$1", MONDAY)
        await unread.tell(tx, "$1", LATER)
        await unread.put(tx, [FIRST], MACHINE)
        found, again = await unread.take(tx, "$1"), await unread.take(tx, "$1")

    assert found is not None
    assert (found.told, again) == (MONDAY, None)


async def test_what_has_waited_for_a_week_is_given_up(database: Database) -> None:
    async with database.write() as tx:
        await unread.put(tx, [FIRST], MACHINE)
        await unread.expire(tx, MACHINE + timedelta(days=7))
        kept = await unread.under(tx, {"megolm"})
        await unread.expire(tx, MACHINE + timedelta(days=7, seconds=1))

        assert kept == (FIRST,)
        assert await unread.under(tx, {"megolm"}) == ()


async def test_only_what_the_same_person_sent_in_the_same_room_later_counts_as_written_since(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await inbox.put(tx, vault, [Message("$m", "!room:x", ANNA, LATER, Kind.MESSAGE, "hej")], MACHINE)
        asked = [(ANNA, "!room:x", MONDAY), (ANNA, "!room:x", LATER), (NOOR, "!room:x", MONDAY), (ANNA, "!other:x", MONDAY)]

        assert [await inbox.wrote_since(tx, *each) for each in asked] == [True, False, False, False]
