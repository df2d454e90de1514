"""The world of the timer, on a real SQLite file, migrated as an installation is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from store.database import Database
from store.migrate import upgrade
from tests.reminders.world import VAULT, World, begin


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'samrum.db'}"
    await upgrade(url)
    opened = Database(url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def world(database: Database) -> World:
    """Monday 7 September 2026, 08:05: the first slot was before the bot was there."""
    return await begin(database, VAULT, "2026-09-07 08:05")
