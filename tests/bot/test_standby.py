"""Two real processes on one PostgreSQL: when the one that works dies or freezes, the other goes on, and nothing is lost or said twice."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from demo.client import Client, Clients
from demo.homeserver import Homeserver
from demo.homeserver_settings import free_port
from tests import databases
from tests.bot.test_running import PASSWORD, SECONDS, Installation, placed, prepared, rooms_of

pytestmark = [pytest.mark.homeserver, pytest.mark.postgres]

TAKEN_OVER = 10.0
"""Seconds after which people have their answer again."""
DEPOSED = 3


@pytest.fixture
async def leader(homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[Installation]:
    with databases.server().database("template0") as url:
        yield await prepared(await placed(homeserver, tmp_path, url))


@pytest.fixture
def standby(leader: Installation) -> Installation:
    """The same installation, with a health page of its own."""
    return replace(leader, port=free_port())


class Talk:
    """Anna in her direct room with the bot: what she asked, and what was answered."""

    def __init__(self, anna: Client, bot: str, room: str) -> None:
        self._anna = anna
        self._bot = bot
        self._room = room
        self._first = ""
        self.asked = 0

    async def ask(self) -> str:
        self.asked += 1
        event = await self._anna.say(self._room, "!hjälp")
        self._first = self._first or event
        return event

    async def answered(self, asked: str) -> float:
        """Wait for an answer that comes after a question, and return how many seconds it took."""
        began = time.monotonic()  # noqa: TID251 - as above
        await self._anna.wait(self._room, lambda event: event.sender == self._bot and bool(event.body), timeout=SECONDS, after=asked)
        return time.monotonic() - began  # noqa: TID251 - as above

    def answers(self) -> int:
        events = self._anna.seen.events(self._room, self._first)
        return len([event for event in events if event.sender == self._bot and event.wire_type == "m.room.encrypted"])


@asynccontextmanager
async def running(installation: Installation) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await installation.launch("run", environ={"SAMRUM_WEB__PORT": str(installation.port)})
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def state(installation: Installation, wanted: str) -> None:
    """Return when the health page says so."""
    async with asyncio.timeout(SECONDS), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{installation.port}/health") as answer:
                    if (await answer.json())["state"] == wanted:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def talk(clients: Clients, installation: Installation) -> Talk:
    anna = await clients.login(installation.anna, PASSWORD, cross_sign=True)
    talking = Talk(anna, installation.user, (await rooms_of(anna, "Samrum"))["Samrum"])
    await installation.health()
    await talking.answered(await talking.ask())
    return talking


def logged(said: bytes, event: str) -> bool:
    return any(json.loads(line)["event"] == event for line in said.decode().splitlines() if line.startswith("{"))


async def test_a_standby_answers_within_ten_seconds_after_the_leader_was_killed(
    leader: Installation, standby: Installation, clients: Clients
) -> None:
    async with running(leader) as first:
        talking = await talk(clients, leader)
        async with running(standby):
            await state(standby, "standby")
            first.kill()
            waited = await talking.answered(await talking.ask())
            await standby.health()

            assert waited < TAKEN_OVER
            assert talking.answers() == talking.asked == 2


async def test_a_standby_answers_within_ten_seconds_after_the_leader_froze_which_then_ends_without_a_word(
    leader: Installation, standby: Installation, clients: Clients
) -> None:
    async with running(leader) as first:
        talking = await talk(clients, leader)
        async with running(standby):
            await state(standby, "standby")
            for _ in range(3):
                await talking.ask()
            first.send_signal(signal.SIGSTOP)
            waited = await talking.answered(await talking.ask())
            await standby.health()
            before = talking.answers()
            first.send_signal(signal.SIGCONT)
            said, _ = await asyncio.wait_for(first.communicate(), SECONDS)
            await talking.answered(await talking.ask())
            await standby.health()

            assert waited < TAKEN_OVER
            assert before == talking.asked - 1
            assert talking.answers() == talking.asked == 6
            assert first.returncode == DEPOSED
            assert logged(said, "leadership.deposed")


async def test_a_leader_that_is_stopped_in_order_hands_over_at_once(leader: Installation, standby: Installation, clients: Clients) -> None:
    async with running(leader) as first:
        talking = await talk(clients, leader)
        async with running(standby) as second:
            await state(standby, "standby")
            first.terminate()
            await asyncio.wait_for(first.communicate(), SECONDS)
            await talking.answered(await talking.ask())
            second.terminate()
            await asyncio.wait_for(second.communicate(), SECONDS)

    assert (first.returncode, second.returncode) == (0, 0)
    assert talking.answers() == 2


async def test_a_standby_can_be_stopped(leader: Installation, standby: Installation) -> None:
    async with running(leader):
        await leader.health()
        async with running(standby) as second:
            await state(standby, "standby")
            second.terminate()
            said, _ = await asyncio.wait_for(second.communicate(), SECONDS)

    assert second.returncode == 0
    assert not logged(said, "leadership.won")


async def test_an_operators_command_that_needs_the_installation_alone_is_refused_while_the_bot_works(leader: Installation) -> None:
    async with running(leader):
        await leader.health()
        status, said = await leader.command("rebuild")

    assert status == 2
    assert "another samrum process" in said
