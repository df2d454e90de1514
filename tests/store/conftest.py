"""A real SQLite file for each test, migrated as an installation is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from store.database import Database
from store.keys import Vault
from store.migrate import upgrade
from store.sealing import Keyring, kek


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "samrum.db"


@pytest_asyncio.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{path}"
    await upgrade(url)
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture
def vault() -> Vault:
    return Vault(Keyring(kek(bytes(range(32)))))
