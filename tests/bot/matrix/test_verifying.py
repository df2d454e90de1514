"""A person's client verifies the bot by emoji, in a room of the two: real crypto on both sides."""

import asyncio
from pathlib import Path

import pytest

from bot.matrix.crypto.talks import News, Turn
from bot.matrix.crypto.verification import REQUEST
from demo.client import Client, ClientError, Clients
from demo.homeserver import Homeserver
from tests.bot.matrix.bots import PASSWORD, SECONDS, Bot, new_account, running, setting, sign_in
from texts.emoji import EMOJI

pytestmark = pytest.mark.homeserver


class Administrators:
    """What they were told."""

    def __init__(self, bot: Bot) -> None:
        self.told: list[News] = []
        self._news = asyncio.Event()
        bot.edge.verifications.told = self._tell

    async def _tell(self, news: News) -> None:
        self.told.append(news)
        self._news.set()

    async def hear(self, turn: Turn) -> News:
        async with asyncio.timeout(SECONDS * 3):
            while not (found := [news for news in self.told if news.turn is turn]):
                self._news.clear()
                await self._news.wait()
        return found[-1]


@pytest.fixture
async def anna(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "anna"), PASSWORD, cross_sign=True)


async def room_of_two(bot: Bot, person: Client) -> str:
    room = await person.create_direct(bot.credentials.user_id)
    await bot.edge.join(room)
    return room


async def test_a_person_verifies_the_bot_and_both_sides_see_the_same_emoji(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    async with running(await sign_in(homeserver), setting(homeserver.url, tmp_path, anna.user)) as bot:
        admins, user = Administrators(bot), bot.credentials.user_id
        room = await room_of_two(bot, anna)

        seen = await anna.begin_verification(user, room)
        shown = await admins.hear(Turn.COMPARE)
        await bot.edge.confirm(shown.number, agrees=True)
        verified = await anna.conclude_verification()
        done = await admins.hear(Turn.VERIFIED)

    assert tuple(EMOJI[number][0] for number in shown.emoji) == seen
    assert verified
    assert (done.user, done.number) == (anna.user, shown.number)


async def test_emoji_that_differ_verify_nobody(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    async with running(await sign_in(homeserver), setting(homeserver.url, tmp_path, anna.user)) as bot:
        admins, user = Administrators(bot), bot.credentials.user_id
        room = await room_of_two(bot, anna)

        await anna.begin_verification(user, room)
        shown = await admins.hear(Turn.COMPARE)
        await bot.edge.confirm(shown.number, agrees=False)
        await admins.hear(Turn.CANCELLED)
        with pytest.raises(ClientError, match=r"cancelled|mismatched"):
            await anna.conclude_verification()


async def test_a_request_in_a_room_that_was_just_made_for_it_is_answered(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    async with running(await sign_in(homeserver), setting(homeserver.url, tmp_path, anna.user)) as bot:
        admins, user = Administrators(bot), bot.credentials.user_id
        room = await anna.create_direct(user)
        asking = asyncio.create_task(anna.begin_verification(user, room))
        await anna.wait(room, lambda event: event.msgtype == REQUEST)
        await bot.edge.join(room)

        seen = await asking
        shown = await admins.hear(Turn.COMPARE)

    assert tuple(EMOJI[number][0] for number in shown.emoji) == seen
