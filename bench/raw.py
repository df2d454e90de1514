"""How fast the homeserver takes plain messages: the limit of whatever is sent through it."""

import asyncio
from time import perf_counter
from urllib.parse import quote

import aiohttp

from bench.figures import Figure
from bench.staff import Staff, asked

SENDS = 200
ROOMS = 8
BODY = {"msgtype": "m.text", "body": "ett vanligt meddelande"}


async def measured(session: aiohttp.ClientSession, staff: Staff) -> tuple[Figure, ...]:
    """Return the rates of one sender, one message after the other, and of eight tasks of one sender, each in a room of five."""
    sender, *others = staff.people[:5]
    rooms = [await _room(session, sender.token, [each.user for each in others]) for _ in range(ROOMS)]
    await staff.enter({room: [each.user for each in others] for room in rooms})
    await _sent(session, sender.token, rooms[0], 10, "warm")
    start = perf_counter()
    await _sent(session, sender.token, rooms[0], SENDS, "one")
    alone = SENDS / (perf_counter() - start)
    start = perf_counter()
    await asyncio.gather(*(_sent(session, sender.token, room, SENDS // ROOMS, "eight") for room in rooms))
    together = SENDS / (perf_counter() - start)
    return (
        Figure("raw", "unencrypted PUT, one sender, one after the other", alone, "ev/s"),
        Figure("raw", f"unencrypted PUT, {ROOMS} tasks of one sender in {ROOMS} rooms", together, "ev/s"),
    )


async def _room(session: aiohttp.ClientSession, token: str, invited: list[str]) -> str:
    answer = await asked(session, "POST", "/_matrix/client/v3/createRoom", {"preset": "private_chat", "invite": invited}, token)
    return str(answer["room_id"])


async def _sent(session: aiohttp.ClientSession, token: str, room: str, count: int, name: str) -> None:
    for n in range(count):
        where = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.room.message/{name}-{n}"
        await asked(session, "PUT", where, BODY, token)
