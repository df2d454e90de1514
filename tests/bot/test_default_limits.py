"""Synapse as it comes, with its own limits: all arrives, in order, what is urgent first, and as fast as was foretold.

`SAMRUM_LIMITS_MESSAGES` says how many messages are ordered at once (7; `python -m tests.soak --limits` takes sixty), `SAMRUM_SOAK_RECORD`
names a file for the figures.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import alarms
from bot.claiming import PACED
from bot.delivery import Delivery
from bot.descriptions import Descriptions
from bot.forecast import SENDS, Forecast, by_default, measured
from bot.matrix.gate import Gate
from bot.matrix.login import login_once
from bot.performing import Performer
from bot.places import Shelf
from care.clock import local
from care.effects import Place, Say, Words
from demo.homeserver import Homeserver
from store import backlog, sayings
from store.tables import outbox as table
from tests.bot.matrix.bots import PASSWORD, Bot, running, setting
from tests.bot.shelves import house
from tests.bot.test_limited import MACHINE, enqueue, made_rooms, own_rows, real, waiting

pytestmark = pytest.mark.homeserver

MESSAGES = int(os.environ.get("SAMRUM_LIMITS_MESSAGES") or 7)
URGENT = 2
ROOMS = 3
"""Together with the urgent ones fewer than Synapse lets an account make at once."""
FIRST = ROOMS + URGENT
"""Rows that are claimed before any is behind another: one of each room."""
SECONDS = 120.0 + 12 * MESSAGES


@pytest_asyncio.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with house(tmp_path) as made:
        yield real(made)


def digest(place: Place, key: str, *, urgent: bool = False) -> Say:
    """A message of a wave, with the reaction by which it is acknowledged."""
    return Say(f"{place.id} {key}", place, urgent=urgent, words=Words(key, key), reactions=("✅",))


@pytest.mark.timeout(300 + SECONDS)
async def test_a_wave_under_synapses_own_limits_arrives_in_order_urgent_rooms_first_and_when_it_was_foretold(
    shelf: Shelf, tmp_path: Path
) -> None:
    async with Homeserver(tmp_path / "homeserver", limits=True) as homeserver:
        user = await homeserver.register("samrum", PASSWORD)
        credentials = await login_once(homeserver.url, user, PASSWORD, "SAMRUM", clock=MACHINE)
        async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
            places = await made_rooms(shelf, bot, FIRST)
            calm, hurried = list(places)[:ROOMS], list(places)[ROOMS:]
            wave = [digest(calm[n % ROOMS], f"{n:03}") for n in range(MESSAGES - URGENT)]
            await enqueue(shelf, *wave, *(digest(place, "nu", urgent=True) for place in hurried))
            began = MACHINE.monotonic()

            task = asyncio.create_task(delivered(shelf, bot))
            foretold, at = await told(shelf, bot.edge.limits.messages)
            await task
            ended = MACHINE.monotonic()
            arrived = {place: await own_rows(bot, room) for place, room in places.items()}

    assert all(arrived[place] == [f"{n:03}" for n in range(at_room, MESSAGES - URGENT, ROOMS)] for at_room, place in enumerate(calm))
    assert [arrived[place] for place in hurried] == [["nu"]] * URGENT
    order = await done(shelf)
    assert max(order.index(f"{place.id} nu") for place in hurried) < FIRST
    assert bot.edge.limits.messages.refused <= FIRST + 2 + MESSAGES // 10
    for said, took in ((expected(), ended - began), (foretold.seconds, ended - at)):
        assert took / 2 <= said <= took * 2
    if foretold.long:
        async with shelf.database.read() as tx:
            assert await sayings.is_known_under(tx, alarms.SLOW)
    note(foretold, ended - at, ended - began)


def expected() -> float:
    """Return the seconds that an operator is told for so many messages; a room made just before takes one of the burst."""
    return by_default(MESSAGES + FIRST // SENDS).seconds


async def delivered(shelf: Shelf, bot: Bot) -> None:
    performer = Performer(bot.edge, None, federate=False, descriptions=Descriptions(bot.credentials.user_id, "none"))
    loop = Delivery(shelf, performer, bot.edge)
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(SECONDS):
        while not task.done() and await waiting(shelf):  # noqa: ASYNC110 - the loop rings no bell for tests
            await asyncio.sleep(0.1)
    loop.stop()
    await task


async def told(shelf: Shelf, gate: Gate) -> tuple[Forecast, float]:
    """Return what is foretold as soon as the pace is known, and when (monotonic seconds)."""
    async with asyncio.timeout(SECONDS):
        while (distance := gate.distance) is None:  # noqa: ASYNC110 - the gate rings no bell
            await asyncio.sleep(0.05)
    async with shelf.database.read() as tx:
        number, _ = await backlog.wave(tx, PACED, MACHINE.utc())
    return measured(number, distance), MACHINE.monotonic()


async def done(shelf: Shelf) -> list[str]:
    """Return the keys of what arrived, in the order in which it was done."""
    async with shelf.database.read() as tx:
        rows = (await tx.execute(table.select().where(table.c.state == "done").order_by(table.c.done))).all()
    return [row.key for row in rows]


def note(foretold: Forecast, took: float, altogether: float) -> None:
    """Add the figures to the soak's record, if there is one."""
    if record := os.environ.get("SAMRUM_SOAK_RECORD"):
        kept = {
            "test": "limits",
            "ended": f"{local(MACHINE.utc()):%Y-%m-%d %H:%M}",
            "messages": MESSAGES,
            "seconds": round(altogether),
            "by_default": round(expected()),
            "foretold": round(foretold.seconds),
            "took": round(took),
        }
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")
