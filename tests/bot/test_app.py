import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.app import Bot, brought_up
from bot.config import load
from bot.matrix.client import Edge
from bot.matrix.incoming import Batch, Incoming
from bot.matrix.incoming import Kind as Heard
from bot.premises import Premises
from care.effects import Say, direct
from store import inbox, rooms, unread
from store.database import Database, Transaction
from store.unread import Unread
from tests.bot import shelves
from tests.bot.shelves import ANNA, BOT, House, household, member, staff, until
from tests.bot.test_household import enqueued

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
ROOM = "!anna"


class Forgetful(Database):
    """A database that is gone when `losing` transactions have been committed, before anybody is told that they were."""

    losing = 0

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        async with super().write() as tx:
            yield tx
        if self.losing:
            self.losing -= 1
            gone = sqlite3.OperationalError("disk I/O error")
            gone.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise gone


@dataclass
class Reading(shelves.Homeserver):
    """An edge that reads the late message when it is asked for it, after which the database is gone once."""

    database: Forgetful | None = None
    verifications: SimpleNamespace = field(default_factory=SimpleNamespace)

    async def read(self, room: str, event_id: str) -> Incoming:
        assert self.database
        self.database.losing = 1
        return Incoming(event_id, room, ANNA, shelves.NOON, Heard.MESSAGE, body="!hjälp", msgtype="m.text", decrypted=True, trusted=True)

    def recording(self, _batch: Batch) -> AbstractAsyncContextManager[Transaction]:
        assert self.database
        return self.database.write()


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with shelves.house(tmp_path) as made:
        await made.fill(staff(member(ANNA)))
        async with made.shelf.database.write() as tx:
            await rooms.settle(tx, direct(ANNA), ROOM, shelves.NOON)
            await unread.put(tx, [Unread("$1", ROOM, ANNA, "megolm", shelves.NOON)], shelves.NOON)
        yield made


async def test_what_was_committed_unheard_is_handled_once_when_the_database_is_back(home: House, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[matrix]\nhomeserver = "http://127.0.0.1:9"\nuser = "{BOT}"\n')
    shelf, database = home.shelf, Forgetful(str(home.shelf.database.engine.url))
    premises = Premises(load(tmp_path / "config.toml", {}), database, shelf.vault, shelf.roster, home.clock)
    sut = Bot(premises, home.clock, cast("Edge", Reading(database=database)), household(home), None)
    working = asyncio.create_task(sut._workers.run())

    await sut._taken(Batch("s2", sessions=frozenset({"megolm"})))
    await until(lambda: not sut._workers.waiting and not sut._watch.stopped)
    async with database.read() as tx:
        waiting = await inbox.waiting(tx, shelf.vault)
    sut._workers.stop()
    await working
    await database.close()

    answers = [effect for effect in await enqueued(home) if isinstance(effect, Say) and effect.place == direct(ANNA)]
    assert waiting == ()
    assert len(answers) == 1


async def test_what_the_timer_says_is_when_to_look_again() -> None:
    async def tick() -> datetime | None:
        return NOON

    assert await brought_up(tick) == NOON


async def test_one_case_that_fails_does_not_end_the_bot_and_is_logged() -> None:
    async def tick() -> datetime | None:
        raise ExceptionGroup("two cases", [ValueError("one"), KeyError("another")])

    with capture_logs() as logs:
        assert await brought_up(tick) is None

    assert [(each["event"], type(each["exc_info"])) for each in logs] == [("timer.failed", ValueError), ("timer.failed", KeyError)]


async def test_a_bot_that_is_stopped_stops() -> None:
    async def tick() -> datetime | None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await brought_up(tick)
