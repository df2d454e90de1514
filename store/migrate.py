"""The database brought to the shape of this release, by Alembic, from the first table on.

Everything is made in code, so that an installed wheel needs no `alembic.ini`. All missing steps run in one transaction: a migration that
is killed has changed nothing.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

from store.database import Database, Transaction

BY_BYTES = text("SELECT 'a' > 'B' AND getdatabaseencoding() = 'UTF8'")
UNFIT = "the database must be in UTF8 and compare by bytes; make it with createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8"
"""SQLite compares so, and the daily head hashes the cases in that order: the same journal has the same head on both."""


async def upgrade(url: str) -> None:
    """Bring the database of a URL (`sqlite+aiosqlite:///…`, `postgresql+…://…`) up to date; one that is up to date stays as it is.

    Raises alembic.util.CommandError for a database that a newer release has migrated, ValueError for one that does not compare by bytes.
    """
    async with _transaction(url) as tx:
        await tx.run_sync(lambda connection: command.upgrade(_config(connection), "head"))


async def behind(url: str) -> bool:
    """Return whether the database lacks migrations of this release; raise ValueError for one that cannot be used."""
    async with _transaction(url) as tx:
        return await tx.run_sync(_behind)


def _behind(connection: Connection) -> bool:
    known = ScriptDirectory.from_config(_config(connection))
    current = set(MigrationContext.configure(connection).get_current_heads())
    if not current <= {script.revision for script in known.walk_revisions()}:
        raise ValueError("the database is of a newer release; install that release, or restore the backup")
    return current != set(known.get_heads())


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    return config


@asynccontextmanager
async def _transaction(url: str) -> AsyncGenerator[Transaction]:
    database = Database(url)
    if database.sqlite:
        event.listen(database.engine.sync_engine, "connect", _let_tables_be_copied)
    try:
        async with database.write() as tx:
            if not database.sqlite and not await tx.scalar(BY_BYTES):
                raise ValueError(UNFIT)
            yield tx
    finally:
        await database.close()


def _let_tables_be_copied(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
    """Switch foreign keys off: while Alembic copies a table, the rows that refer to it would be in its way."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()
