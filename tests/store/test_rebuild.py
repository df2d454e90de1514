from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, insert, update

from care.messages import MessagePosted
from store import index, journal
from store.database import Database
from store.keys import Vault, case_scope
from store.rebuild import Rebuilt, rebuild
from store.sealing import Keyring, Unopened, kek
from store.tables import case_people, case_units, cases, due
from store.tables import keys as key_table
from tests import databases
from tests.store.builders import AUTHORS, HSV, MONDAY, RULES, VC, Story, opened, opening
from tests.store.stories import go_on, stories
from tests.store.telling import keep, rows

INDEXES = (cases, case_units, case_people, due)


@given(stories())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_a_rebuild_after_any_story_gives_the_very_same_rows(story: Story) -> None:
    with TemporaryDirectory() as folder, databases.migrated(Path(folder)) as url:
        database, vault = Database(url), Vault(Keyring(kek(bytes(32))))
        await keep(database, vault, story)
        async with database.write() as tx:
            before = [await rows(tx, table) for table in INDEXES]

            assert await rebuild(tx, vault, RULES, MONDAY) == Rebuilt(1, ())

            assert [await rows(tx, table) for table in INDEXES] == before
        await database.close()


def busy() -> Story:
    """A question, late, brought up; a case with a bit of everything that the index knows."""
    return go_on(opened(), [(7, HSV, 1), (1, VC, 1), (10, VC, 30), (2, VC, 200), (0, VC, 7)])


async def test_the_busy_story_has_due_items_in_every_state(database: Database, vault: Vault) -> None:
    await keep(database, vault, busy())

    async with database.read() as tx:
        assert {row["state"] for row in await rows(tx, due)} == {"open", "said", "cancelled"}


async def test_lost_and_forged_rows_are_put_right(database: Database, vault: Vault) -> None:
    await keep(database, vault, busy())
    async with database.write() as tx:
        before = [await rows(tx, table) for table in INDEXES]
        await tx.execute(delete(due).where(due.c.state == "said"))
        await tx.execute(delete(case_people))
        await tx.execute(update(cases).values(open=False, person="f" * 64))
        await tx.execute(insert(case_units).values(case_id="c1", unit="hab", standing="deltar"))

        await rebuild(tx, vault, RULES, MONDAY)

        assert [await rows(tx, table) for table in INDEXES] == before


async def test_rows_of_a_shredded_case_stay_as_they_are(database: Database, vault: Vault) -> None:
    await keep(database, vault, busy())
    async with database.write() as tx:
        other = opened(case_id="c2", first=opening(number="SÄ-2026-00002", codename="Rosa ugglan"))
        await journal.append(tx, vault, other.steps[0], "demo@1")
        await vault.destroy(tx, case_scope("c1"), MONDAY)
        await tx.execute(update(cases).values(open=False))
        before = [[row for row in await rows(tx, table) if row.get("case_id", row.get("id")) == "c1"] for table in INDEXES]

        assert await rebuild(tx, vault, RULES, MONDAY) == Rebuilt(1, ("c1",))

        after = [await rows(tx, table) for table in INDEXES]
        assert [[row for row in table if row.get("case_id", row.get("id")) == "c1"] for table in after] == before
        assert [row["id"] for row in after[0]] == ["c1", "c2"]


async def test_a_case_whose_key_is_lost_stops_the_rebuild_instead_of_emptying_the_index(database: Database, vault: Vault) -> None:
    await keep(database, vault, busy())
    async with database.write() as tx:
        await tx.execute(delete(key_table).where(key_table.c.scope == "case:c1"))

        with pytest.raises(Unopened):
            await rebuild(tx, vault, RULES, MONDAY)


async def test_a_step_that_is_recorded_says_its_due_item(database: Database, vault: Vault) -> None:
    story = opened()
    story.tell((MessagePosted("K1", "Hemgång"),))
    await keep(database, vault, go_on(story, [(10, VC, 200)]))

    async with database.read() as tx:
        overdue = await index.fallen_due(tx, story.at - timedelta(minutes=10))
        assert overdue == ()
        assert "said" in {row["state"] for row in await rows(tx, due)}
    assert AUTHORS[VC].unit == story.now.initiator
