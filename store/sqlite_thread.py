"""SQLite on a thread of its own, with one visit there for each statement, and none for what need not be said.

A visit costs the event loop far more than the statement itself. aiosqlite alone makes four: for a cursor, the statement, its rows, and the
cursor's end. A transaction begins on the way to its first statement, and ends without a visit where it only read, or never began. Handed
to the engine as `async_creator_fn`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import aiosqlite

AT_ONCE = 1000
"""Rows that come with the statement; whoever wants more goes there again."""

Found = TypeVar("Found")
Row = tuple[Any, ...]


READS, WRITES = "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction begins. One that reads has a snapshot from its first statement on, one that writes has the lock before it."""


class Connection(aiosqlite.Connection):
    """One connection. Whoever opens it says when a transaction begins."""

    _due = ""
    """What still has to be said before the next statement."""
    _begun = ""
    """What may have been said, by a visit that nobody has waited for to its end too."""

    def begin(self, how: str) -> None:
        """Let a transaction begin with the next statement; what hinders that is raised there, and tried again by the one after it."""
        self._due = how

    async def commit(self) -> None:
        """End the transaction and keep what it wrote."""
        if self._begun == READS:
            self._conn.commit()  # nothing is written, nothing waited for
        elif self._begun:
            await super().commit()
        self._due = self._begun = ""

    async def rollback(self) -> None:
        """End the transaction, if it has begun, and drop what it wrote."""
        if self._begun:
            await super().rollback()
        self._due = self._begun = ""

    def cursor(self) -> "Cursor":  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride] - what the engine uses
        """Return a cursor, without a visit."""
        return Cursor(self)

    async def visit(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        """Return what the work returns on the connection's thread, or raise what it raises."""
        self._begun = self._due or self._begun
        found: Found = await cast("Any", self)._execute(self._within, work, self._conn)  # noqa: SLF001 - its own, without annotations
        return found

    def _within(self, work: Callable[[sqlite3.Connection], Found], connection: sqlite3.Connection) -> Found:
        if self._due:
            connection.execute(self._due)
            self._due = ""
        return work(connection)


def connection(database: str, **options: Any) -> Connection:  # noqa: ANN401 - what the engine hands on to sqlite3.connect
    """Return a connection that opens when it is awaited; `database` is a path."""
    # Never two threads at once: a transaction that only read is ended from here when its last visit is over.
    shared = {**options, "check_same_thread": False}
    made = Connection(partial(sqlite3.connect, str(Path(database)), **shared), AT_ONCE)
    # A process that ends does not wait for it.
    made._thread.daemon = True  # noqa: SLF001 - as the engine does with those that it makes
    return made


class Cursor:
    """A statement and its rows, with those of aiosqlite's methods that the engine uses."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows = list[Row]()
        self._more = False

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """The columns, None for a statement without rows."""
        return self._cursor.description if self._cursor else None

    @property
    def rowcount(self) -> int:
        """How many rows were changed, -1 if that is not known."""
        return self._cursor.rowcount if self._cursor else -1

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that was inserted last."""
        return self._cursor.lastrowid if self._cursor else None

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        """Run a statement, and fetch the first of its rows."""
        await self._connection.visit(partial(self._run, sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Row]) -> Self:
        """Run a statement with each of the parameters."""
        await self._connection.visit(partial(self._run_many, sql, parameters))
        return self

    async def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        rest = await self._connection.visit(lambda _: self._rest()) if self._more else []
        rows, self._rows, self._more = self._rows + rest, [], False
        return rows

    async def fetchmany(self, size: int = 1) -> list[Row]:
        """Return so many of the rows that are left."""
        if self._more and len(self._rows) < size:
            rest = await self._connection.visit(lambda _: self._rest(AT_ONCE))
            self._rows, self._more = self._rows + rest, len(rest) == AT_ONCE
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchone(self) -> Row | None:
        """Return the next row."""
        return next(iter(await self.fetchmany()), None)

    async def close(self) -> None:
        """Give up the rows that are left."""
        self._rows = []
        if self._more and self._cursor:
            self._more = False
            await self._connection.visit(lambda _: self._end())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def _run(self, sql: str, parameters: Iterable[Any], connection: sqlite3.Connection) -> None:
        self._cursor = connection.execute(sql, tuple(parameters))
        if self._cursor.description:
            self._rows = self._cursor.fetchmany(AT_ONCE)
            self._more = len(self._rows) == AT_ONCE

    def _run_many(self, sql: str, parameters: Iterable[Row], connection: sqlite3.Connection) -> None:
        self._cursor = connection.executemany(sql, parameters)

    def _rest(self, size: int | None = None) -> list[Row]:
        """Return so many more rows, all without a number; with fewer than that there are no more."""
        assert self._cursor is not None
        return self._cursor.fetchall() if size is None else self._cursor.fetchmany(size)

    def _end(self) -> None:
        assert self._cursor is not None
        self._cursor.close()
