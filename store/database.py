"""The engine and its transactions. On both databases one transaction writes at a time, whichever process it belongs to.

On SQLite it begins with BEGIN IMMEDIATE: a deferred transaction that reads and then writes would fail at once when another writer came
in between (matrix 12). WAL with synchronous=FULL makes a commit durable; secure_delete and a truncating checkpoint make sure that
destroyed keys do not survive in free pages or the WAL.

On PostgreSQL it begins with the writer's lock, so that what is read in it stays true until it ends, as on SQLite. The server ends a
transaction whose process has stopped (decision 0010).
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import Integer, bindparam, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store.sqlite_thread import READS, WRITES, connection

Transaction = AsyncConnection
"""An open transaction: everything in it happens together or not at all."""
Fence = Callable[[Transaction], Awaitable[None]]
"""Asked at the beginning of each writing transaction; raises when this process may not write any more."""

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
)

WRITER = (0x53414D, 1)
"""The two halves of the advisory lock that whoever writes to PostgreSQL holds."""
IDLE = "2s"
"""After so long without a word from a leader that writes, PostgreSQL ends the transaction: its process may be frozen (matrix 12)."""
IDLE_WITHOUT_LEASE = "30s"
"""The same for an operator's command, whom nobody waits to replace."""
ONE_WRITER = text(
    # A plan that was kept from when a table was small reads all of it for each long list of values, ever after.
    "SELECT set_config('idle_in_transaction_session_timeout', :idle, true), set_config('plan_cache_mode', 'force_custom_plan', true), "
    "pg_advisory_xact_lock(:first, :second)"
).bindparams(bindparam("idle", IDLE), bindparam("first", WRITER[0], Integer), bindparam("second", WRITER[1], Integer))
FORGET_TRIES = 5
"""How often a checkpoint is tried; each waits up to `busy_timeout` for those who still read."""


class Database:
    """One database, by its SQLAlchemy URL (`sqlite+aiosqlite:///…`, `postgresql+asyncpg://…`)."""

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is opened yet. Raises ModuleNotFoundError for a driver that is not installed."""
        self.sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {"connect_args": {"async_creator_fn": connection}} if self.sqlite else {"pool_pre_ping": True}
        self.engine: AsyncEngine = create_async_engine(url, **options)
        self._writer = asyncio.Lock()
        self._fence: Fence | None = None
        if self.sqlite:
            event.listen(self.engine.sync_engine, "connect", _on_connect)
            event.listen(self.engine.sync_engine, "begin", _on_begin)
            event.listen(self.engine.sync_engine, "invalidate", _on_invalidate)

    def fence(self, fence: Fence) -> None:
        """Let each writing transaction begin with a question from now on."""
        self._fence = fence

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        """Open a transaction that writes: committed at the end, rolled back by any exception."""
        async with self._writer, self.engine.connect() as connection:
            await connection.execution_options(samrum_writes=True)
            async with connection.begin():
                if not self.sqlite:
                    await connection.execute(ONE_WRITER, {"idle": IDLE if self._fence else IDLE_WITHOUT_LEASE})
                if self._fence:
                    await self._fence(connection)
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Transaction]:
        """Open a transaction that only reads, a consistent snapshot."""
        async with self.engine.connect() as connection:
            if not self.sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield connection

    async def forget(self) -> None:
        """Make what was deleted unreadable in the write-ahead log too (SQLite; PostgreSQL is the operator's business).

        Raises TimeoutError when somebody kept reading an older state all the while: then the log is not empty, and this must be repeated.
        """
        if not self.sqlite:
            return
        for _ in range(FORGET_TRIES):
            async with self._writer, self.engine.connect() as connection:
                busy = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
            if not busy:
                return
        raise TimeoutError("the write-ahead log is being read and could not be emptied")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_invalidate(connection: Any, _record: object, _error: BaseException | None) -> None:  # noqa: ANN401 - the driver's connection
    # Closing alone, after a cancellation, would leave the writer's lock with the cursor, until the garbage collector finds it.
    with suppress(sqlite3.Error):  # a connection that is closed holds nothing
        connection.rollback()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("samrum_writes", False)
    driver: Any = connection.connection.driver_connection
    driver.begin(WRITES if writes else READS)
