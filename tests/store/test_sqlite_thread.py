import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import aiosqlite
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from store.database import Database
from store.sqlite_thread import AT_ONCE, Connection, Cursor, connection

COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n"


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Connection]:
    """A connection with an empty table `a (i INTEGER PRIMARY KEY, t TEXT UNIQUE)`."""
    made = connection(str(tmp_path / "x.db"), isolation_level=None)
    await made
    await made.cursor().execute("CREATE TABLE a (i INTEGER PRIMARY KEY, t TEXT UNIQUE)")
    yield made
    await made.close()


async def counted(opened: Connection, rows: int) -> Cursor:
    return await opened.cursor().execute(COUNTED, (rows,))


@pytest.mark.parametrize("rows", [1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
async def test_all_rows_come_once_however_they_are_fetched(opened: Connection, rows: int) -> None:
    wanted = [(n,) for n in range(1, rows + 1)]
    some, one = await counted(opened, rows), await counted(opened, rows)

    assert await (await counted(opened, rows)).fetchall() == wanted
    assert [row async for row in by(some, 700)] == wanted
    assert [await one.fetchone() for _ in range(rows + 2)] == [*wanted, None, None]
    mixed = await counted(opened, rows)
    first = await mixed.fetchmany(1)
    assert first + await mixed.fetchall() == wanted
    assert await mixed.fetchall() == []


async def by(cursor: Cursor, size: int) -> AsyncIterator[tuple[int]]:
    while rows := await cursor.fetchmany(size):
        for row in rows:
            yield (row[0],)


async def test_a_statement_takes_one_visit_to_the_thread_that_runs_it(opened: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = list[int]()
    visit = opened.visit

    async def noted(work: Callable[[sqlite3.Connection], object]) -> object:
        def watched(raw: sqlite3.Connection) -> object:
            threads.append(threading.get_ident())
            return work(raw)

        return await visit(watched)

    monkeypatch.setattr(opened, "visit", noted)
    async with opened.cursor() as cursor:
        await cursor.execute("SELECT 1")
        await cursor.fetchall()

    assert len(threads) == 1
    assert threads != [threading.get_ident()]


async def test_what_was_written_is_told(opened: Connection) -> None:
    cursor = await opened.cursor().execute("INSERT INTO a (t) VALUES (?), (?) RETURNING i", ("x", "y"))
    assert (cursor.lastrowid, await cursor.fetchall()) == (2, [(1,), (2,)])

    cursor = await opened.cursor().executemany("UPDATE a SET t = ? WHERE i = ?", [("p", 1), ("q", 2), ("r", 3)])
    assert (cursor.rowcount, cursor.description) == (2, None)


async def test_a_refusal_reaches_who_asked_and_the_connection_lives_on(opened: Connection) -> None:
    await opened.cursor().execute("INSERT INTO a (t) VALUES ('x')")

    with pytest.raises(sqlite3.IntegrityError):
        await opened.cursor().execute("INSERT INTO a (t) VALUES ('x')")

    assert await (await opened.cursor().execute("SELECT t FROM a")).fetchall() == [("x",)]


async def test_who_stops_reading_early_fetches_no_more(opened: Connection) -> None:
    cursor = await counted(opened, 50 * AT_ONCE)
    raw = cursor._cursor
    assert raw is not None

    await cursor.close()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        raw.fetchone()
    assert await cursor.fetchall() == []


async def test_who_stops_reading_in_the_middle_hinders_no_writer(opened: Connection) -> None:
    async with await counted(opened, 2 * AT_ONCE) as cursor:
        await cursor.fetchmany(3)

    await opened.cursor().execute("DROP TABLE a")


async def test_who_breaks_off_leaves_nothing_of_the_transaction(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    async with database.write() as tx:
        await tx.execute(text("CREATE TABLE a (t TEXT UNIQUE)"))

    async def write() -> None:
        async with database.write() as tx:
            await tx.execute(text("INSERT INTO a VALUES ('x')"))
            await tx.execute(text(COUNTED.replace("?", "3000000")))

    task = asyncio.create_task(write())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    async with database.write() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM a"))).scalar_one() == 0
        await tx.execute(text("INSERT INTO a VALUES ('y')"))
        with pytest.raises(IntegrityError):
            await tx.execute(text("INSERT INTO a VALUES ('y')"))
    await database.close()


@pytest.mark.parametrize("rows", [999, 1000, 1781, 1999, 2000, 2005, 2790])
async def test_a_long_answer_is_streamed(tmp_path: Path, rows: int) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    async with database.read() as tx:
        result = await tx.stream(text(COUNTED.replace("?", str(rows))))
        found = [row.i async for row in result]
    await database.close()

    assert found == list(range(1, rows + 1))


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done on the threads of connections, by name."""
    seen, execute = list[str](), cast("Any", aiosqlite.Connection)._execute

    async def noted(self: Connection, work: Callable[..., object], *args: object) -> object:
        seen.append(getattr(work, "__name__", "work"))
        found: object = await execute(self, work, *args)
        return found

    monkeypatch.setattr(aiosqlite.Connection, "_execute", noted)
    return seen


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    async with made.write() as tx:
        await tx.execute(text("CREATE TABLE a (t TEXT UNIQUE)"))
    yield made
    await made.close()


async def test_a_transaction_that_reads_takes_one_visit_for_each_statement_and_no_other(database: Database, visits: list[str]) -> None:
    async with database.read() as tx:
        await tx.scalar(text("SELECT count(*) FROM a"))
        await tx.scalar(text("SELECT count(*) FROM a"))

    assert visits == ["_within"] * 2


async def test_a_transaction_that_writes_takes_one_visit_more(database: Database, visits: list[str]) -> None:
    async with database.write() as tx:
        await tx.execute(text("INSERT INTO a VALUES ('x')"))

    assert visits == ["_within", "commit"]


async def test_a_transaction_in_which_nothing_is_said_takes_none(database: Database, visits: list[str]) -> None:
    async with database.write():
        pass
    async with database.read():
        pass

    assert visits == []


async def test_what_is_read_in_a_transaction_stays_as_it_was_at_its_first_statement(database: Database) -> None:
    async with database.read() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM a")) == 0
        async with database.write() as tx:
            await tx.execute(text("INSERT INTO a VALUES ('x')"))
        assert await reader.scalar(text("SELECT count(*) FROM a")) == 0

    async with database.read() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM a")) == 1


async def test_what_cannot_begin_says_so_and_is_never_done_outside_a_transaction(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with suppress(asyncio.CancelledError):
        async with database.write() as tx:
            raw = (await tx.get_raw_connection()).driver_connection
            assert raw is not None
            raw._conn.execute("PRAGMA busy_timeout=0")
            for _ in range(2):
                with pytest.raises(OperationalError, match="locked"):
                    await tx.execute(text("INSERT INTO a VALUES ('x')"))
            other.rollback()
            await tx.execute(text("INSERT INTO a VALUES ('y')"))
            raise asyncio.CancelledError

    assert other.execute("SELECT t FROM a").fetchall() == []
    other.close()
