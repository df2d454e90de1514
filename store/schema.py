"""Whether the database has the shape of this release: asked at every start, so without Alembic, which only changes it (`store.migrate`)."""

from functools import cache
from importlib.resources import files

from sqlalchemy import column, inspect, select, table, text
from sqlalchemy.engine import Connection

from store.database import Database, Transaction

BY_BYTES = text("SELECT 'a' > 'B' AND getdatabaseencoding() = 'UTF8'")
UNFIT = "the database must be in UTF8 and compare by bytes; make it with createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8"
"""SQLite compares so, and the daily head hashes the cases in that order: the same journal has the same head on both."""
NEWER = "the database is of a newer release; install that release, or restore the backup"
APPLIED = table("alembic_version", column("version_num"))
"""Where Alembic notes the last migration that was applied."""


@cache
def migrations() -> tuple[str, ...]:
    """Return the revisions of this release, oldest first: each migration's file begins with its own."""
    names = (each.name for each in files("store.migrations.versions").iterdir())
    return tuple(sorted(name.partition("_")[0] for name in names if name.endswith(".py") and name[0].isdigit()))


async def behind(url: str) -> bool:
    """Return whether the database of a URL (`sqlite+aiosqlite:///…`, `postgresql+…://…`) lacks migrations of this release.

    Raises ValueError for one that cannot be used, as `refuse_unfit`.
    """
    database = Database(url)
    try:
        async with database.read() as tx:
            return await refuse_unfit(database, tx) != {migrations()[-1]}
    finally:
        await database.close()


async def refuse_unfit(database: Database, tx: Transaction) -> set[str]:
    """Return the last migration that was applied, if any; raise ValueError for a newer release's, and for text not compared by bytes."""
    if not database.sqlite and not await tx.scalar(BY_BYTES):
        raise ValueError(UNFIT)
    current = await tx.run_sync(_current)
    if not current <= set(migrations()):
        raise ValueError(NEWER)
    return current


def _current(connection: Connection) -> set[str]:
    if not inspect(connection).has_table(APPLIED.name):
        return set()
    return set(connection.scalars(select(APPLIED.c.version_num)))
