"""What a wave would take with nothing but matrix-nio: encrypted messages in rooms of five whose keys are known already."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter, process_time

from nio import AsyncClient, EnableEncryptionBuilder, RoomCreateResponse

from bench.echo import said, signed_in
from bench.town import SEATS, Town
from demo.accounts import PASSWORD

ROOMS = 60
"""At most: making more says no more."""
EACH = 4
"""Messages that each of them gets."""
AT_ONCE = 8
"""As many rooms as the bot serves at once."""


@dataclass(frozen=True, slots=True)
class Bare:
    """One who does nothing but send, in rooms that have had their first message."""

    client: AsyncClient
    rooms: tuple[str, ...]

    async def sent(self, each: int = EACH) -> tuple[float, float]:
        """Return the milliseconds that each of so many messages a room takes, and its processor time."""
        start, computed = perf_counter(), process_time()
        await _spoken(self.client, self.rooms, each)
        share = 1000 / (each * len(self.rooms))
        return (perf_counter() - start) * share, (process_time() - computed) * share


@asynccontextmanager
async def talking(town: Town, rooms: int) -> AsyncGenerator[Bare]:
    """Give one with so many rooms, or `ROOMS`."""
    store = town.data / "bare"
    await asyncio.to_thread(store.mkdir)
    user = await town.homeserver.register("naken", PASSWORD)
    client = await signed_in(town.homeserver.url, user, str(store), PASSWORD)
    try:
        made = Bare(client, tuple([await _room(town, client, n) for n in range(min(ROOMS, rooms))]))
        await client.sync(timeout=0, full_state=True)
        await made.sent(1)
        yield made
    finally:
        await client.close()


async def _room(town: Town, client: AsyncClient, number: int) -> str:
    people = [town.staff.people[(number * SEATS + seat) % len(town.staff.people)].user for seat in range(SEATS)]
    made = await client.room_create(invite=people, initial_state=[EnableEncryptionBuilder().as_dict()])
    room = str(made.room_id) if isinstance(made, RoomCreateResponse) else ""
    await town.staff.enter({room: people})
    return room


async def _spoken(client: AsyncClient, rooms: Sequence[str], each: int) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def speak(room: str) -> None:
        async with gate:
            for n in range(each):
                await said(client, room, f"Genomgång 08:00: {n} ärenden väntar på er. " * 8)

    await asyncio.gather(*(speak(room) for room in rooms))
