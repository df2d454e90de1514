"""A real database for each test, migrated as an installation is; `path` is for the tests that are about SQLite itself."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from store.database import Database
from store.keys import Vault
from store.sealing import Keyring, kek
from tests import databases


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "samrum.db"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with databases.migrated(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture
def vault() -> Vault:
    return Vault(Keyring(kek(bytes(range(32)))))
