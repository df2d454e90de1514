"""What a wave would take with nothing but matrix-nio: encrypted messages in rooms of five whose keys are known already."""

import asyncio
from time import perf_counter, process_time

from nio import AsyncClient, EnableEncryptionBuilder, RoomCreateResponse

from bench.echo import said, signed_in
from bench.town import SEATS, Town
from demo.accounts import PASSWORD

ROOMS = 60
"""At most: making more says no more."""
AT_ONCE = 8
"""As many rooms as the bot serves at once."""


async def sent(town: Town, sends: int) -> tuple[float, float]:
    """Return the milliseconds that each of about so many messages takes, and its processor time, after each room had its first."""
    store = town.data / "bare"
    await asyncio.to_thread(store.mkdir)
    user = await town.homeserver.register("naken", PASSWORD)
    client = await signed_in(town.homeserver.url, user, str(store), PASSWORD)
    try:
        rooms = [await _room(town, client, n) for n in range(min(ROOMS, sends))]
        await client.sync(timeout=0, full_state=True)
        await _spoken(client, rooms, 1)
        start, computed = perf_counter(), process_time()
        each = sends // len(rooms)
        await _spoken(client, rooms, each)
        share = 1000 / (each * len(rooms))
        return (perf_counter() - start) * share, (process_time() - computed) * share
    finally:
        await client.close()


async def _room(town: Town, client: AsyncClient, number: int) -> str:
    people = [town.staff.people[(number * SEATS + seat) % len(town.staff.people)].user for seat in range(SEATS)]
    made = await client.room_create(invite=people, initial_state=[EnableEncryptionBuilder().as_dict()])
    room = str(made.room_id) if isinstance(made, RoomCreateResponse) else ""
    await town.staff.enter({room: people})
    return room


async def _spoken(client: AsyncClient, rooms: list[str], each: int) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def speak(room: str) -> None:
        async with gate:
            for n in range(each):
                await said(client, room, f"Genomgång 08:00: {n} ärenden väntar på er. " * 8)

    await asyncio.gather(*(speak(room) for room in rooms))
