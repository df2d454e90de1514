"""The world of the timer, on a real database, migrated as an installation is."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from store.database import Database
from tests import databases
from tests.reminders.world import VAULT, World, begin


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with databases.migrated(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def world(database: Database) -> World:
    """Monday 7 September 2026, 08:05: the first slot was before the bot was there."""
    return await begin(database, VAULT, "2026-09-07 08:05")
