"""The database brought to the shape of this release, by Alembic, from the first table on.

Everything is made in code, so that an installed wheel needs no `alembic.ini`. All missing steps run in one transaction: a migration that
is killed has changed nothing. Alembic is imported only when it is used: a bot that starts asks `store.schema`.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import Connection

from store.database import Database, Transaction
from store.schema import refuse_unfit

if TYPE_CHECKING:
    from alembic.config import Config


async def upgrade(url: str) -> None:
    """Bring the database of a URL (`sqlite+aiosqlite:///…`, `postgresql+…://…`) up to date; one that is up to date stays as it is.

    Raises ValueError for one that cannot be used (`store.schema.refuse_unfit`).
    """
    from alembic import command  # noqa: PLC0415 - a tenth of what a starting bot would import, and not needed there

    async with _transaction(url) as tx:
        await tx.run_sync(lambda connection: command.upgrade(_config(connection), "head"))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - as above

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
            await refuse_unfit(database, tx)
            yield tx
    finally:
        await database.close()


def _let_tables_be_copied(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
    """Switch foreign keys off: while Alembic copies a table, the rows that refer to it would be in its way."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()
