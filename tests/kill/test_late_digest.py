"""The machine is down over a review slot: the digest comes once, and says that it is late (architecture 8, process 3.0.5)."""

import asyncio
from datetime import datetime

import pytest

from care.clock import STOCKHOLM
from care.effects import inbox
from demo.client import Event
from tests.kill.conftest import Stage
from tests.stage import ANSWERED

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="session")]


def moment(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-09-01T{clock}").replace(tzinfo=STOCKHOLM)


async def test_a_bot_that_was_down_from_0750_to_0820_sends_the_digest_once_and_marked_late(stage: Stage) -> None:
    demo, noor = stage.theatre.demo, stage.traffic.noor
    room = demo.ledger.room(inbox("k-alm-hsv"))

    def digests() -> list[Event]:
        met = noor.seen.events(room)
        return [each for each in met if each.sender == demo.world.bot_user and not each.replaces and "Genomgång 08:00" in each.text]

    await stage.traffic.ask()
    await demo.stepper.settle()
    await demo.stepper.move(moment("07:50"))
    assert digests() == []
    await stage.house.kill()
    await demo.stepper.move(moment("08:20"))
    await stage.house.start()
    await noor.seen.until(lambda: digests() or None, ANSWERED)
    await asyncio.sleep(1)

    [digest] = digests()
    assert "(försenad)" in digest.text.partition("\n")[0]
    assert noor.user in digest.mentions
    await stage.house.kill()
    await stage.house.start()
    assert len(digests()) == 1
