"""A reader without a homeserver, people who encrypt for it, and the databases of the bots that a test made."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.matrix.bots import close_databases
from tests.bot.matrix.counterparts import ANNA, MALLORY, Bot, Homeserver, Person


@pytest_asyncio.fixture(autouse=True)
async def databases() -> AsyncIterator[None]:
    yield
    await close_databases()


@pytest.fixture
def server() -> Homeserver:
    return Homeserver()


@pytest_asyncio.fixture
async def bot(tmp_path: Path, server: Homeserver) -> AsyncIterator[Bot]:
    made = await Bot(tmp_path / "bot.db", server).open()
    yield made
    await made.close()


@pytest_asyncio.fixture
async def anna(tmp_path: Path, bot: Bot, server: Homeserver) -> AsyncIterator[Person]:
    made = Person(tmp_path / "anna", ANNA)
    made.meet(bot.machine)
    await bot.cabinet.flush()
    server.knows(made)
    yield made
    made.machine.close()


@pytest_asyncio.fixture
async def mallory(tmp_path: Path, bot: Bot, server: Homeserver) -> AsyncIterator[Person]:
    made = Person(tmp_path / "mallory", MALLORY)
    made.meet(bot.machine)
    await bot.cabinet.flush()
    server.knows(made)
    yield made
    made.machine.close()
