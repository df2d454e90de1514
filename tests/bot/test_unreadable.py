"""A message whose key never comes, against a real homeserver: its writer is told once, by a process that was killed meanwhile."""

import aiohttp
import pytest
from vodozemac import GroupSession

from bot.matrix.crypto.identities import MEGOLM
from demo.client import Clients
from demo.homeserver import Homeserver
from tests.bot.test_running import PASSWORD, SECONDS, Installation, installed, place, rooms_of

__all__ = ["installed", "place"]

pytestmark = pytest.mark.homeserver


async def lose(homeserver: Homeserver, user: str, room: str) -> str:
    """Send what nobody has the key of; return the event id."""
    session = GroupSession()
    sealed = session.encrypt(b'{"type":"m.room.message"}').to_base64()
    content = {"algorithm": MEGOLM, "session_id": session.session_id, "sender_key": "A" * 43, "device_id": "GONE", "ciphertext": sealed}
    async with aiohttp.ClientSession(homeserver.url) as client:
        who = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": PASSWORD}
        async with client.post("/_matrix/client/v3/login", json=who) as answer:
            headers = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}
        where = f"/_matrix/client/v3/rooms/{room}/send/m.room.encrypted/{session.session_id[:10].replace('/', '-')}"
        async with client.put(where, json=content, headers=headers) as answer:
            return str((await answer.json())["event_id"])


async def test_what_cannot_be_read_is_told_once_across_a_kill(installed: Installation, clients: Clients) -> None:
    with (installed.folder / "config.toml").open("a") as config:
        config.write("[gathering]\nkeys = 5\n")
    anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
    async with installed.running() as first:
        direct = (await rooms_of(anna, "Samrum"))["Samrum"]
        await installed.health()
        lost = [await lose(installed.homeserver, installed.anna, direct) for _ in range(2)]
        await anna.say(direct, "!hjälp")
        await anna.wait(direct, lambda event: event.sender == installed.user and "!hjälp" in event.body, timeout=SECONDS)
        first.kill()
        await first.communicate()

    async with installed.running():
        notice = await anna.wait(direct, lambda event: "kan inte läsa" in event.body, timeout=SECONDS)
        asked = await anna.say(direct, "!begrepp SIP")
        await anna.wait(direct, lambda event: event.sender == installed.user and "SIP" in event.body, timeout=SECONDS, after=asked)
        await installed.health()
        told = [event for event in anna.seen.events(direct) if "kan inte läsa" in event.body]

    assert notice.reply in lost
    assert (notice.msgtype, notice.mentions) == ("m.text", (installed.anna,))
    assert "Skriv det igen" in notice.body
    assert len(told) == 1
