from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from care.case import Case, Entry, Event
from care.events import KINDS
from care.messages import MessagePosted
from store import journal, steps
from store.database import Database
from store.journal import Broken
from store.keys import Vault, case_scope
from store.sealing import Unopened
from store.tables import journal as table
from tests.store.builders import Story, opened
from tests.store.telling import keep, record, rolled_back


def told() -> Story:
    story = opened()
    story.tell((MessagePosted("K1", "Hemgång på torsdag"), MessagePosted("K2", "Nycklar finns")))
    return story


async def test_what_was_appended_is_read_back_in_order_and_in_its_steps(database: Database, vault: Vault) -> None:
    story = told()
    await keep(database, vault, story)

    async with database.read() as tx:
        assert await journal.read_steps(tx, vault, "c1") == tuple(story.steps)
        assert await journal.read(tx, vault, "c1") == tuple(entry for step in story.steps for entry in step)


async def test_an_unknown_case_has_an_empty_journal(database: Database, vault: Vault) -> None:
    async with database.read() as tx:
        assert await journal.read(tx, vault, "nobody") == ()


async def test_the_same_number_is_not_taken_twice(database: Database, vault: Vault) -> None:
    story = told()
    await keep(database, vault, story)

    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await journal.append(tx, vault, story.steps[-1], "demo@1")


async def test_a_journal_that_nobody_touched_holds(database: Database, vault: Vault) -> None:
    await keep(database, vault, told())

    async with database.read() as tx:
        assert await journal.verify(tx) == ()


def flipped(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1])


@pytest.mark.parametrize(
    ("column", "value"),
    [("user", "@other:x"), ("facts", "{}x"), ("roles", "[]"), ("profile", "demo@9"), ("step", 1), ("kind", "case.closed"), ("unit", "hab")],
)
async def test_a_changed_header_shows(database: Database, vault: Vault, column: str, value: object) -> None:
    await keep(database, vault, told())

    async with database.write() as tx:
        await tx.execute(update(table).where(table.c.seq == 5).values({column: value}))
        assert await journal.verify(tx) == (Broken("c1", 5, "row"),)


async def test_a_flipped_bit_in_the_body_shows_without_the_key(database: Database, vault: Vault) -> None:
    await keep(database, vault, told())

    async with database.write() as tx:
        body = await tx.scalar(select(table.c.body).where(table.c.seq == 2))
        assert isinstance(body, bytes)
        await tx.execute(update(table).where(table.c.seq == 2).values(body=flipped(body)))
        await vault.destroy(tx, case_scope("c1"), opened().at)
        assert await journal.verify(tx) == (Broken("c1", 2, "row"),)


async def test_another_row_before_shows(database: Database, vault: Vault) -> None:
    await keep(database, vault, told())

    async with database.write() as tx:
        await tx.execute(update(table).where(table.c.seq == 3).values(previous="f" * 64))
        assert set(await journal.verify(tx)) == {Broken("c1", 3, "chain"), Broken("c1", 3, "row")}


async def test_a_removed_row_shows_as_a_gap(database: Database, vault: Vault) -> None:
    await keep(database, vault, told())

    async with database.write() as tx:
        await tx.execute(delete(table).where(table.c.seq == 3))
        assert set(await journal.verify(tx)) == {Broken("c1", 4, "gap"), Broken("c1", 4, "chain")}


async def test_a_row_passed_off_for_another_does_not_open(database: Database, vault: Vault) -> None:
    await keep(database, vault, told())

    async with database.write() as tx:
        body = await tx.scalar(select(table.c.body).where(table.c.seq == 4))
        await tx.execute(update(table).where(table.c.seq == 5).values(body=body))
        with pytest.raises(Unopened):
            await journal.read(tx, vault, "c1")


async def test_a_shredded_case_does_not_open_not_even_from_the_shelf(database: Database, vault: Vault) -> None:
    await keep(database, vault, told())

    async with database.write() as tx:
        await steps.load(tx, vault, "c1")
        await vault.destroy(tx, case_scope("c1"), opened().at)
        with pytest.raises(Unopened):
            await journal.read(tx, vault, "c1")
        with pytest.raises(Unopened):
            await steps.load(tx, vault, "c1")
        assert vault.shelf.find("c1") is None


async def test_a_case_on_the_shelf_is_carried_on_with_what_is_new(database: Database, vault: Vault) -> None:
    story = told()
    await keep(database, vault, story)
    shelved = vault.shelf.find("c1")

    story.tell((MessagePosted("K3", "Ny tid"),))
    async with database.write() as tx:
        await record(tx, Vault(vault.ring), shelved.case if shelved else None, story.steps[-1])
        found = await steps.load(tx, vault, "c1")

    assert shelved is not None
    assert shelved.case.seq == 5
    assert found == story.now


async def test_what_was_rolled_back_is_not_served_from_the_shelf(database: Database, vault: Vault) -> None:
    story = told()
    await keep(database, vault, story)
    before = story.now

    story.tell((MessagePosted("K3", "Aldrig sagt"),))
    assert await rolled_back(database, vault, before, story.steps[-1]) == 6

    async with database.read() as tx:
        assert await steps.load(tx, vault, "c1") == before


async def test_another_row_in_place_of_one_that_was_rolled_back_is_read_anew(database: Database, vault: Vault) -> None:
    story = told()
    await keep(database, vault, story)
    before, other = story.now, told()
    story.tell((MessagePosted("K3", "Aldrig sagt"),))
    other.tell((MessagePosted("K3", "Detta sades"),))

    await rolled_back(database, vault, before, story.steps[-1])
    async with database.write() as tx:
        await record(tx, vault, before, other.steps[-1])
        found = await steps.load(tx, vault, "c1")

    assert found == other.now


async def test_cases_are_told_in_the_order_of_their_opening(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        for name in ("zz", "aa", "mm"):
            await journal.append(tx, vault, opened(case_id=name).steps[0], "demo@1")

        assert await journal.cases(tx) == ("zz", "aa", "mm")
        assert await tx.scalar(select(func.count()).select_from(table)) == 9


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    kind: ClassVar[str] = "test.renamed"
    version: ClassVar[int] = 3
    text: str
    urgent: bool

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        return case


def test_an_older_version_is_led_step_by_step_to_todays_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    upcasters: dict[tuple[str, int], journal.Upcast] = {
        ("test.renamed", 1): lambda body: body.replace(b'"message"', b'"text"'),
        ("test.renamed", 2): lambda body: body.replace(b"}", b', "urgent": false}'),
    }
    kinds: dict[str, Any] = {**KINDS, "test.renamed": Renamed}
    monkeypatch.setattr(journal, "UPCASTERS", upcasters)
    monkeypatch.setattr(journal, "KINDS", kinds)

    assert journal.revive("test.renamed", 1, b'{"message": "a"}') == Renamed("a", urgent=False)
    assert journal.revive("test.renamed", 2, b'{"text": "a"}') == Renamed("a", urgent=False)
    assert journal.revive("test.renamed", 3, b'{"text": "a", "urgent": true}') == Renamed("a", urgent=True)


@pytest.mark.parametrize(("kind", "version"), [("message.posted", 99), ("message.sung", 1)])
def test_an_event_of_a_newer_release_is_refused(kind: str, version: int) -> None:
    with pytest.raises(ValueError, match="newer release"):
        journal.revive(kind, version, b"{}")
