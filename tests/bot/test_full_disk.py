"""`samrum run` on a disk that fills up, and has room again."""

import asyncio
import resource
import shutil
import subprocess
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest

from demo.client import Clients
from demo.homeserver import Homeserver
from tests.bot.test_running import PASSWORD, SECONDS, Installation, placed, prepared, rooms_of
from tests.databases import about_sqlite, file_url

pytestmark = [pytest.mark.homeserver, about_sqlite]

SIZE = 24 * 2**20
"""Bytes of the small disk: far more than a new installation needs."""
LEFT = 40 * 2**10
"""Bytes that are left: room for small writes, not for all."""


class SmallDisk:
    """A file system of its own; needs the right to mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, _process: int) -> None:
        """Leave next to nothing."""
        self._ballast.write_bytes(bytes(shutil.disk_usage(self.folder).free - LEFT))

    def empty(self, _process: int) -> None:
        """Make room."""
        self._ballast.unlink()


class SmallFiles:
    """Any folder, on which one process may not make its files any larger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, process: int) -> None:
        """Let no file grow beyond what the database's log may take."""
        log = (self.folder / "samrum.db-wal").stat().st_size
        resource.prlimit(process, resource.RLIMIT_FSIZE, (log + LEFT, resource.RLIM_INFINITY))

    def empty(self, process: int) -> None:
        """Let them grow."""
        resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def mounted(folder: Path) -> Generator[SmallDisk]:
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system may be mounted here: {made.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def limited(folder: Path) -> Generator[SmallFiles]:
    folder.mkdir()
    yield SmallFiles(folder)


@asynccontextmanager
async def watched(place: Installation) -> AsyncGenerator[set[str]]:
    """Collect what the health page says of the database for as long as the block lasts."""
    said = set[str]()

    async def look() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                said.add(str((await place._page(session)).get("stopped", "")))
                await asyncio.sleep(0.05)

    looking = asyncio.create_task(look())
    try:
        yield said
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


@pytest.mark.parametrize("disk", [mounted, limited])
async def test_what_is_written_while_the_disk_is_full_is_answered_once_when_there_is_room_again(
    homeserver: Homeserver, clients: Clients, tmp_path: Path, disk: Callable[[Path], AbstractContextManager[SmallDisk | SmallFiles]]
) -> None:
    with disk(tmp_path / "disk") as small:
        place = await prepared(await placed(homeserver, tmp_path, file_url(small.folder / "samrum.db")))
        anna = await clients.login(place.anna, PASSWORD, cross_sign=True)
        async with place.running() as process, watched(place) as said:
            direct = (await rooms_of(anna, "Samrum"))["Samrum"]
            await place.health()
            before = {*said}

            small.fill(process.pid)
            asked = await anna.say(direct, "!hjälp")
            async with asyncio.timeout(SECONDS):
                while "database" not in said:  # noqa: ASYNC110 - another process gives no event to wait for
                    await asyncio.sleep(0.05)
            await asyncio.sleep(3)
            small.empty(process.pid)
            await anna.wait(direct, lambda event: event.sender == place.user and bool(event.body), timeout=SECONDS, after=asked)
            await place.health()
            again = await anna.say(direct, "!hjälp")
            await anna.wait(direct, lambda event: event.sender == place.user and bool(event.body), timeout=SECONDS, after=again)
            answers = [event for event in anna.seen.events(direct, asked) if event.sender == place.user and event.encrypted]
            alive = process.returncode is None

    assert before <= {""}
    assert alive
    assert len(answers) == 2
