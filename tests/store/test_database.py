"""What a transaction leaves behind when it is broken off."""

import asyncio
import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from store.database import Database
from store.portions import fill
from store.tables import unread

NOW = datetime(2026, 9, 1, tzinfo=UTC)
ROWS = [{"event": f"${n}", "room": "!r", "sender": "@a", "session": "s", "sent": NOW, "taken": NOW, "told": None} for n in range(30_000)]


@pytest.fixture
def uncollected() -> Iterator[None]:
    """What is broken off stays in memory: the garbage collector may come late."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
async def test_a_write_that_is_cancelled_lets_go_of_the_database_at_once(database: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with database.write() as tx:
            begun.set()
            await fill(tx, unread, ROWS)

    writing = asyncio.create_task(write())
    await begun.wait()
    await asyncio.sleep(0.01)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    async with database.write() as tx:
        assert await tx.scalar(select(func.count()).select_from(unread)) == 0
