"""From a person's message to the answer that the person can read: the bot beside an echo of nothing but matrix-nio, by turns."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from bench.echo import PASSWORD as ECHO_PASSWORD
from bench.figures import Figure, percentile, spread
from bench.town import Town
from demo.accounts import PASSWORD
from demo.client import Client
from tests.builders import VC

ROOT = Path(__file__).parents[1]
COMMAND = "!hjälp"
GOAL = 1.3
WARM = 5
SECONDS = 90.0


async def measured(town: Town, anna: Client, asks: int) -> tuple[Figure, ...]:
    """Return how long answers take, seen by the same client in rooms of five: so many of each kind, by a bot that logs as in operation.

    A tenth as many are asked for afterwards of one that tells how its event loop was held.
    """
    async with echoing(town) as user:
        room = await _room(town, anna, user)
        await anna.wait_membership(room)
        async with town.as_in_operation():
            await _by_turns(town, anna, (room, user), WARM)
            bare, ours = await _by_turns(town, anna, (room, user), asks)
        await _by_turns(town, anna, (room, user), WARM + asks // 10)
    ratio = percentile(ours, 50) / percentile(bare, 50)
    return (
        *spread("latency", "bare matrix-nio echo, message to reply", bare),
        *spread("latency", f"{COMMAND} in a room of five, command to reply", ours),
        Figure("latency", "command to reply, as a multiple of the bare echo (p50)", ratio, "×", GOAL),
    )


async def _by_turns(town: Town, anna: Client, echo: tuple[str, str], asks: int) -> tuple[list[float], list[float]]:
    """Return how long the answers of the echo, by its room and user, and those of the bot took (milliseconds)."""
    bare, ours = list[float](), list[float]()
    for n in range(asks):
        bare.append(await answered(anna, *echo, f"hej {n}"))
        ours.append(await answered(anna, town.inbox(VC), town.user, COMMAND))
        # What the command made due is looked for a moment later: that is part of neither answer.
        await town.stepper.settle()
    return bare, ours


@asynccontextmanager
async def echoing(town: Town) -> AsyncGenerator[str]:
    """Run the echo in a process of its own, as the bot has one; give its Matrix id."""
    user = await town.homeserver.register("eko", PASSWORD)
    store = town.data / "echo"
    await asyncio.to_thread(store.mkdir)
    command = (sys.executable, "-m", "bench.echo", town.homeserver.url, user, str(store))
    environ = {**os.environ, ECHO_PASSWORD: PASSWORD}
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environ, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(SECONDS):
            await process.stdout.readline()
        yield user
    finally:
        process.terminate()
        await process.wait()


async def _room(town: Town, anna: Client, user: str) -> str:
    others = [each.user for each in town.staff.people[:3]]
    room = await anna.create_room(name="Eko", invite=(user, *others))
    await town.staff.enter({room: others})
    # Seen by her own client: it gives its key to those whom it knows.
    await anna.seen.until(lambda: True if user in anna.seen.state(room).joined else None, SECONDS)
    return room


async def answered(anna: Client, room: str, by: str, words: str) -> float:
    """Say something and return after how many milliseconds the first answer to it could be read."""
    start = perf_counter()
    said = await anna.say(room, words)
    await anna.wait(room, lambda event: event.sender == by and bool(event.body), timeout=SECONDS, after=said)
    return (perf_counter() - start) * 1000
