"""The database's own trouble: full, read-only, out of reach. No mistake of the code, and over when the operator has mended it."""

import secrets
import sqlite3
from typing import cast

from sqlalchemy import delete, insert
from sqlalchemy.exc import DBAPIError

from store.database import Database
from store.tables import probes

SQLITE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }
)
POSTGRESQL = ("08", "53", "57P", "25006")
"""Beginnings of the states for: connection lost, no resources (53100 is a full disk), shut down, read-only."""
FILLING = 256 * 1024
"""Bytes that must find room before the database counts as writable: more than a large batch takes."""


def in_trouble(error: BaseException) -> bool:
    """Whether an exception, or each of a group, says that the database cannot be used at present."""
    if isinstance(error, BaseExceptionGroup):
        return all(in_trouble(each) for each in cast("BaseExceptionGroup[BaseException]", error).exceptions)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and in_trouble(error.orig))
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in SQLITE
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(POSTGRESQL)
    # The key store's library wraps what SQLite raised and keeps it as its argument.
    return isinstance(error, ConnectionError) or any(isinstance(each, sqlite3.Error) and in_trouble(each) for each in error.args)


async def probe(database: Database) -> None:
    """Write something of size and take it away again, each durably; raise what keeps the database from it."""
    async with database.write() as tx:
        await tx.execute(delete(probes))
        await tx.execute(insert(probes).values(id=1, filling=secrets.token_bytes(FILLING)))
    async with database.write() as tx:
        await tx.execute(delete(probes))
