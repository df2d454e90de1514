"""`kill -9` at any moment: nothing is lost, nothing is said twice, everything can be read (matrix 9.1, invariants 4 and 5)."""

import asyncio
import os
import random
from collections.abc import Callable

import pytest

from bot.clock import MachineTime
from demo.accounts import PASSWORD
from demo.client import Client
from tests.kill.conftest import Stage
from tests.kill.house import Remains
from tests.kill.phases import PHASES
from tests.kill.traffic import Traffic
from tests.stage import since_joining

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="session")]

RANDOM_ROUNDS = 14
SEED = "SAMRUM_KILL_SEED"


async def test_each_command_has_one_effect_and_each_message_arrives_once_however_often_the_bot_is_killed(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    traffic, house = stage.traffic, stage.house
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(10**6))
    chance = random.Random(seed)
    tell = reporter(capsys)
    tell(f"\n{SEED}={seed}")
    busy = await calm_round(traffic)
    steered = list(PHASES)
    order: list[str | None] = [*steered, *[None] * RANDOM_ROUNDS]
    chance.shuffle(order)

    hit: list[str] = []
    for number, wish in enumerate(order, 1):
        if wish:
            remains = await PHASES[wish](traffic, lambda: new_device(stage))
            hit.append(wish)
        else:
            remains = await killed_at_random(traffic, chance.uniform(0, busy))
        await house.start()
        tell(row(number, wish, remains))
        await settled(traffic)

    assert sorted(hit) == sorted(steered)
    assert await traffic.unjournalled() == []
    for room in traffic.rooms:
        assert traffic.wrong(await stage.traffic.anna.timeline(room), room) == []
    for room in traffic.rooms:
        assert [each.id for each in since_joining(await traffic.noor.timeline(room), traffic.noor.user) if each.failure] == []


async def calm_round(traffic: Traffic) -> float:
    """Ask and answer without a kill; return how many seconds the bot was busy."""
    await traffic.ask()
    await settled(traffic)
    clock = MachineTime()
    began = clock.monotonic()
    await asyncio.gather(traffic.ask(), traffic.answer())
    await settled(traffic)
    return clock.monotonic() - began


async def killed_at_random(traffic: Traffic, seconds: float) -> Remains:
    """Kill the bot so many seconds into a busy stretch."""
    writing = asyncio.gather(traffic.ask(), traffic.answer())
    await asyncio.sleep(seconds)
    remains = await traffic.house.kill()
    await writing
    return remains


async def settled(traffic: Traffic) -> None:
    """Check that all is done and right, as far as Anna's client has seen it live."""
    await traffic.house.demo.stepper.settle()
    await traffic.arrived()
    backlog = traffic.house.demo.ledger.backlog()
    assert (backlog.inbox, backlog.pending, backlog.failed) == (0, 0, 0)
    for room in traffic.rooms:
        assert traffic.wrong(traffic.anna.seen.events(room), room) == []


async def new_device(stage: Stage) -> Client:
    return await stage.theatre.clients.login("noor.demo", PASSWORD)


def reporter(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Return what shows a line on the terminal, whatever pytest captures."""

    def tell(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)  # noqa: T201 - the table of kills is what the run is for

    return tell


def row(number: int, wish: str | None, remains: Remains) -> str:
    kind, phase = ("steered", wish) if wish else ("random", remains.phase or "idle")
    return f"{number:>3}  {kind:<8} {phase:<24} left: {remains.inbox:>2} to handle, {remains.outbox:>3} to deliver"
