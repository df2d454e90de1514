"""`kill -9` at any moment: nothing is lost, nothing is said twice, everything can be read (matrix 9.1, invariants 4 and 5).

Chance kills a bot at work, again before it has caught up; what chance missed of the six moments is then steered to. `SAMRUM_KILLS` says
how many kills (60), `SAMRUM_KILL_SEED` repeats the delays of a run, `SAMRUM_SOAK_RECORD` names a file that the count is added to.
"""

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
from tests.kill.tally import Tally
from tests.kill.traffic import Traffic
from tests.stage import since_joining

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="session")]

KILLS, SEED, RECORD = "SAMRUM_KILLS", "SAMRUM_KILL_SEED", "SAMRUM_SOAK_RECORD"
USUAL = 60
LOOK_EVERY = 10
"""Kills between two looks at everything that came of the commands."""
EARLY = 0.1
"""How many of the kills come before the bot has begun to work."""
WANTED = int(os.environ.get(KILLS) or USUAL)


@pytest.mark.timeout(300 + 60 * WANTED)
async def test_each_command_has_one_effect_and_each_message_arrives_once_however_often_the_bot_is_killed(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    traffic, house = stage.traffic, stage.house
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(10**6))
    chance, tally, tell = random.Random(seed), Tally(seed, MachineTime()), reporter(capsys)
    tell(f"\n{SEED}={seed} {KILLS}={WANTED}")
    busy = await calm_round(traffic)

    while tally.kills < WANTED - len(tally.missing):
        remains, at_work = await killed_by_chance(traffic, chance, busy)
        if at_work:
            tally.count(remains.phase)
            tell(row(tally.kills, "chance", remains.phase, remains))
        await house.launch()
        if tally.kills % LOOK_EVERY == 0:
            await settled(traffic)
    for phase in tally.missing:
        await settled(traffic)
        remains = await PHASES[phase](traffic, lambda: new_device(stage))
        tally.count(phase)
        tell(row(tally.kills, "steered", phase, remains))
        await house.launch()
    await settled(traffic)

    assert tally.missing == ()
    assert await traffic.unjournalled() == []
    for room in traffic.rooms:
        assert traffic.wrong(await stage.traffic.anna.timeline(room), room) == []
    for room in traffic.rooms:
        assert [each.id for each in since_joining(await traffic.noor.timeline(room), traffic.noor.user) if each.failure] == []
    tell(tally.line(traffic.count))
    if record := os.environ.get(RECORD):
        tally.keep(record, traffic.count)


async def calm_round(traffic: Traffic) -> float:
    """Ask and answer without a kill; return how many seconds the bot was busy."""
    await traffic.ask()
    await settled(traffic)
    clock = MachineTime()
    began = clock.monotonic()
    await asyncio.gather(traffic.ask(), traffic.answer())
    await settled(traffic)
    return clock.monotonic() - began


async def killed_by_chance(traffic: Traffic, chance: random.Random, busy: float) -> tuple[Remains, bool]:
    """Kill the bot some time into a busy stretch; return what it left, and whether it had anything to do."""
    early, share, asks = chance.random() < EARLY, chance.random(), chance.random() < 0.5
    writing = asyncio.create_task(traffic.ask() if asks else traffic.answer())
    if not early:
        await traffic.house.up()
    await asyncio.sleep(share * busy)
    at_work = traffic.unanswered
    remains = await traffic.house.kill()
    await writing
    return remains, at_work or remains.inbox + remains.outbox > 0


async def settled(traffic: Traffic) -> None:
    """Check that all is done and right, as far as Anna's client has seen it live."""
    # In this order: a bot that hears nothing yet has nothing on its way.
    await traffic.arrived()
    await traffic.house.caught_up()
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


def row(number: int, how: str, phase: str, remains: Remains) -> str:
    return f"{number:>4}  {how:<8} {phase:<24} left: {remains.inbox:>2} to handle, {remains.outbox:>3} to deliver"
