from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from care.messages import MessagePosted
from store import heads, journal
from store.database import Database
from store.heads import Head
from store.journal import Broken
from store.keys import Vault
from store.tables import heads as table
from store.tables import journal as entries
from tests.store.builders import MONDAY, opened
from tests.store.telling import keep

DAY = date(2026, 9, 1)


async def two_cases(database: Database, vault: Vault) -> Head:
    """Keep two cases, note the head, and let a third case and another row of the second come after it."""
    async with database.write() as tx:
        await journal.append(tx, vault, opened(case_id="c1").steps[0], "demo@1")
        story = opened(case_id="c2")
        await journal.append(tx, vault, story.steps[0], "demo@1")
        head = await heads.note_head(tx, DAY, MONDAY)
        await journal.append(tx, vault, story.tell((MessagePosted("K1", "Efter"),)), "demo@1")
        await journal.append(tx, vault, opened(case_id="c3").steps[0], "demo@1")
    return head


async def test_a_head_holds_although_the_journal_has_grown(database: Database, vault: Vault) -> None:
    head = await two_cases(database, vault)

    async with database.read() as tx:
        assert head.entries == 6
        assert await heads.verify(tx, [head]) == ()
        assert (await journal.head(tx))[0] == 10


async def test_a_day_has_one_head(database: Database, vault: Vault) -> None:
    head = await two_cases(database, vault)

    async with database.write() as tx:
        again = await heads.note_head(tx, DAY, MONDAY + timedelta(hours=1))
        later = await heads.note_head(tx, DAY + timedelta(days=1), MONDAY + timedelta(days=1))

        assert again == head
        assert await heads.noted(tx) == (head, later)
        assert later.entries == 10


async def test_an_empty_journal_has_a_head_too(database: Database) -> None:
    async with database.write() as tx:
        head = await heads.note_head(tx, DAY, MONDAY)

        assert head.entries == 0
        assert await heads.verify(tx, [head]) == ()


async def test_a_removed_case_shows_although_every_chain_holds(database: Database, vault: Vault) -> None:
    head = await two_cases(database, vault)

    async with database.write() as tx:
        await tx.execute(delete(entries).where(entries.c.case_id == "c1"))

        assert await journal.verify(tx) == ()
        assert await heads.verify(tx, [head]) == (Broken("", 6, "head 2026-09-01"), Broken("", 6, "receipt 2026-09-01"))


async def test_a_cut_tail_shows_although_every_chain_holds(database: Database, vault: Vault) -> None:
    await two_cases(database, vault)

    async with database.write() as tx:
        last = await heads.note_head(tx, DAY + timedelta(days=1), MONDAY)
        await tx.execute(delete(entries).where(entries.c.case_id == "c2", entries.c.seq == 4))

        assert await journal.verify(tx) == ()
        assert await heads.verify(tx, [last]) == (Broken("", 10, "head 2026-09-02"), Broken("", 10, "receipt 2026-09-02"))


async def test_a_receipt_shows_a_cut_that_took_the_heads_along(database: Database, vault: Vault) -> None:
    head = await two_cases(database, vault)

    async with database.write() as tx:
        await tx.execute(delete(entries).where(entries.c.position >= 6))
        await tx.execute(delete(table))

        assert await heads.verify(tx) == ()
        assert await heads.verify(tx, [head]) == (Broken("", 6, "receipt 2026-09-01"),)


async def test_a_forged_head_shows(database: Database, vault: Vault) -> None:
    await two_cases(database, vault)

    async with database.write() as tx:
        await tx.execute(update(table).values(hash="f" * 64))

        assert await heads.verify(tx) == (Broken("", 6, "head 2026-09-01"),)


async def test_a_changed_row_shows_beside_the_heads(database: Database, vault: Vault) -> None:
    head = await two_cases(database, vault)

    async with database.write() as tx:
        await tx.execute(update(entries).where(entries.c.case_id == "c1", entries.c.seq == 1).values(unit="hab"))

        assert await heads.verify(tx, [head]) == (Broken("c1", 1, "row"),)


async def test_shredding_a_case_breaks_no_head(database: Database, vault: Vault) -> None:
    story = opened()
    await keep(database, vault, story)

    async with database.write() as tx:
        head = await heads.note_head(tx, DAY, MONDAY)
        await vault.destroy(tx, "case:c1", MONDAY)

        assert await heads.verify(tx, [head]) == ()


def test_a_receipt_is_read_back_from_the_line_that_was_posted() -> None:
    head = Head(DAY, 42, "0a" * 32)

    assert heads.receipt(head) == f"SAMRUM-HEAD 2026-09-01 42 {'0a' * 32}"
    assert heads.read_receipt(f"Samrum 08:00\n> {heads.receipt(head)}\n") == head


@pytest.mark.parametrize("text", ["", "SAMRUM-HEAD 2026-09-01 42", f"SAMRUM-HEAD 2026-13-01 42 {'0a' * 32}", "SAMRUM-HEAD i dag 42 ff"])
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"SAMRUM-HEAD|month"):
        heads.read_receipt(text)
