"""What protects the bot's rooms, and what a server's administrator can do to it: on a real homeserver, which stores rooms its own way."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from bot.matrix.conditions import weakened
from bot.matrix.incoming import Incoming, Kind
from bot.matrix.rooms import POWER, RoomWish, powers, state
from bot.matrix.wire import CLIENT, path, said
from demo.client import Client, ClientError, Clients
from demo.homeserver import Homeserver
from tests.bot.matrix.bots import PASSWORD, Bot, case_room, new_account, running, setting, sign_in

pytestmark = pytest.mark.homeserver
WEAK: Mapping[str, Mapping[str, Any]] = {
    "m.room.join_rules": {"join_rule": "public"},
    "m.room.history_visibility": {"history_visibility": "world_readable"},
    "m.room.guest_access": {"guest_access": "can_join"},
}


@pytest.fixture
async def anna(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "anna"), PASSWORD)


@pytest_asyncio.fixture
async def bot(homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running(await sign_in(homeserver), setting(homeserver.url, tmp_path)) as made:
        yield made


async def empower(homeserver: Homeserver, bot: Bot, room: str, person: Client) -> None:
    """Give a person all power in a room, as an administrator of the server can."""
    where = f"/_synapse/admin/v1/rooms/{room}/make_room_admin"
    await bot.edge._wire.call("POST", where, {"user_id": person.user}, token=await homeserver.administrator())


def changes(bot: Bot, room: str) -> list[Incoming]:
    return [heard for heard in bot.kept.incoming if heard.kind is Kind.ROOM_CHANGE and heard.room_id == room]


def weak(bot: Bot, room: str) -> list[str]:
    return [heard.state_type for heard in changes(bot, room) if weakened(heard, bot.credentials.user_id)]


async def heard(bot: Bot, room: str, kind: str, value: object) -> None:
    """Return when the bot has heard of a change of a room with a value in it."""
    await bot.kept.wait(lambda i: i.room_id == room and i.state_type == kind and value in i.content.values())


async def test_what_the_bot_does_in_its_own_rooms_is_no_alarm(bot: Bot, anna: Client) -> None:
    room = await case_room(bot, anna)
    await bot.edge.close_room(room)
    await heard(bot, room, POWER, powers(closed=True)["events_default"])
    await bot.edge.open_room(room)
    await bot.edge.set_state(room, "m.room.name", "", {"name": "SÄ-2026-00043"})
    await bot.kept.wait(lambda _: len([each for each in changes(bot, room) if each.state_type == POWER]) > 2)
    told = {each.state_type for each in changes(bot, room)}

    assert told >= {POWER, "m.room.join_rules", "m.room.history_visibility", "m.room.encryption"}
    assert weak(bot, room) == []
    assert await bot.edge.restore(room)
    assert weak(bot, room) == []


async def test_what_somebody_with_power_changes_is_heard_and_set_right(homeserver: Homeserver, bot: Bot, anna: Client) -> None:
    room = await case_room(bot, anna)
    await empower(homeserver, bot, room, anna)
    for kind, content in WEAK.items():
        await anna.set_state(room, kind, dict(content))
    levels = (await anna.state(room)).power_levels
    await anna.set_state(room, POWER, {**levels, "invite": 0})
    await heard(bot, room, POWER, 0)
    await bot.kept.wait(lambda _: weak(bot, room).count(POWER) > 1)

    restored = await bot.edge.restore(room)
    now = await anna.state(room)

    assert set(weak(bot, room)) >= {POWER, "m.room.join_rules", "m.room.history_visibility"}
    assert restored
    assert {kind: now.of(kind) for kind in state(RoomWish("", ""))} == state(RoomWish("", ""))
    assert now.power_levels["invite"] == powers()["invite"]
    with pytest.raises(ClientError):
        await anna.set_state(room, "m.room.name", {"name": "annat"})


async def upgraded(bot: Bot, room: str) -> str:
    """Upgrade a room in the bot's own name, as one who has its token can."""
    version = (await bot.edge._wire.call("GET", f"{CLIENT}/capabilities"))["capabilities"]["m.room_versions"]["default"]
    answer = await bot.edge._wire.call("POST", path("rooms", room, "upgrade"), {"new_version": version})
    return said(answer, "replacement_room")


async def test_an_upgrade_in_the_bots_own_name_is_heard_and_followed(bot: Bot, anna: Client) -> None:
    room = await case_room(bot, anna)

    successor = await upgraded(bot, room)
    await heard(bot, room, "m.room.tombstone", successor)

    assert "m.room.tombstone" in weak(bot, room)
    assert await bot.edge.follow(room, successor)
    assert await bot.edge.restore(successor)
    assert not await bot.edge.follow(await bot.edge.create_room(RoomWish(f"case-{uuid4().hex}", "en annan")), successor)


async def test_a_successor_that_somebody_else_made_or_has_power_in_is_not_followed(homeserver: Homeserver, bot: Bot, anna: Client) -> None:
    taken, shared = await case_room(bot, anna), await case_room(bot, anna)
    await empower(homeserver, bot, taken, anna)

    hers = await anna.create_room(name="SÄ-2026-00042 Blå tranan", encrypted=True, invite=(bot.credentials.user_id,))
    await anna.set_state(taken, "m.room.tombstone", {"body": "", "replacement_room": hers})
    await heard(bot, taken, "m.room.tombstone", hers)
    weaker = await upgraded(bot, shared)
    await bot.edge.set_state(weaker, "m.room.join_rules", "", {"join_rule": "public"})

    assert not await bot.edge.follow(taken, hers)
    assert not await bot.edge.follow(taken, "!nowhere:almfors.test")
    assert not await bot.edge.follow(shared, weaker)


async def test_what_the_bot_has_no_power_over_is_not_called_restored(bot: Bot, anna: Client) -> None:
    hers = await anna.create_room(name="annat", encrypted=True, invite=(bot.credentials.user_id,))
    await bot.edge.join(hers)

    assert not await bot.edge.restore(hers)
