"""The six moments of matrix 9.1: how the bot is brought to each, killed there, and how what it left proves that it was there."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from demo.client import Client
from tests.kill.house import House, Remains
from tests.kill.proxy import Call, Hold, Where
from tests.kill.traffic import BATCH, Traffic

Login = Callable[[], Awaitable[Client]]
HELD_SECONDS = 25.0
"""Within the time that the bot waits for an answer (30 s)."""
ONE_TIME_KEYS = 40
"""More than half of what the bot offers: it uploads new ones."""


async def sync_received(traffic: Traffic, _login: Login) -> Remains:
    """Kill after the answer of /sync has reached the bot's machine, and before it has looked at it."""
    house = traffic.house
    before = await _unheard(traffic)
    held = house.proxy.hold(_tells_news, Where.ANSWERED, at_hold=house.freeze)
    house.proxy.listen()
    await _reached(held)
    held.open.set()
    await asyncio.wait_for(held.told.wait(), HELD_SECONDS)
    remains = await house.kill()
    assert _events(held.caught[0]) >= BATCH
    assert (remains.position, remains.room_keys) == (before.position, before.room_keys)
    return remains


async def keys_applied(traffic: Traffic, login: Login) -> Remains:
    """Kill after the room keys of a new device were taken, and before its messages were: the bot asks whose device it is."""
    house = traffic.house
    before = await _unheard(traffic, login)
    held = house.proxy.hold(lambda call: call.asks_for_devices, Where.BEFORE)
    house.proxy.listen()
    await _reached(held)
    remains = await house.kill()
    assert remains.position == before.position
    return remains


async def inbox_committed(traffic: Traffic, _login: Login) -> Remains:
    """Kill after inbox and position were committed, and before the commands were carried out."""
    house = traffic.house
    before = await _unheard(traffic)
    since = house.log_size()
    house.proxy.listen()
    async with asyncio.timeout(HELD_SECONDS):
        while not house.logged("inbox.taken", since):  # noqa: ASYNC110 - another process gives no event to wait for
            await asyncio.sleep(0.002)
    remains = await house.kill()
    assert remains.position != before.position
    assert remains.inbox > 0
    return remains


async def before_send(traffic: Traffic, _login: Login) -> Remains:
    """Kill while messages were sent and had not reached the homeserver."""
    house = traffic.house
    held = await _held_sends(traffic)
    await traffic.answer()
    remains = await house.kill()
    assert house.unsent(_rows(held)) == len(_rows(held)) > 0
    return remains


async def after_send(traffic: Traffic, _login: Login) -> Remains:
    """Kill after the homeserver had taken messages, and before the bot knew."""
    house = traffic.house
    held_back = await _held_sends(traffic)
    # Deaf, since the next sync would tell the bot of its own messages.
    house.proxy.deafen()
    held = house.proxy.hold(lambda call: call.sends, Where.ANSWERED)
    house.proxy.release(held_back)
    await traffic.answer()
    await _reached(held)
    remains = await house.kill()
    assert all(b'"event_id"' in call.answer for call in held.caught)
    assert house.unsent(_rows(held)) == len(_rows(held)) > 0
    return remains


async def keys_uploaded(traffic: Traffic, _login: Login) -> Remains:
    """Kill after the homeserver had taken new one-time keys, and before the bot knew."""
    house = traffic.house
    await _held_sends(traffic)
    held = house.proxy.hold(lambda call: call.uploads_keys, Where.ANSWERED)
    await _use_up_keys(traffic.anna, house.demo.world.bot_user)
    await traffic.answer()
    await _reached(held)
    remains = await house.kill()
    assert json.loads(held.caught[0].answer)["one_time_key_counts"]["signed_curve25519"] > 0
    return remains


PHASES: Mapping[str, Callable[[Traffic, Login], Awaitable[Remains]]] = {
    "after /sync received": sync_received,
    "after to-device applied": keys_applied,
    "after inbox commit": inbox_committed,
    "before HTTP send": before_send,
    "after HTTP send": after_send,
    "after keys/upload": keys_uploaded,
}


async def _unheard(traffic: Traffic, login: Login | None = None) -> Remains:
    """Have messages wait to go out and answers to be heard, from a new device if one logs in; return how things stand."""
    await _held_sends(traffic)
    traffic.house.proxy.deafen()
    await traffic.answer(await login() if login else None)
    return await asyncio.to_thread(traffic.house.remains)


async def _held_sends(traffic: Traffic) -> Hold:
    """Have messages on their way out, the first of each room held before it reaches the homeserver."""
    house = traffic.house
    held = house.proxy.hold(lambda call: call.sends, Where.BEFORE)
    await traffic.ask()
    async with asyncio.timeout(HELD_SECONDS):
        while not await asyncio.to_thread(_all_waiting, house):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
    await _reached(held)
    return held


def _all_waiting(house: House) -> bool:
    backlog = house.demo.ledger.backlog()
    return backlog.inbox == 0 and backlog.pending >= BATCH


async def _reached(held: Hold) -> None:
    await asyncio.wait_for(held.reached.wait(), HELD_SECONDS)


def _rows(held: Hold) -> set[str]:
    return {call.path.rpartition("/")[2] for call in held.caught}


def _tells_news(call: Call) -> bool:
    return call.syncs and _events(call) > 0


def _events(call: Call) -> int:
    """Return how many encrypted messages an answer of /sync tells."""
    rooms = json.loads(call.answer).get("rooms", {}).get("join", {})
    return sum(event["type"] == "m.room.encrypted" for room in rooms.values() for event in room["timeline"]["events"])


async def _use_up_keys(client: Client, bot: str) -> None:
    """Claim one-time keys of the bot, as a stranger could."""
    answer = await client.request("POST", "/_matrix/client/v3/keys/query", {"device_keys": {bot: []}})
    devices = cast("dict[str, dict[str, dict[str, object]]]", answer)["device_keys"][bot]
    wanted = {"one_time_keys": {bot: dict.fromkeys(devices, "signed_curve25519")}}
    for _ in range(ONE_TIME_KEYS):
        await client.request("POST", "/_matrix/client/v3/keys/claim", wanted)
