"""How soon a bot that was ended answers again, and how much memory it takes, with as many rooms as a region has."""

from time import perf_counter

from bench.figures import Figure
from bench.latency import COMMAND
from bench.town import PATIENCE, Town
from demo.client import Client
from tests.builders import VC

GOAL_SECONDS = 3.0
GOAL_MIB = 160.0
ROUNDS = 3


async def measured(town: Town, anna: Client, *, last: bool) -> tuple[Figure, ...]:
    """Return the median of a few restarts, each until the answer to what was asked meanwhile is read; goals are for the `last` size."""
    taken = sorted([await _back(town, anna) for _ in range(ROUNDS)])[ROUNDS // 2]
    rooms = town.count("SELECT count(*) FROM rooms")
    now, most = town.resident()
    return (
        Figure("restart", f"start of the process to the first reply, {rooms} rooms", taken, "s", GOAL_SECONDS if last else None),
        Figure("memory", f"RSS after it, {rooms} rooms", now, "MiB", GOAL_MIB if last else None),
        Figure("memory", f"RSS at its most, {rooms} rooms", most, "MiB"),
    )


async def _back(town: Town, anna: Client) -> float:
    await town.bot.stop()
    room = town.inbox(VC)
    asked = await anna.say(room, COMMAND)
    start = perf_counter()
    await town.bot.start()
    await anna.wait(room, lambda event: event.sender == town.user and bool(event.body), timeout=PATIENCE, after=asked)
    taken = perf_counter() - start
    await town.stepper.settle(PATIENCE)
    return taken
