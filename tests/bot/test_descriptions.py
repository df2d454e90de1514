"""Rooms are told of the commands once, when they are made and when the commands change, and never at a mere start."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bot.delivery import Delivery
from bot.descriptions import AT_ONCE, PACE_SECONDS, Describer, Descriptions
from bot.failures import Permanent
from bot.performing import FORBIDDEN, Performer
from care.effects import OpenRoom, PlaceKind, case_room, direct, inbox
from commands.descriptions import DESCRIPTION, Content
from store import rooms
from tests.bot.shelves import ANNA, BOT, NOON, UNIT, Homeserver, House, house


@dataclass(frozen=True, slots=True)
class Earlier(Descriptions):
    """An earlier release: it had a command that there is no more, and knew no other names."""

    def of(self, kind: PlaceKind) -> tuple[Content, ...]:
        found = Descriptions.of(self, kind)
        return ({"command": "gammalt"}, *({**each, "aliases": []} for each in found)) if found else ()


NOW = Descriptions(BOT, "direct and inbox")
EARLIER = Earlier(BOT, "direct and inbox")
NONE = Descriptions(BOT, "none")


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        yield made


@pytest.fixture
def server() -> Homeserver:
    return Homeserver()


async def deliver(home: House, server: Homeserver, release: Descriptions) -> None:
    """Deliver what waits, and forget what the homeserver was asked before."""
    server.acts.clear()
    delivery = Delivery(home.shelf, Performer(server, None, federate=False, descriptions=release), server)
    task = asyncio.create_task(delivery.run())
    async with asyncio.timeout(60):
        while not task.done() and (await home.backlog()).waiting:  # noqa: ASYNC110 - the loop rings no bell for tests
            await asyncio.sleep(0.01)
    delivery.stop()
    await task


async def start(home: House, server: Homeserver, release: Descriptions) -> None:
    """A process of a release begins, and does what it has to."""
    await Describer(home.shelf.database, home.shelf.vault, home.clock, release).keep()
    await deliver(home, server, release)


def told(server: Homeserver) -> dict[str, str]:
    """Return what was written last, by state key."""
    return {act[3]: act[4] for act in server.done("set_state") if act[2] == DESCRIPTION}


async def test_a_room_is_made_with_the_commands_that_work_in_it(home: House, server: Homeserver) -> None:
    await home.enqueue(OpenRoom("d", direct(ANNA), name="Samrum"), OpenRoom("c", case_room("c1"), name="SÄ-1"))

    await deliver(home, server, NOW)

    assert {wish.name: wish.descriptions for wish in server.wishes} == {"Samrum": NOW.state(PlaceKind.DIRECT), "SÄ-1": {}}


async def test_a_start_tells_nothing_that_was_told_before(home: House, server: Homeserver) -> None:
    await home.enqueue(OpenRoom("d", direct(ANNA), name="Samrum"), OpenRoom("i", inbox(UNIT), name="Inkorg"))
    await deliver(home, server, NOW)

    await start(home, server, NOW)

    assert server.acts == []


async def test_a_release_that_changes_the_commands_tells_each_room_once(home: House, server: Homeserver) -> None:
    await home.enqueue(OpenRoom("d", direct(ANNA), name="Samrum"))
    await deliver(home, server, EARLIER)

    await start(home, server, NOW)

    written = {key: repr(content) for key, content in NOW.state(PlaceKind.DIRECT).items()}
    assert told(server) == {**written, NOW.key("gammalt"): "{}"}
    await start(home, server, NOW)
    assert server.acts == []


async def test_going_back_and_forth_between_releases_tells_each_time(home: House, server: Homeserver) -> None:
    await home.enqueue(OpenRoom("d", direct(ANNA), name="Samrum"))
    await deliver(home, server, NOW)

    for release in (EARLIER, NOW, EARLIER, NOW):
        await start(home, server, release)

        assert release.state(PlaceKind.DIRECT).keys() <= told(server).keys()


async def test_a_room_that_nobody_has_told_is_told_at_the_start(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, direct(ANNA), "!hers", NOON)
        await rooms.settle(tx, case_room("c1"), "!case", NOON)

    await start(home, server, NOW)

    assert {act[1] for act in server.acts} == {"!hers"}


async def test_where_the_bot_has_no_power_nothing_is_told_and_nobody_is_alarmed(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, direct(ANNA), "!hers", NOON)
    server.before.append(("set_state", lambda: Permanent(FORBIDDEN)))

    await start(home, server, NOW)

    backlog = await home.backlog()
    assert (backlog.waiting, backlog.parked) == (0, 0)


async def test_a_room_that_is_lost_before_it_was_told_is_no_failure(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, direct(ANNA), "!hers", NOON)
    await Describer(home.shelf.database, home.shelf.vault, home.clock, NOW).keep()
    async with home.shelf.database.write() as tx:
        await rooms.lose(tx, direct(ANNA), "!hers", "removed", NOON)

    await deliver(home, server, NOW)

    backlog = await home.backlog()
    assert (backlog.waiting, backlog.parked) == (0, 0)


async def test_what_else_is_refused_is_told_as_any_failure(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, direct(ANNA), "!hers", NOON)
    server.before.append(("set_state", lambda: Permanent("M_TOO_LARGE")))

    await start(home, server, NOW)

    assert (await home.backlog()).parked == 1


async def test_who_switches_the_descriptions_off_has_them_taken_back(home: House, server: Homeserver) -> None:
    await home.enqueue(OpenRoom("d", direct(ANNA), name="Samrum"))
    await deliver(home, server, NOW)

    await start(home, server, NONE)

    assert told(server) == dict.fromkeys(NOW.state(PlaceKind.DIRECT), "{}")


async def test_many_rooms_are_brought_up_to_date_in_portions_that_leave_the_homeserver_room(home: House) -> None:
    async with home.shelf.database.write() as tx:
        for number in range(AT_ONCE + 3):
            await rooms.settle(tx, direct(f"@p{number}:almfors.test"), f"!p{number}", NOON)
    describer = Describer(home.shelf.database, home.shelf.vault, home.clock, NOW)

    await describer.keep()
    await describer.keep()
    first = (await home.backlog()).waiting
    home.clock.forward(seconds=PACE_SECONDS)
    await describer.keep()

    assert (first, (await home.backlog()).waiting) == (AT_ONCE, AT_ONCE + 3)


def test_all_rooms_are_told_when_the_operator_wants_it() -> None:
    everywhere = Descriptions(BOT, "all")

    assert all(everywhere.state(kind) for kind in PlaceKind if kind is not PlaceKind.SPACE)
    assert everywhere.state(PlaceKind.SPACE) == {}
