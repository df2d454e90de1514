import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from bot.matrix.client import Edge
from bot.matrix.errors import Temporary, Unusable
from bot.matrix.login import Credentials
from demo.client import Clients
from demo.homeserver import Homeserver
from tests.bot.matrix.bots import PASSWORD, Bot, Kept, case_room, new_account, running, says, setting, sign_in, text

pytestmark = pytest.mark.homeserver

CURVE = "signed_curve25519"


class Killed(BaseException):
    """Stands for SIGKILL: no handler of the code under test may catch it."""


async def on_server(bot: Bot) -> dict[str, int]:
    answer = await bot.edge._wire.call("POST", "/_matrix/client/v3/keys/upload")
    counts: dict[str, int] = answer["one_time_key_counts"]
    return counts


async def works(clients: Clients, homeserver: Homeserver, credentials: Credentials, store: Path) -> None:
    """Check that a person can say something to the bot, encrypted."""
    anna = await clients.login(await new_account(homeserver, "anna"), PASSWORD)
    async with running(credentials, setting(homeserver.url, store, anna.user)) as bot:
        room = await case_room(bot, anna)
        await anna.say(room, "hörs det")
        assert (await bot.kept.wait(says("hörs det"))).trusted
        assert (await on_server(bot))[CURVE] >= 25


async def test_a_kill_between_making_keys_and_offering_them_leaves_the_same_keys_to_offer(
    homeserver: Homeserver, clients: Clients, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    edge = Edge(credentials, setting(homeserver.url, tmp_path))
    await edge._machine.account.open()
    made = edge._machine.account.unpublished()
    await edge._keys.flush()
    await edge.close()

    again = Edge(credentials, setting(homeserver.url, tmp_path))
    await again._machine.account.open()
    assert again._machine.account.unpublished() == made
    await again.close()
    await works(clients, homeserver, credentials, tmp_path)


async def test_a_kill_after_the_offer_and_before_its_receipt_does_no_harm(
    homeserver: Homeserver, clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = await sign_in(homeserver)
    edge = Edge(credentials, setting(homeserver.url, tmp_path))

    def die(_answer: object) -> None:
        raise Killed

    monkeypatch.setattr(edge._machine.account, "published", die)
    with pytest.raises(Killed):
        await edge.start()
    await edge.close()

    again = Edge(credentials, setting(homeserver.url, tmp_path))
    await again.start()
    await again.close()
    assert (again.counters["key_clash"], again.counters["older_store"]) == (0, 0)
    await works(clients, homeserver, credentials, tmp_path)


async def test_keys_that_an_older_copy_of_the_store_makes_again_are_got_past(
    homeserver: Homeserver, clients: Clients, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    store = tmp_path / "store"
    store.mkdir()
    async with running(credentials, setting(homeserver.url, store)):
        pass
    copy = copied(store)
    async with running(credentials, setting(homeserver.url, store)) as bot:
        await use_up(homeserver, bot, 40)
        await bot.edge._keys.upkeep()
        await use_up(homeserver, bot, 45)

    async with running(credentials, setting(homeserver.url, copy)) as restored:
        assert restored.edge.counters["key_clash"] >= 1
        assert restored.edge.counters["older_store"] >= 1
        await use_up(homeserver, restored, 5)  # those of the lost state go first, and nobody can use them
    await works(clients, homeserver, credentials, copy)


def copied(store: Path) -> Path:
    """Make a backup of a store, and return the folder that it can be run from."""
    copy = store.with_name("copy")
    copy.mkdir()
    with sqlite3.connect(store / "keys.db") as one, sqlite3.connect(copy / "keys.db") as other:
        one.backup(other)
    one.close()
    other.close()
    return copy


async def session_of(bot: Bot, room: str, event: str) -> str:
    found = await bot.edge._wire.call("GET", f"/_matrix/client/v3/rooms/{room}/event/{event}")
    session: str = found["content"]["session_id"]
    return session


async def test_a_restored_backup_says_nothing_with_ratchets_that_have_been_further_and_is_read(
    homeserver: Homeserver, clients: Clients, tmp_path: Path
) -> None:
    anna = await clients.login(await new_account(homeserver, "anna"), PASSWORD)
    credentials, store = await sign_in(homeserver), tmp_path / "store"
    store.mkdir()
    async with running(credentials, setting(homeserver.url, store, anna.user)) as bot:
        room = await case_room(bot, anna)
        await bot.edge.send(room, "m.room.message", text("före"), "row1")
        await bot.kept.wait(says("före"))
        copy, then = copied(store), Kept(bot.kept.since, dict(bot.kept.rooms))
        after = [await bot.edge.send(room, "m.room.message", text(f"efter {n}"), f"row2{n}") for n in range(3)]
        await anna.wait(room, lambda event: event.id == after[-1] and not event.failure)

    async with running(credentials, setting(homeserver.url, copy, anna.user), then) as restored:
        said = await restored.edge.send(room, "m.room.message", text("återställd"), "row3")
        seen = await anna.wait(room, lambda event: event.id == said and not event.failure)
        sessions = [await session_of(restored, room, event) for event in (after[-1], said)]
        counted = restored.edge.counters["older_store"]
        await anna.say(room, "tack")
        assert (await restored.kept.wait(says("tack"))).trusted

    assert seen.text == "återställd"
    assert counted == 1
    assert sessions[0] != sessions[1]


async def use_up(homeserver: Homeserver, bot: Bot, count: int) -> None:
    """Claim one-time keys of the bot, as other people's clients do."""
    token = await homeserver.administrator()
    body = {"one_time_keys": {bot.credentials.user_id: {bot.credentials.device_id: CURVE}}}
    for _ in range(count):
        await bot.edge._wire.call("POST", "/_matrix/client/v3/keys/claim", body, token=token)
    bot.edge._machine.account.count(await on_server(bot))


async def test_a_drained_pool_is_filled_again_and_a_fallback_key_stands_in_meanwhile(homeserver: Homeserver, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path)):
        pass
    token = await homeserver.administrator()
    edge = Edge(credentials, setting(homeserver.url, tmp_path))
    body = {"one_time_keys": {credentials.user_id: {credentials.device_id: CURVE}}}
    claims = [await edge._wire.call("POST", "/_matrix/client/v3/keys/claim", body, token=token) for _ in range(51)]
    last = claims[-1]["one_time_keys"][credentials.user_id][credentials.device_id]
    await edge.close()

    assert next(iter(last.values()))["fallback"] is True
    async with running(credentials, setting(homeserver.url, tmp_path)) as refilled:
        assert (await on_server(refilled))[CURVE] == 50


async def test_a_lost_key_store_is_refused_at_the_start(homeserver: Homeserver, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with running(credentials, setting(homeserver.url, tmp_path / "a")):
        pass

    edge = Edge(credentials, setting(homeserver.url, tmp_path / "b"))
    with pytest.raises(Unusable, match="key store"):
        await edge.start()
    await edge.close()


async def test_a_token_of_another_device_is_refused_at_the_start(homeserver: Homeserver, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    edge = Edge(replace(credentials, device_id="OTHER"), setting(homeserver.url, tmp_path))

    with pytest.raises(Unusable, match="another user or device"):
        await edge.start()
    await edge.close()


async def test_nothing_is_sent_before_the_keys_are_published(homeserver: Homeserver, tmp_path: Path) -> None:
    edge = Edge(await sign_in(homeserver), setting(homeserver.url, tmp_path, rooms={"!room": True}))

    with pytest.raises(Temporary):
        await edge.send("!room", "m.room.message", {"body": "x"}, "row")
    await edge.close()
