import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from bot.clock import MachineTime
from bot.matrix.client import Edge
from bot.matrix.errors import SignedOut, Temporary
from bot.matrix.incoming import Batch, Kind
from bot.matrix.rooms import RoomWish
from demo.client import Client, Clients
from demo.homeserver import Homeserver
from tests.bot.matrix.bots import PASSWORD, SECONDS, Bot, Kept, case_room, new_account, running, says, setting, sign_in, text
from tests.bot.matrix.proxies import Proxy, proxy

pytestmark = pytest.mark.homeserver

MACHINE = MachineTime()


@pytest.fixture
async def anna(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "anna"), PASSWORD)


def page(status: int) -> Callable[[str], web.Response]:
    return lambda _path: web.Response(status=status, text="<html>Bad Gateway</html>", content_type="text/html")


async def keep_trying(bot: Bot, room: str, row: str) -> str:
    while True:
        try:
            return await bot.edge.send(room, "m.room.message", text(row), row)
        except Temporary:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("part", ["/keys/claim", "/sendToDevice/", "/joined_members"])
async def test_a_key_that_could_not_be_given_is_given_with_the_next_attempt(
    homeserver: Homeserver, anna: Client, tmp_path: Path, part: str
) -> None:
    credentials = await sign_in(homeserver)
    async with proxy(homeserver.url) as between, running(credentials, setting(between.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)
        between.broken = lambda path: web.Response(status=502) if part in path else None
        with pytest.raises(Temporary):
            await bot.edge.send(room, "m.room.message", text("rad"), "row")

        between.broken = lambda _path: None
        sent = await keep_trying(bot, room, "row")

        assert (await anna.wait(room, lambda event: event.id == sent and not event.failure)).text == "row"


@pytest.mark.parametrize("part", ["/keys/claim", "/sendToDevice/", "/send/m.room.encrypted/"])
async def test_a_send_that_was_cancelled_leaves_the_room_usable(homeserver: Homeserver, anna: Client, tmp_path: Path, part: str) -> None:
    credentials = await sign_in(homeserver)
    async with proxy(homeserver.url) as between, running(credentials, setting(between.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)
        reached = asyncio.Event()
        between.hold = (part, reached)
        sending = asyncio.create_task(bot.edge.send(room, "m.room.message", text("avbruten"), "row-1"))
        await reached.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

        between.hold = None
        async with asyncio.timeout(SECONDS):
            sent = await keep_trying(bot, room, "row-2")

        assert (await anna.wait(room, lambda event: event.id == sent and not event.failure)).text == "row-2"


@pytest.mark.parametrize("status", [200, 404, 502])
async def test_a_proxy_page_instead_of_an_answer_is_asked_once_a_second_and_all_arrives_afterwards(
    homeserver: Homeserver, anna: Client, tmp_path: Path, status: int
) -> None:
    credentials = await sign_in(homeserver)
    async with proxy(homeserver.url) as between, running(credentials, setting(between.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)
        between.broken = page(status)
        await anna.say(room, "under avbrottet")
        sending = [asyncio.create_task(keep_trying(bot, room, row)) for row in ("a", "b", "c", "d")]
        await asyncio.sleep(1.2)
        start, began = len(between.seen), MACHINE.monotonic()
        await asyncio.sleep(4)
        during, lasted = between.seen[start:], MACHINE.monotonic() - began
        between.broken = lambda _path: None
        sent = await asyncio.gather(*sending)
        await bot.kept.wait(says("under avbrottet"))
        seen = [await anna.wait(room, lambda event, one=one: event.id == one) for one in sent]  # type: ignore[misc]

    # When requests reach the proxy is not quite when they were sent: each pause may look shorter, all of them together may not.
    assert 1 <= len(during) <= lasted + 1
    assert all(later - earlier >= 0.5 for (earlier, _), (later, _) in pairwise(during))
    assert [event.failure for event in seen] == [""] * 4


async def test_a_revoked_token_ends_the_listening_with_a_clear_exception(homeserver: Homeserver, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    edge = Edge(credentials, setting(homeserver.url, tmp_path))
    kept = Kept()

    async def take_and_revoke(batch: Batch) -> None:
        await kept.take(batch)
        await edge._wire.call("POST", "/_matrix/client/v3/logout")

    async with asyncio.timeout(SECONDS):
        with pytest.raises(SignedOut, match="M_UNKNOWN_TOKEN"):
            await edge.run(take_and_revoke, None)
    with pytest.raises(SignedOut):
        await edge.create_room(RoomWish("case-x", "x"))
    await edge.close()


async def test_what_take_raises_ends_the_listening_and_the_next_start_repeats_the_batch(
    homeserver: Homeserver, anna: Client, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    wish = setting(homeserver.url, tmp_path, anna.user)
    async with running(credentials, wish) as first:
        room = await case_room(first, anna)
    await anna.say(room, "efter strömavbrottet")
    edge = Edge(credentials, setting(homeserver.url, tmp_path, anna.user, rooms=first.kept.rooms))

    async def fail(batch: Batch) -> None:
        if any(i.body for i in batch.incoming):
            raise OSError("disk full")
        first.kept.since = batch.next_batch

    async with asyncio.timeout(SECONDS):
        with pytest.raises(OSError, match="disk full"):
            await edge.run(fail, first.kept.since)
    await edge.close()

    async with running(credentials, wish, first.kept) as second:
        came = await second.kept.wait(says("efter strömavbrottet"))
    assert came.trusted


async def test_an_event_whose_key_comes_late_is_told_as_unreadable_and_then_as_the_message(
    homeserver: Homeserver, anna: Client, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    async with proxy(homeserver.url) as between, running(credentials, setting(between.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)
        held = Held(between)

        await anna.say(room, "sent ska syndaren vakna")
        unread = await bot.kept.wait(lambda i: i.kind is Kind.UNDECRYPTABLE)
        held.release()
        await anna.say(room, "nu")
        read = await bot.kept.wait(says("sent ska syndaren vakna"))
        again = await bot.edge.read(room, read.event_id)

    assert unread.event_id == read.event_id
    assert unread.session_id in {session for batch in bot.kept.batches for session in batch.sessions}
    assert read.trusted
    assert again == read


class Held:
    """Keeps to-device events back until they are released."""

    def __init__(self, between: Proxy) -> None:
        self._between = between
        self._events: list[dict[str, Any]] = []
        between.alter = self.keep

    def keep(self, path: str, answer: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/sync"):
            self._events += answer.pop("to_device", {}).get("events", [])
        return answer

    def give(self, path: str, answer: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/sync") and self._events:
            answer["to_device"] = {"events": [*self._events, *answer.get("to_device", {}).get("events", [])]}
            self._events = []
        return answer

    def release(self) -> None:
        self._between.alter = self.give


async def test_hostile_to_device_events_are_counted_and_the_listening_goes_on(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)
        own_key = bot.edge._keys._machine.account.curve25519
        for kind, body in ((0, "c2tyw6Rw"), (1, "c2tyw6Rw"), (7, 5)):
            content = {
                "algorithm": "m.olm.v1.curve25519-aes-sha2",
                "sender_key": "x",
                "ciphertext": {own_key: {"type": kind, "body": body}},
            }
            where = f"/_matrix/client/v3/sendToDevice/m.room.encrypted/{uuid4().hex}"
            await anna.request("PUT", where, {"messages": {credentials.user_id: {"SAMRUM": content}}})
        await anna.send_clear(room, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": 7, "session_id": ["x"]})

        await anna.say(room, "lever du")
        await bot.kept.wait(says("lever du"))

        assert bot.edge.counters["bad_to_device"] >= 2
