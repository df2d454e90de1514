"""One demo for all stories that move no time: each opens a case of its own in it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from demo.story.theatre import Theatre
from tests.stage import staged


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def theatre(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Theatre]:
    """A demo on a Tuesday morning, with Anna, Ulla, Noor and Eva at their clients."""
    async with staged(tmp_path_factory.mktemp("story") / "demo", "2026-09-01T08:05:00+02:00", "anna", "ulla", "noor", "eva") as playing:
        yield playing
