"""What counts as said by the bot when it looks for its own words in a room."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from bot.contents import MARKER
from bot.matrix.crypto.inbound import Owner
from bot.matrix.finding import Finder
from bot.matrix.wire import Json, Wire
from tests.bot.matrix.counterparts import BOT, ROOM, Bot, Homeserver, Person, text

ROW = "row1"
CONTENT = {**text("hej"), MARKER: ROW}


class History:
    """A homeserver that holds one page of a room."""

    def __init__(self, *events: Json) -> None:
        self.events = events

    async def call(self, _method: str, _where: str, **_more: object) -> Json:
        return {"chunk": [*self.events]}


async def found(bot: Bot, *events: Json) -> str:
    finder = Finder(cast("Wire", History(*events)), bot.machine.ears, BOT)
    return await finder.find(ROOM, ROW, (), datetime(2026, 9, 1, tzinfo=UTC))


def event(content: Mapping[str, object], sender: str = BOT) -> Json:
    return {"event_id": "$1", "type": "m.room.encrypted", "sender": sender, "origin_server_ts": 0, "content": dict(content)}


async def said(bot: Bot) -> Json:
    await bot.machine.voice.fetch(ROOM)
    return bot.machine.voice.encrypt(bot.machine.voice.key(ROOM, ()), "m.room.message", CONTENT)


async def test_an_own_message_is_found_by_its_row(bot: Bot) -> None:
    assert await found(bot, event(await said(bot))) == "$1"


async def test_a_message_of_a_device_that_the_bot_had_before_is_found(bot: Bot, tmp_path: Path) -> None:
    former = await Bot(tmp_path / "former.db", Homeserver()).open()
    sealed = await said(former)
    own = former.machine.account
    (key,) = former.machine.ears._keys(ROOM, str(sealed["session_id"]))
    await former.close()
    await bot.machine.ears.fetch([ROOM])
    bot.machine.ears.keep(ROOM, key.session, Owner(BOT, own.curve25519, own.ed25519))

    assert await found(bot, event(sealed)) == "$1"


@pytest.mark.parametrize("user", ["@anna.demo:x", BOT])
async def test_a_copied_row_of_another_device_is_not_found(bot: Bot, tmp_path: Path, user: str) -> None:
    other = Person(tmp_path / "other", user, "OTHER")
    other.meet(bot.machine)
    await bot.sync(to_device=(other.room_key(bot.machine),))
    sealed = other.say(CONTENT)["content"]
    other.machine.close()

    assert await found(bot, event(sealed), event(sealed, user)) == ""
