"""What a long outage leaves is more than one statement can hold."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event

from care.effects import Say, Words, case_room
from store import backlog, changed_identities, inbox, names, outbox, rooms, seats, unread
from store.database import Database
from store.inbox import Kind, Message
from store.keys import Vault, transit_scope
from store.names import Named
from store.portions import AT_ONCE, portions
from store.seats import Seat
from store.unread import Unread
from tests.store.builders import ANNA, MONDAY
from tests.store.telling import MACHINE

MANY = 40_000
"""More than SQLite (32 766) and PostgreSQL's protocol (32 767 and 65 535) take in one statement."""


@pytest_asyncio.fixture
async def database(database: Database) -> AsyncIterator[Database]:
    """Set the limit that SQLite has by itself; Debian sets a larger one."""
    if database.sqlite:
        event.listen(database.engine.sync_engine, "connect", _limit)
    yield database


def _limit(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
    async def limit(driver: Any) -> None:  # noqa: ANN401 - as above
        await driver._execute(driver._conn.setlimit, sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)

    connection.run_async(limit)


def test_portions_hold_all_in_order() -> None:
    some = tuple(portions(range(2 * AT_ONCE + 1)))

    assert [len(each) for each in some] == [AT_ONCE, AT_ONCE, 1]
    assert [value for each in some for value in each] == list(range(2 * AT_ONCE + 1))


async def test_more_messages_than_a_statement_holds_are_kept_in_order_and_once(database: Database, vault: Vault) -> None:
    messages = [Message(f"${n}", "!room:x", ANNA, MONDAY, Kind.MESSAGE) for n in range(MANY)]

    async with database.write() as tx:
        first = await inbox.put(tx, vault, [*messages, messages[0]], MACHINE)
        again = await inbox.put(tx, vault, messages, MACHINE)
    async with database.read() as tx:
        kept = await inbox.waiting(tx, vault)

    assert (first, again) == (MANY, 0)
    assert [each.event for each in kept] == [each.event for each in messages]


async def test_a_portion_that_cannot_be_kept_takes_all_others_back(database: Database, vault: Vault) -> None:
    broken = Message("$broken", "!room:x", ANNA, MONDAY.replace(tzinfo=None), Kind.MESSAGE)
    messages = [Message(f"${n}", "!room:x", ANNA, MONDAY, Kind.MESSAGE) for n in range(AT_ONCE)]

    with pytest.raises(Exception, match="aware"):
        async with database.write() as tx:
            await inbox.put(tx, vault, [*messages, broken], MACHINE)

    async with database.read() as tx:
        assert await inbox.waiting(tx, vault) == ()


async def test_more_than_a_statement_holds_may_wait_for_its_keys(database: Database) -> None:
    waits = [Unread(f"${n:05}", "!room:x", ANNA, f"session {n}", MONDAY) for n in range(MANY)]

    async with database.write() as tx:
        await unread.put(tx, [*waits, waits[0]], MACHINE)
        await unread.put(tx, waits, MACHINE)
        found = await unread.under(tx, {each.session for each in waits})

    assert list(found) == waits


async def test_what_waits_is_found_in_the_order_of_writing_across_portions(database: Database) -> None:
    waits = [Unread(f"${n}", "!room:x", ANNA, f"session {n}", MONDAY - timedelta(seconds=n)) for n in range(AT_ONCE + 1)]

    async with database.write() as tx:
        await unread.put(tx, waits, MACHINE)
        found = await unread.under(tx, [each.session for each in waits])

    assert list(found) == waits[::-1]


async def test_more_effects_than_a_statement_holds_are_enqueued_once(database: Database, vault: Vault) -> None:
    effects = [Say(f"key {n}", case_room(f"c{n}"), words=Words("hej", "hej")) for n in range(MANY)]
    envelope = outbox.Envelope("", transit_scope(MACHINE), MACHINE, timedelta())

    async with database.write() as tx:
        for _ in range(2):
            await outbox.enqueue(tx, vault, effects, envelope)
        assert (await backlog.figures(tx)).waiting == MANY


async def test_more_places_and_people_than_a_statement_holds_are_noted(database: Database) -> None:
    places = [case_room(f"c{n}") for n in range(MANY)]

    async with database.write() as tx:
        for turn in (1, 2):
            await names.put(tx, [Named(place, "digest", turn) for place in places])
            await seats.put(tx, [Seat(place, ANNA, invited=True, turn=turn) for place in places])
            await changed_identities.note(tx, {f"@user{n}:x": f"master {turn}" for n in range(MANY)}, MONDAY)
        await rooms.settle(tx, places[0], "!first", MACHINE)

        assert {each.turn for each in (await names.given(tx)).values()} == {2}
        assert {each.turn for each in (await seats.taken(tx)).values()} == {2}
        assert {each.identity for each in (await changed_identities.changed(tx)).values()} == {"master 2"}
        assert await rooms.rooms_of(tx, places) == {places[0]: "!first"}
