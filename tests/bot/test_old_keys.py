"""Room keys of closed cases: kept as long as they may be needed, then gone, with what was read with them, over restarts and crashes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.matrix.client import Edge
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.login import Credentials
from bot.matrix.setting import Setting
from bot.old_keys import AT_ONCE, DAY_SECONDS, IDLE, PACE_SECONDS, OldKeys
from care.case import Case, Status
from care.effects import case_room
from store import index, matrix_keys, rooms
from store.matrix_keys import Slot
from tests import builders
from tests.bot.matrix.bots import SEEDS, VAULT, Held
from tests.bot.shelves import BOT, NOON, House, house

ROOM = "!case"
KEYS = {Slot(Drawer.INBOUND, ROOM, "session"): b"x", Slot(Drawer.OUTBOUND, ROOM, "pickle"): b"x", Slot(Drawer.SEEN, "session", "0"): b"$1"}
ENCRYPTION = Slot(Drawer.ROOM, ROOM, "encryption")


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """A case with a room that there are keys for, closed at noon."""
    async with house(tmp_path) as made:
        await keep(made, replace(builders.opened(now=NOON), status=Status.AVSLUTAT))
        async with made.shelf.database.write() as tx:
            await rooms.settle(tx, case_room("c-1"), ROOM, NOON)
            await matrix_keys.save(tx, matrix_keys.Keyhole(VAULT), BOT, {**KEYS, ENCRYPTION: b"{}"}, NOON)
        yield made


async def keep(home: House, case: Case) -> None:
    async with home.shelf.database.write() as tx:
        await index.write(tx, case, "p")


@pytest_asyncio.fixture
async def edge(home: House) -> AsyncIterator[Edge]:
    """The edge, which nothing of this asks for the homeserver."""
    cabinet = Cabinet(home.shelf.database, VAULT, BOT, home.clock)
    setting = Setting("http://127.0.0.1:9", cabinet, home.clock, lambda _room: frozenset(), {}, Held(SEEDS))
    made = Edge(Credentials(BOT, "SAMRUM", "token"), setting)
    yield made
    await made.close()


def process(home: House, edge: Edge) -> OldKeys:
    return OldKeys(home.shelf.database, BOT, edge, home.clock, home.clock)


async def kept(home: House) -> set[Slot]:
    """What another process would find."""
    found: set[Slot] = set()
    async with home.shelf.database.read() as tx:
        for slot in (*KEYS, ENCRYPTION):
            values = await matrix_keys.load(tx, matrix_keys.Keyhole(VAULT), BOT, [slot.drawer], [slot.owner])
            found |= {Slot(slot.drawer, slot.owner, name) for name in values.get((slot.drawer, slot.owner), {})}
    return found


async def test_the_keys_of_a_closed_case_stay_for_a_fortnight_and_go_then_with_what_was_read(home: House, edge: Edge) -> None:
    old = process(home, edge)
    home.clock.instant = NOON + IDLE
    await old.keep()
    before = await kept(home)

    home.clock.forward(seconds=DAY_SECONDS)
    await old.keep()

    assert timedelta(days=14) == IDLE
    assert before == {*KEYS, ENCRYPTION}
    assert await kept(home) == {ENCRYPTION}  # the room stays one that nothing is ever said to in clear


async def test_a_case_that_was_reopened_keeps_its_keys(home: House, edge: Edge) -> None:
    await keep(home, replace(builders.opened(now=NOON), status=Status.AKTIVT))
    home.clock.forward(days=100)

    await process(home, edge).keep()

    assert await kept(home) == {*KEYS, ENCRYPTION}


async def test_the_keys_of_a_lost_room_go_though_its_case_is_open(home: House, edge: Edge) -> None:
    await keep(home, replace(builders.opened(now=NOON), status=Status.AKTIVT))
    async with home.shelf.database.write() as tx:
        await rooms.lose(tx, case_room("c-1"), ROOM, "removed", NOON)
    home.clock.forward(days=15)

    await process(home, edge).keep()

    assert await kept(home) == {ENCRYPTION}


async def test_a_process_looks_once_a_day_and_the_next_one_at_once(home: House, edge: Edge) -> None:
    old = process(home, edge)
    home.clock.forward(days=15)
    await old.keep()
    home.clock.forward(seconds=DAY_SECONDS - 1)
    async with home.shelf.database.write() as tx:
        await matrix_keys.save(tx, matrix_keys.Keyhole(VAULT), BOT, {Slot(Drawer.INBOUND, "!stray", "1"): b"x"}, NOON)
    await old.keep()
    same_day = await matrix_rooms(home)

    await process(home, edge).keep()

    assert same_day == {"!stray"}
    assert await matrix_rooms(home) == set()


async def matrix_rooms(home: House) -> set[str]:
    async with home.shelf.database.read() as tx:
        return {owner for _, owner in await matrix_keys.load(tx, matrix_keys.Keyhole(VAULT), BOT, [Drawer.INBOUND], [ROOM, "!stray"])}


class Dying(Exception):  # noqa: N818 - names what happens
    """The process ends here."""


class Killed:
    """Forgets the keys of one room, and dies over the second."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self.pruned = list[str]()

    async def prune(self, room: str) -> None:
        if self.pruned:
            raise Dying
        await self._edge.prune(room)
        self.pruned.append(room)


async def test_what_a_crash_left_is_forgotten_by_the_next_process(home: House, edge: Edge) -> None:
    async with home.shelf.database.write() as tx:
        await matrix_keys.save(tx, matrix_keys.Keyhole(VAULT), BOT, {Slot(Drawer.INBOUND, "!stray", "1"): b"x"}, NOON)
    home.clock.forward(days=15)
    dying = Killed(edge)
    with pytest.raises(Dying):
        await OldKeys(home.shelf.database, BOT, dying, home.clock, home.clock).keep()
    halfway = await matrix_rooms(home)

    await process(home, edge).keep()

    assert dying.pruned == [ROOM]
    assert halfway == {"!stray"}
    assert await matrix_rooms(home) == set()


async def test_many_rooms_are_forgotten_in_portions_one_after_the_other(home: House, edge: Edge) -> None:
    strays = [f"!{number:03}" for number in range(AT_ONCE + 1)]
    async with home.shelf.database.write() as tx:
        await matrix_keys.save(tx, matrix_keys.Keyhole(VAULT), BOT, {Slot(Drawer.INBOUND, room, "1"): b"x" for room in strays}, NOON)
    home.clock.forward(days=15)
    old = process(home, edge)

    left: list[int] = []
    for seconds in (0, PACE_SECONDS - 1, 1):
        home.clock.forward(seconds=seconds)
        await old.keep()
        async with home.shelf.database.read() as tx:
            left.append(len(await matrix_keys.load(tx, matrix_keys.Keyhole(VAULT), BOT, [Drawer.INBOUND], strays)))

    assert left == [1, 1, 0]
    assert ENCRYPTION in await kept(home)
