"""The homeserver cannot be reached for a while: it is asked once a second at most, and then all arrives, once and in order.

One that says how long to wait is asked the same thing again after that, and not before.

`SAMRUM_OUTAGE_SECONDS` says how long each trouble lasts (8; `make soak` takes a minute), `SAMRUM_SOAK_RECORD` names a file for the figures.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from bot.clock import MachineTime
from care.clock import local
from tests.kill.conftest import Stage
from tests.kill.proxy import Where
from tests.kill.test_kill import RECORD, settled
from tests.kill.troubles import LIMITED, RETRY_AFTER, TROUBLES

pytestmark = [pytest.mark.kill, pytest.mark.asyncio(loop_scope="session")]

Arrival = tuple[float, str]
"""When a request came (monotonic seconds), and its path."""
SECONDS = float(os.environ.get("SAMRUM_OUTAGE_SECONDS") or 8)
SETTLING = 1.5
"""Seconds in which what was under way comes to its end."""
CLOSEST = 0.9
"""How much of the seconds between two requests is left as they arrive: the way takes now longer, now shorter."""


@pytest.mark.timeout(600 + SECONDS)
@pytest.mark.parametrize("name", TROUBLES)
async def test_a_homeserver_in_trouble_is_asked_once_a_second_and_then_all_arrives_once_and_in_order(stage: Stage, name: str) -> None:
    traffic, proxy, machine = stage.traffic, stage.house.proxy, MachineTime()
    await settled(traffic)
    held = proxy.hold(lambda call: call.sends, Where.BEFORE)
    await traffic.ask()
    await asyncio.wait_for(held.reached.wait(), 30)

    proxy.break_down(TROUBLES[name])
    proxy.release(held)
    await traffic.ask()
    await asyncio.sleep(SETTLING)
    start = len(proxy.arrivals)
    waiting = stage.house.remains()
    await asyncio.sleep(SECONDS)
    during = proxy.arrivals[start:]
    proxy.recover()
    back = machine.monotonic()
    await settled(traffic)
    seconds = machine.monotonic() - back

    assert waiting.outbox > 0
    assert len(during) <= SECONDS + 1
    assert closest(during) >= CLOSEST
    if name == LIMITED:
        assert all(closest(each) >= RETRY_AFTER * CLOSEST for each in by_kind(during))
    note(name, during, seconds)


async def test_a_homeserver_that_listens_and_takes_no_messages_is_tried_with_one_a_second(stage: Stage) -> None:
    traffic, proxy, machine = stage.traffic, stage.house.proxy, MachineTime()
    await settled(traffic)
    start = len(proxy.arrivals)

    proxy.break_down(TROUBLES["502"], lambda call: call.sends)
    for _ in range(4):
        await traffic.ask()
    await asyncio.sleep(SECONDS)
    tried = [each for each in proxy.arrivals[start:] if "/send/m.room.encrypted/" in each[1]]
    heard = [each for each in proxy.arrivals[start:] if each[1].endswith("/sync")]
    proxy.recover()
    back = machine.monotonic()
    await settled(traffic)

    assert len(tried) > 1
    assert closest(tried) >= CLOSEST
    assert len(heard) > 1
    note("502 to messages alone", tried, machine.monotonic() - back)


def closest(arrivals: Iterable[Arrival]) -> float:
    """Return the fewest seconds between two requests."""
    return min((later - earlier for (earlier, _), (later, _) in pairwise(arrivals)), default=SECONDS)


def by_kind(arrivals: Iterable[Arrival]) -> Iterable[list[Arrival]]:
    """Return the requests of each kind, whichever room they are about."""
    kinds: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        kinds.setdefault(re.sub(r"(?<=/rooms/)[^/]+|(?<=/send/).*", "", arrival[1]), []).append(arrival)
    return kinds.values()


def note(name: str, during: list[Arrival], back: float) -> None:
    """Add the figures to the soak's record, if there is one."""
    if record := os.environ.get(RECORD):
        kept = {
            "test": "outage",
            "ended": f"{local(MachineTime().utc()):%Y-%m-%d %H:%M}",
            "trouble": name,
            "seconds": SECONDS,
            "requests": len(during),
            "closest": round(closest(during), 2),
            "back": round(back, 1),
        }
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")
