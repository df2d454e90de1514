"""A database that is really full or really read-only, and what waits for it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.database_watch import HELD, DatabaseWatch
from care.effects import Say, Words, case_room
from store.trouble import in_trouble, probe
from tests.bot.shelves import House, house, until
from tests.databases import about_sqlite


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        yield made


class Told:
    def __init__(self) -> None:
        self.times = 0
        self.failure: Exception | None = None

    async def __call__(self) -> None:
        if self.failure:
            raise self.failure
        self.times += 1


def watch(home: House, told: Told) -> DatabaseWatch:
    return DatabaseWatch(home.shelf.database, home.clock, back=Told(), told=told, shortest=0.05)


def say(key: str) -> Say:
    return Say(key, case_room("c1"), words=Words("x" * 20_000, "x"))


FULL = ("max_page_count=1", "max_page_count=1073741823")  # SQLite takes the present size for the least
READ_ONLY = ("query_only=ON", "query_only=OFF")


class Trouble:
    """Makes the whole database full or read-only for as long as it is `on`."""

    def __init__(self, home: House, pragmas: tuple[str, str] = READ_ONLY) -> None:
        self.on = True
        self._pragmas = pragmas
        event.listen(home.shelf.database.engine.sync_engine, "checkout", self._set)

    def _set(self, connection: DBAPIConnection, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {self._pragmas[0 if self.on else 1]}")
        cursor.close()


@about_sqlite
@pytest.mark.parametrize("pragmas", [FULL, READ_ONLY])
async def test_the_trouble_is_waited_out_by_all_who_meet_it_and_told_once(home: House, pragmas: tuple[str, str]) -> None:
    told, trouble = Told(), Trouble(home, pragmas)
    sut = watch(home, told)
    steps = [asyncio.create_task(sut.patiently(lambda key=key: home.enqueue(say(key)))) for key in "ab"]  # type: ignore[misc]
    await until(lambda: bool(sut.stopped))
    await asyncio.sleep(0.2)
    assert (sut.stopped, told.times) == ("database", 0)
    assert not any(step.done() for step in steps)

    trouble.on = False
    await asyncio.wait_for(asyncio.gather(*steps), 60)
    await sut.keep()
    at_once = told.times
    home.clock.forward(seconds=HELD)
    await sut.keep()
    await sut.keep()

    assert (sut.stopped, at_once, told.times) == ("", 0, 1)
    assert (await home.backlog()).waiting == 2


async def test_a_disk_on_which_only_small_things_find_room_is_one_trouble_and_told_once(home: House) -> None:
    told = Told()
    sut, failures = watch(home, told), iter([True, True, True, False])

    async def step() -> None:
        home.clock.forward(seconds=HELD - 1)
        await sut.keep()
        if next(failures):
            raise of_sqlite(sqlite3.SQLITE_FULL)

    with capture_logs() as logs:
        await asyncio.wait_for(sut.patiently(step), 60)
        during = told.times
        home.clock.forward(seconds=HELD)
        await sut.keep()

    assert (during, told.times) == (0, 1)
    assert [each["event"] for each in logs if each["event"].startswith("database.")] == ["database.stopped", "database.back"]


async def test_what_cannot_be_told_yet_is_told_later(home: House) -> None:
    told = Told()
    sut, failures = watch(home, told), iter([True, False])

    async def step() -> None:
        if next(failures):
            raise of_sqlite(sqlite3.SQLITE_FULL)

    await asyncio.wait_for(sut.patiently(step), 60)
    home.clock.forward(seconds=HELD)
    told.failure = of_sqlite(sqlite3.SQLITE_FULL)
    with pytest.raises(sqlite3.OperationalError):
        await sut.keep()
    told.failure = None

    await sut.keep()

    assert told.times == 1


async def test_who_meets_trouble_while_its_end_is_told_is_told_of_its_end_too(home: House) -> None:
    times = 0
    other: asyncio.Task[None] | None = None
    failures = {"a": 1, "b": 1}

    async def step(name: str) -> None:
        if failures[name]:
            failures[name] -= 1
            raise of_sqlite(sqlite3.SQLITE_IOERR)

    async def back() -> None:
        nonlocal other, times
        times += 1
        if other is None:
            other = asyncio.create_task(sut.patiently(lambda: step("b")))
            await asyncio.sleep(0.05)

    sut = DatabaseWatch(home.shelf.database, home.clock, back=back, told=Told(), shortest=0.05)
    await asyncio.wait_for(sut.patiently(lambda: step("a")), 60)
    assert other is not None
    await asyncio.wait_for(other, 60)

    assert (times, sut.stopped) == (2, "")


async def test_what_is_no_trouble_of_the_database_is_handed_on(home: House) -> None:
    async def step() -> None:
        raise ValueError("a bug")

    sut = watch(home, Told())
    with pytest.raises(ValueError, match="a bug"):
        await sut.patiently(step)

    assert sut.stopped == ""


@about_sqlite
async def test_a_stop_is_not_held_up_by_a_database_that_stays_away(home: House) -> None:
    Trouble(home)
    sut = watch(home, Told())
    step = asyncio.create_task(sut.patiently(lambda: home.enqueue(say("a"))))
    await until(lambda: bool(sut.stopped))

    sut.end()
    async with asyncio.timeout(20):
        await asyncio.wait([step])

    assert step.cancelled()


async def test_a_probe_leaves_nothing_behind(home: House) -> None:
    await probe(home.shelf.database)
    await probe(home.shelf.database)

    async with home.shelf.database.read() as tx:
        assert (await tx.exec_driver_sql("SELECT count(*) FROM probes")).scalar_one() == 0


class WithState(Exception):  # noqa: N818 - stands for an exception of asyncpg
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (of_sqlite(sqlite3.SQLITE_FULL), True),
        (of_sqlite(sqlite3.SQLITE_IOERR | 3 << 8), True),
        (of_sqlite(sqlite3.SQLITE_READONLY), True),
        (of_sqlite(sqlite3.SQLITE_CONSTRAINT), False),
        (of_sqlite(sqlite3.SQLITE_ERROR), False),
        (OperationalError("UPDATE", {}, of_sqlite(sqlite3.SQLITE_FULL)), True),
        (OperationalError("UPDATE", {}, WithState("53100")), True),
        (OperationalError("UPDATE", {}, WithState("25006")), True),
        (OperationalError("UPDATE", {}, WithState("23505")), False),
        (ConnectionRefusedError(), True),
        (ValueError("x"), False),
        (RuntimeError(of_sqlite(sqlite3.SQLITE_FULL)), True),
        (ExceptionGroup("two", [of_sqlite(sqlite3.SQLITE_FULL), of_sqlite(sqlite3.SQLITE_FULL)]), True),
        (ExceptionGroup("two", [of_sqlite(sqlite3.SQLITE_FULL), ValueError()]), False),
    ],
)
def test_trouble_is_told_from_mistakes(error: Exception, trouble: bool) -> None:
    assert in_trouble(error) is trouble
