"""A running bot with Anna in her direct room and an administrator in theirs, each at an independent client."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from bot import app, config
from demo.client import Client, Clients, Event
from tests.bot.test_running import PASSWORD, SECONDS, Installation, rooms_of


@dataclass(frozen=True, slots=True)
class Office:
    """Who is there, and where they hear the bot."""

    place: Installation
    anna: Client
    direct: str
    admin: Client
    room: str

    async def told(self, words: str, *, after: str = "") -> Event:
        """Return the bot's message with these words in the admin room."""
        return await self._heard(self.admin, self.room, words, after)

    async def answered(self, words: str, *, after: str = "") -> Event:
        """Return the bot's message with these words in Anna's direct room."""
        return await self._heard(self.anna, self.direct, words, after)

    async def type(self, line: str, words: str, *, thread: str = "") -> Event:
        """Type a line in the admin room; return the bot's next message there with these words."""
        asked = await self.admin.say(self.room, line, thread=thread)
        return await self.told(words, after=asked)

    async def _heard(self, person: Client, room: str, words: str, after: str) -> Event:
        return await person.wait(room, lambda e: e.sender == self.place.user and words in e.body, SECONDS, after=after)


@asynccontextmanager
async def inside(place: Installation) -> AsyncGenerator[None]:
    """Run the bot in the test's own process, where its patience can be shortened."""
    stop, found = asyncio.Event(), config.load(place.folder / "config.toml", place.environ)
    running = asyncio.create_task(app.run(found, place.environ, stop))
    try:
        yield
    finally:
        stop.set()
        await running


@asynccontextmanager
async def opened(
    place: Installation, clients: Clients, running: AbstractAsyncContextManager[object] | None = None
) -> AsyncGenerator[Office]:
    """Run the bot, as a process of its own if nothing else is wished, and let both enter with an identity that the bot has seen."""
    async with running or place.running():
        anna = await clients.login(place.anna, PASSWORD, cross_sign=True)
        admin = await clients.login(place.admin, PASSWORD, cross_sign=True)
        direct = (await rooms_of(anna, "Samrum"))["Samrum"]
        room = (await rooms_of(admin, "Samrum administration"))["Samrum administration"]
        office = Office(place, anna, direct, admin, room)
        await office.answered("Det här kan du göra", after=await anna.say(direct, "!hjälp"))
        await office.type("!hjälp", "lita")
        yield office
