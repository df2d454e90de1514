"""The same migrations on a real PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select, text

from store.database import Database
from store.migrate import upgrade
from store.schema import behind
from store.tables import counts
from tests import databases
from tests.store.test_migrate import differences

pytestmark = pytest.mark.postgres


@pytest.fixture
def url() -> Iterator[str]:
    with databases.server().database("template0") as made:
        yield made


async def test_a_fresh_upgrade_gives_the_tables_of_the_code_and_a_second_one_changes_nothing(url: str) -> None:
    assert await behind(url)
    await upgrade(url)
    database = Database(url)
    async with database.write() as tx:
        await tx.execute(insert(counts).values(day="2026-09-01", what="protected", number=1))

    await upgrade(url)

    async with database.read() as tx:
        assert await tx.run_sync(differences) == []
        assert await tx.scalar(select(counts.c.number)) == 1
    assert not await behind(url)
    await database.close()


async def test_a_database_of_a_newer_release_is_refused(url: str) -> None:
    await upgrade(url)
    database = Database(url)
    async with database.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()

    with pytest.raises(ValueError, match="newer release"):
        await behind(url)
    with pytest.raises(ValueError, match="newer release"):
        await upgrade(url)


@pytest.mark.parametrize("making", ["ENCODING 'LATIN1' LOCALE 'C'", "LOCALE_PROVIDER icu ICU_LOCALE 'sv' LOCALE 'C.UTF-8'"])
async def test_a_database_that_would_sort_or_write_otherwise_is_refused(making: str) -> None:
    with (
        databases.server().database(f"template0 {making}") as url,
        pytest.raises(ValueError, match=r"createdb .* --encoding=UTF8 --locale=C\.UTF-8"),
    ):
        await upgrade(url)
