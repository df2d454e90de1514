import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from care.case import Status
from care.effects import case_room, inbox
from store import index, matrix_keys, portions, rooms
from store.database import Database
from store.keys import Vault
from store.matrix_keys import Slot
from store.sealing import Keyring, Unopened, kek
from tests.databases import about_sqlite
from tests.store.builders import HARALD, HSV, MONDAY, opened, opening

BOT, OTHER = "@samrum:almfors.test", "@samrum-2:almfors.test"
NOON = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)


async def put(database: Database, vault: Vault, changes: matrix_keys.Changes, account: str = BOT, at: datetime = NOON) -> None:
    async with database.write() as tx:
        await matrix_keys.save(tx, matrix_keys.Keyhole(vault), account, changes, at)


async def found(database: Database, vault: Vault, drawer: str, *owners: str, account: str = BOT) -> dict[str, dict[str, bytes]]:
    async with database.read() as tx:
        return {
            owner: dict(values)
            for (_, owner), values in (await matrix_keys.load(tx, matrix_keys.Keyhole(vault), account, [drawer], owners)).items()
        }


async def test_values_are_found_by_account_drawer_and_owner(database: Database, vault: Vault) -> None:
    await put(database, vault, {Slot("olm", "a", "1"): b"x", Slot("olm", "a", "2"): b"y", Slot("seen", "a", "1"): b"z"})
    await put(database, vault, {Slot("olm", "a", "1"): b"theirs"}, OTHER)

    assert await found(database, vault, "olm", "a", "b") == {"a": {"1": b"x", "2": b"y"}}
    assert await found(database, vault, "seen", "a") == {"a": {"1": b"z"}}
    assert await found(database, vault, "olm", "a", account=OTHER) == {"a": {"1": b"theirs"}}


async def test_what_lies_in_several_drawers_is_found_at_once_and_kept_apart(database: Database, vault: Vault) -> None:
    await put(database, vault, {Slot("olm", "a", "1"): b"x", Slot("seen", "a", "1"): b"y", Slot("room", "a", "1"): b"z"})

    async with database.read() as tx:
        lying = await matrix_keys.load(tx, matrix_keys.Keyhole(vault), BOT, ["olm", "seen"], ["a", "b"])

    assert lying == {("olm", "a"): {"1": b"x"}, ("seen", "a"): {"1": b"y"}}


async def test_a_value_replaces_the_one_before_and_none_removes_it(database: Database, vault: Vault) -> None:
    await put(database, vault, {Slot("olm", "a", "1"): b"x", Slot("olm", "a", "2"): b"y"})

    await put(database, vault, {Slot("olm", "a", "1"): b"new", Slot("olm", "a", "2"): None, Slot("olm", "a", "3"): None})
    await put(database, vault, {})

    assert await found(database, vault, "olm", "a") == {"a": {"1": b"new"}}


async def test_more_owners_than_a_statement_holds_are_found(database: Database, vault: Vault) -> None:
    owners = [f"!room{n}" for n in range(portions.AT_ONCE * 2 + 1)]
    await put(database, vault, {Slot("room", owner, "e"): owner.encode() for owner in owners})

    assert await found(database, vault, "room", *owners) == {owner: {"e": owner.encode()} for owner in owners}


async def test_an_emptied_owner_has_nothing_left_and_others_keep_theirs(database: Database, vault: Vault) -> None:
    await put(database, vault, {Slot("seen", "a", "1"): b"x", Slot("seen", "b", "1"): b"y", Slot("olm", "a", "1"): b"z"})

    async with database.write() as tx:
        await matrix_keys.empty(tx, BOT, [("seen", "a")])
        await matrix_keys.empty(tx, BOT, [])

    assert await found(database, vault, "seen", "a", "b") == {"b": {"1": b"y"}}
    assert await found(database, vault, "olm", "a") == {"a": {"1": b"z"}}


async def test_a_cleared_drawer_is_empty_and_the_others_are_not(database: Database, vault: Vault) -> None:
    await put(database, vault, {Slot("outbound", "a", "1"): b"x", Slot("outbound", "b", "1"): b"y", Slot("olm", "a", "1"): b"z"})
    await put(database, vault, {Slot("outbound", "a", "1"): b"theirs"}, OTHER)

    async with database.write() as tx:
        await matrix_keys.clear(tx, BOT, "outbound")

    assert await found(database, vault, "outbound", "a", "b") == {}
    assert await found(database, vault, "olm", "a") == {"a": {"1": b"z"}}
    assert await found(database, vault, "outbound", "a", account=OTHER) == {"a": {"1": b"theirs"}}


async def test_what_has_not_changed_for_long_expires(database: Database, vault: Vault) -> None:
    await put(database, vault, {Slot("olm", "a", "1"): b"old", Slot("room", "a", "1"): b"old"})
    await put(database, vault, {Slot("olm", "b", "1"): b"new"}, at=NOON + timedelta(days=2))

    async with database.write() as tx:
        expired = await matrix_keys.expire(tx, BOT, "olm", NOON + timedelta(days=1))

    assert expired == 1
    assert await found(database, vault, "olm", "a", "b") == {"b": {"1": b"new"}}
    assert await found(database, vault, "room", "a") == {"a": {"1": b"old"}}


async def unneeded(database: Database, civil: datetime, machine: datetime, most: int = 10) -> tuple[str, ...]:
    async with database.read() as tx:
        return await matrix_keys.unneeded(tx, BOT, ("inbound", "outbound"), (civil, machine), most)


async def with_rooms(database: Database, vault: Vault) -> datetime:
    """A closed and an open case and an inbox, a lost room and an unknown one, all with keys; return when the one was closed."""
    closed = replace(opened().now, status=Status.AVSLUTAT)
    running = opened(case_id="c2", first=opening(HARALD, "SÄ-2026-00002", "Rosa ugglan")).now
    async with database.write() as tx:
        for case in (closed, running):
            await index.write(tx, case, case.id)
        for place, room in ((case_room("c1"), "!closed"), (case_room("c2"), "!open"), (inbox(HSV), "!inbox"), (case_room("c3"), "!lost")):
            await rooms.settle(tx, place, room, MONDAY)
        await rooms.lose(tx, case_room("c3"), "!lost", "removed", MONDAY)
    owners = ("!closed", "!open", "!inbox", "!lost", "!unknown")
    await put(database, vault, {Slot("inbound", owner, "session"): b"x" for owner in owners})
    return closed.touched


async def test_keys_are_unneeded_in_closed_cases_and_in_rooms_that_the_bot_does_not_keep(database: Database, vault: Vault) -> None:
    touched, later = await with_rooms(database, vault), timedelta(seconds=1)
    await put(database, vault, {Slot("olm", "!other-drawer", "1"): b"x", Slot("outbound", "!closed", "pickle"): b"x"})
    await put(database, vault, {Slot("inbound", "!elsewhere", "1"): b"x"}, OTHER)

    assert await unneeded(database, touched + later, NOON + later) == ("!closed", "!lost", "!unknown")
    assert await unneeded(database, touched + later, NOON + later, most=2) == ("!closed", "!lost")
    assert await unneeded(database, touched, NOON + later) == ("!lost", "!unknown")


async def test_a_key_that_came_late_keeps_those_of_its_room(database: Database, vault: Vault) -> None:
    touched, later = await with_rooms(database, vault), timedelta(seconds=1)
    await put(database, vault, {Slot("outbound", "!closed", "pickle"): b"x", Slot("inbound", "!lost", "late"): b"x"}, at=NOON + later)

    assert await unneeded(database, touched + later, NOON + later) == ("!unknown",)
    assert await unneeded(database, touched + later, NOON) == ()


@about_sqlite
async def test_a_value_in_another_row_or_under_another_kek_does_not_open(database: Database, vault: Vault, path: Path) -> None:
    await put(database, vault, {Slot("olm", "a", "1"): b"canary", Slot("olm", "b", "1"): b"canary"})
    with pytest.raises(Unopened):
        await found(database, Vault(Keyring(kek(bytes(32)))), "olm", "a")

    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE matrix_keys SET value = (SELECT value FROM matrix_keys WHERE owner = 'a') WHERE owner = 'b'")
    connection.close()

    with pytest.raises(Unopened):
        await found(database, vault, "olm", "b")
    assert (await found(database, vault, "olm", "a"))["a"] == {"1": b"canary"}
    kept = [await asyncio.to_thread(file.read_bytes) for file in (path, path.with_name(f"{path.name}-wal"))]
    assert not any(b"canary" in each for each in kept)
