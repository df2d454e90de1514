"""A chat for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.commands import driver
from tests.commands.driver import Chat


@pytest_asyncio.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with driver.chat(tmp_path) as running:
        yield running
