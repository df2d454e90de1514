"""A command from a device that its owner has not verified, against a real homeserver: it is not obeyed, and its owner hears of it."""

import pytest

from demo.client import Client, Clients, Event
from tests.bot.test_running import PASSWORD, SECONDS, Installation, installed, place, rooms_of

__all__ = ["installed", "place"]

pytestmark = pytest.mark.homeserver
WITHHELD = "MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE"
NOTICE = "litar inte på den mobil eller dator"
INBOX = "Inkorg Norrgårdens vårdcentral"


async def test_what_is_typed_on_an_unverified_device_is_not_done_and_told_where_a_verified_one_reads_it(
    installed: Installation, clients: Clients
) -> None:
    anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
    async with installed.running():
        rooms = await rooms_of(anna, "Samrum", INBOX)
        direct, inbox = rooms["Samrum"], rooms[INBOX]
        asked = await anna.say(direct, "!begrepp SIP")
        await said_by(installed, anna, direct, "SIP", after=asked)
        phone = await clients.login(installed.anna, PASSWORD)

        typed = await phone.say(direct, "!hjälp")
        told = [await said_by(installed, anna, room, NOTICE) for room in (direct, inbox)]
        await phone.say(inbox, "!hjälp")
        unread = await phone.wait(direct, lambda event: event.id == told[0].id, timeout=SECONDS)
        closing = await anna.say(direct, "!begrepp SIP")
        await said_by(installed, anna, direct, "SIP", after=closing)
        await installed.health()

    since = [event for room, after in ((direct, typed), (inbox, "")) for event in anna.seen.events(room, after)]
    about_commands = [event.text for event in since if event.sender == installed.user and "!hjälp" in event.text]
    assert about_commands == []
    assert [(each.msgtype, each.mentions, each.failure) for each in told] == [("m.text", (installed.anna,), "")] * 2
    assert (unread.failure, unread.body) == (WITHHELD, "")
    assert len([event for event in since if NOTICE in event.text]) == 2


async def said_by(installed: Installation, client: Client, room: str, words: str, after: str = "") -> Event:
    return await client.wait(room, lambda event: event.sender == installed.user and words in event.text, timeout=SECONDS, after=after)
