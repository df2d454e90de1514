"""What many tests share: one real homeserver for the whole session, and people with an independent client on it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from demo.client import Clients
from demo.homeserver import Homeserver
from tests import databases


@pytest.fixture(scope="session", autouse=True)
def ended_databases() -> Iterator[None]:
    yield
    databases.end()


PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no reason to fail."""
settings.register_profile("search", PATIENT)
settings.register_profile("same", PATIENT, derandomize=True)
settings.load_profile("same")
"""The same examples in every run, so that a change is judged by itself; `--hypothesis-profile=search` looks for new ones."""


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """A running Synapse without limits for people; its tests use localparts of their own and leave it running."""
    server = Homeserver(tmp_path_factory.mktemp("homeserver"))
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


@pytest_asyncio.fixture
async def clients(homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[Clients]:
    """Independent clients on that homeserver, in one Node process of the test's own (`make env` installs its packages)."""
    async with Clients(homeserver.url, tmp_path / "clients.log") as running:
        yield running
