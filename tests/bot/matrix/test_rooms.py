from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from bot.descriptions import Descriptions
from bot.matrix.errors import Permanent
from bot.matrix.rooms import Rooms, RoomWish, powers
from bot.matrix.shapes import Fields
from bot.matrix.wire import Json, Wire
from care.effects import PlaceKind
from commands.descriptions import DESCRIPTION
from demo.client import Client, ClientError, Clients
from demo.client.events import RoomState
from demo.homeserver import Homeserver
from tests.bot.matrix.bots import PASSWORD, new_account, running, setting, sign_in
from tests.bot.shelves import Killed

PRIVATE = {"m.federate": False}
pytestmark = pytest.mark.homeserver


@pytest.fixture
async def anna(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "anna"), PASSWORD)


def case() -> RoomWish:
    return RoomWish(f"case-{uuid4().hex}", "SÄ-2026-00042 Blå tranan", "Samordning")


async def test_the_same_alias_twice_is_one_room_as_wished(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    wish = case()
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        room = await bot.edge.create_room(wish)
        again = await bot.edge.create_room(wish)
        await bot.edge.invite(room, anna.user)
        await bot.edge.invite(room, anna.user)
        await anna.wait_membership(room)
        state = await anna.state(room)

        assert room == again
        assert (state.name, state.topic, state.history, state.encrypted) == (wish.name, "Samordning", "invited", True)
        assert state.of("m.room.create")["m.federate"] is False
        assert state.of("m.room.join_rules") == {"join_rule": "invite"}
        assert state.power_levels.items() >= powers().items()
        with pytest.raises(ClientError):
            await anna.set_state(room, "m.room.name", {"name": "annat"})
        with pytest.raises(ClientError):
            await anna.invite(room, credentials.user_id)


async def test_only_states_that_are_not_so_yet_are_set(homeserver: Homeserver, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        room = await bot.edge.create_room(case())
        wanted: Mapping[str, Fields] = {"a": {"n": [1, {"m": None}]}, "b": {"text": "å"}, "never there": {}}
        passed = [bot.edge.limits.messages.passed]

        for states in (wanted, wanted, {**wanted, "b": {}}):
            await bot.edge.bring(room, "se.samrum.test", states)
            passed.append(bot.edge.limits.messages.passed)
        kept = {key: await bot.edge._rooms._state(room, "se.samrum.test", key) for key in wanted}

    assert [after - before for before, after in pairwise(passed)] == [2, 0, 1]
    assert kept == {**wanted, "b": {}}


async def test_a_half_made_room_is_mended(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    wish = case()
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        body = {"preset": "public_chat", "room_alias_name": wish.alias, "creation_content": {"m.federate": False}}
        half = (await bot.edge._wire.call("POST", "/_matrix/client/v3/createRoom", body))["room_id"]

        room = await bot.edge.create_room(wish)
        await bot.edge.invite(room, anna.user)
        await anna.wait_membership(room)
        state = await anna.state(room)

    assert room == half
    whole(state, wish)


def whole(state: RoomState, wish: RoomWish) -> None:
    """Assert that a room is as it was wished."""
    assert (state.name, state.topic, state.history, state.encrypted) == (wish.name, wish.topic, "invited", True)
    assert state.of("m.room.join_rules") == {"join_rule": "invite"}
    assert state.power_levels.items() >= powers().items()


class Cutting:
    """A wire on which the process ends with the answer to one of its writing requests."""

    def __init__(self, wire: Wire, after: int) -> None:
        self._wire = wire
        self.left = after

    async def call(self, method: str, where: str, body: Fields | None = None, **how: Any) -> Json:  # noqa: ANN401 - as the wire
        answer = await self._wire.call(method, where, body, **how)
        self.left -= method != "GET"
        if not self.left:
            raise Killed
        return answer


async def test_a_mending_that_breaks_off_anywhere_is_completed_by_the_next_one(
    homeserver: Homeserver, anna: Client, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    cuts = 0
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        while True:
            wish = case()
            body = {"preset": "public_chat", "room_alias_name": wish.alias, "creation_content": PRIVATE}
            half = (await bot.edge._wire.call("POST", "/_matrix/client/v3/createRoom", body))["room_id"]
            wire = Cutting(bot.edge._wire, cuts + 1)
            with suppress(Killed, Permanent):
                await Rooms(cast("Wire", wire), bot.edge._book, credentials.user_id).create(wish)
            if wire.left:
                break
            cuts += 1

            assert await bot.edge.create_room(wish) == half
            await bot.edge.invite(half, anna.user)
            await anna.wait_membership(half)
            whole(await anna.state(half), wish)

    assert cuts >= 6


async def test_commands_are_described_from_the_first_state_and_in_a_mended_room(
    homeserver: Homeserver, anna: Client, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    told = Descriptions(credentials.user_id, "direct and inbox").state(PlaceKind.DIRECT)
    whole, torn = replace(case(), descriptions=told), replace(case(), descriptions=told)
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        await bot.edge._wire.call("POST", "/_matrix/client/v3/createRoom", {"room_alias_name": torn.alias, "creation_content": PRIVATE})
        for wish in (whole, torn):
            room = await bot.edge.create_room(wish)
            await bot.edge.invite(room, anna.user)
            await anna.wait_membership(room)

            state = await anna.state(room)

            assert {key: state.of(DESCRIPTION, key) for key in told} == told


async def test_a_room_that_the_bot_is_not_in_gives_its_alias_up(homeserver: Homeserver, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    wish = case()
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        left = await bot.edge.create_room(wish)
        await bot.edge.leave(left)

        room = await bot.edge.create_room(wish)

        assert room != left
        assert (await bot.edge.members(room)).joined == {credentials.user_id}


async def test_a_room_of_another_kind_under_the_alias_is_reported(homeserver: Homeserver, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        await bot.edge.create_room(RoomWish("space-1", "Enhet", space=True))

        with pytest.raises(Permanent) as refused:
            await bot.edge.create_room(RoomWish("space-1", "Enhet"))

    assert refused.value.errcode == "M_BAD_STATE"


async def test_a_closed_room_is_silent_until_it_is_opened(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await bot.edge.create_room(case())
        await bot.edge.invite(room, anna.user)
        await anna.wait_membership(room)

        await bot.edge.close_room(room)
        with pytest.raises(ClientError):
            await anna.say(room, "hallå")
        await bot.edge.open_room(room)

        assert await anna.say(room, "hallå")
        assert await bot.edge.whoami() == (credentials.user_id, "SAMRUM")


async def test_the_override_frees_the_bot_of_the_limits(homeserver: Homeserver, tmp_path: Path) -> None:
    user = await homeserver.register(f"limited-{uuid4().hex[:6]}.demo", PASSWORD, limited=True)
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        await bot.edge.override_rate_limits(await homeserver.administrator(), user)

        where = f"/_synapse/admin/v1/users/{user}/override_ratelimit"
        kept = await bot.edge._wire.call("GET", where, token=await homeserver.administrator())
        with pytest.raises(Permanent):
            await bot.edge.override_rate_limits(credentials.access_token, user)

    assert kept == {"messages_per_second": 0, "burst_count": 0}
