from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from care.effects import Say, Words, direct
from store import dialogues, inbox, outbox
from store.database import Database
from store.dialogues import Dialogue
from store.inbox import Kind, Message
from store.keys import Vault
from store.outbox import Envelope
from store.sealing import Unopened
from store.tables import dialogues as table
from store.tables import keys
from tests.databases import about_sqlite
from tests.store.builders import ANNA, MONDAY
from tests.store.telling import GATHER, MACHINE, rows

CANARY = "Ester Demoson 19351217-2382"


def form(name: str = "d1", state: bytes = CANARY.encode(), user: str = ANNA) -> Dialogue:
    return Dialogue(name, user, "direct:" + user, "", "case.start", state, MONDAY + timedelta(minutes=30))


def raw(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(path.name + "*")))


async def test_a_form_is_found_by_person_room_and_thread(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await dialogues.begin(tx, vault, form(), MONDAY)

        assert await dialogues.find(tx, vault, ANNA, "direct:" + ANNA, "") == form()
        assert await dialogues.find(tx, vault, ANNA, "direct:" + ANNA, "$thread") is None
        assert await dialogues.find(tx, vault, "@other:x", "direct:" + ANNA, "") is None


async def test_a_form_is_found_by_its_id_for_its_owner_alone_and_in_its_thread_for_all(database: Database, vault: Vault) -> None:
    place, other = "direct:" + ANNA, replace(form("d2", user="@u:x"), place="direct:" + ANNA)
    async with database.write() as tx:
        for each in (form(), other):
            await dialogues.begin(tx, vault, each, MONDAY)

        assert await dialogues.asked(tx, vault, ANNA, place, "d1") == form()
        assert [await dialogues.asked(tx, vault, *where, "d1") for where in (("@u:x", place), (ANNA, "case:1"))] == [None, None]
        assert set(await dialogues.in_thread(tx, vault, place, "")) == {form(), other}
        assert await dialogues.in_thread(tx, vault, place, "$thread") == ()


async def test_a_form_goes_on_with_its_new_state_and_expiry(database: Database, vault: Vault) -> None:
    later = replace(form(), state=b"two answers", expires=MONDAY + timedelta(hours=1))
    async with database.write() as tx:
        await dialogues.begin(tx, vault, form(), MONDAY)
        await dialogues.go_on(tx, vault, later)

        assert await dialogues.find(tx, vault, ANNA, "direct:" + ANNA, "") == later


async def test_a_person_has_one_form_in_a_room_and_thread(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await dialogues.begin(tx, vault, form(), MONDAY)
        with pytest.raises(IntegrityError):
            await dialogues.begin(tx, vault, form("d2"), MONDAY)


async def test_forms_expire_at_their_time_the_next_one_first(database: Database, vault: Vault) -> None:
    other = replace(form("d2", user="@u:x"), expires=MONDAY + timedelta(hours=2))
    async with database.write() as tx:
        assert await dialogues.next_expiry(tx) is None
        await dialogues.begin(tx, vault, other, MONDAY)
        await dialogues.begin(tx, vault, form(), MONDAY)

        assert await dialogues.next_expiry(tx) == form().expires
        assert await dialogues.expired(tx, form().expires - timedelta(seconds=1)) == ()
        assert await dialogues.expired(tx, form().expires) == (("d1", ANNA, "direct:" + ANNA, ""),)


@about_sqlite
async def test_what_stands_in_the_file_while_a_form_is_open_is_found_by_the_same_search(
    database: Database, vault: Vault, path: Path
) -> None:
    async with database.write() as tx:
        await dialogues.begin(tx, vault, form(), MONDAY)
        wrapped = await tx.scalar(select(keys.c.wrapped).where(keys.c.scope == "dialogue:d1"))

    assert wrapped
    assert wrapped in raw(path)
    assert CANARY.encode() not in raw(path)


@pytest.mark.parametrize("others", [0, 300])
async def test_after_the_end_of_a_form_no_byte_of_it_or_its_key_is_left_in_any_file(
    database: Database, vault: Vault, path: Path, others: int
) -> None:
    question = Say("ask", direct(ANNA), words=Words(f"Är det {CANARY}?", CANARY))
    typed = Message("$1", "!r", ANNA, MONDAY, Kind.MESSAGE, CANARY)
    async with database.write() as tx:
        for n in range(others):
            await dialogues.begin(tx, vault, form(f"o{n}", b"x" * 500, f"@u{n}:x"), MONDAY)
    async with database.write() as tx:
        await inbox.put(tx, vault, [typed], MACHINE)
    async with database.write() as tx:
        await dialogues.begin(tx, vault, form(), MONDAY)
        await outbox.enqueue(tx, vault, [question], Envelope("", form().scope, MACHINE, GATHER))
        await inbox.done(tx, "$1", MACHINE)
    async with database.read() as tx:
        wrapped = await tx.scalar(select(keys.c.wrapped).where(keys.c.scope == form().scope))
        state = await tx.scalar(select(table.c.state).where(table.c.id == "d1"))
    async with database.write() as tx:
        for n in range(0, others, 3):
            await dialogues.end(tx, vault, f"o{n}", MACHINE)

    async with database.write() as tx:
        await dialogues.end(tx, vault, "d1", MACHINE)
    await database.forget()

    assert wrapped
    assert state
    left = raw(path)
    for secret in (wrapped, wrapped[13:45], state, state[13:45], CANARY.encode(), CANARY.encode("utf-16-le")):
        assert secret not in left
    async with database.write() as tx:
        assert await outbox.claim(tx, vault, MACHINE, GATHER, 9) == ()
        assert await dialogues.find(tx, vault, ANNA, "direct:" + ANNA, "") is None
        with pytest.raises(Unopened):
            await vault.key(tx, form().scope)
        assert [row["scope"] for row in await rows(tx, keys) if row["scope"] == form().scope] == []


@about_sqlite
async def test_forgetting_waits_for_readers_and_says_when_it_could_not(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.database.FORGET_TRIES", 1)
    monkeypatch.setattr("store.database.PRAGMAS", ("PRAGMA journal_mode=WAL", "PRAGMA busy_timeout=50"))
    async with database.read() as reader:
        await rows(reader, table)
        async with database.write() as tx:
            await dialogues.begin(tx, vault, form(), MONDAY)
        with pytest.raises(TimeoutError, match="write-ahead log"):
            await database.forget()

    await database.forget()
