"""The space of a unit shows its inbox and the rooms of the open cases in which the unit takes part, whatever happens to any of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.delivery import Delivery
from bot.descriptions import Descriptions
from bot.failures import Permanent
from bot.household import space
from bot.performing import Performer, alias
from care.actors import ActorAccepted, ActorAdded, ActorRemoved
from care.case import Author, Event
from care.closing import CaseClosed, CaseReopened, Reason
from care.effects import OpenRoom, Place, case_room, inbox
from care.rooms import Fate
from store import backlog, journal, outbox, people
from store.steps import judge, record
from tests import builders
from tests.bot.shelves import BOT, NOON, Homeserver, House, Killed, changes, house, keeper
from tests.builders import ANNA, DIRECTORY, ESTER, HSV, NOOR, VC
from texts.announce import announce

CASE = "c1"


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.fill(DIRECTORY)
        yield made


@pytest.fixture
def server() -> Homeserver:
    return Homeserver()


async def happen(home: House, by: Author, *events: Event) -> None:
    """Journal events of the case with all that follows from them."""
    kept, shelf = keeper(home), home.shelf
    async with shelf.database.write() as tx:
        case = await journal.load(tx, shelf.vault, CASE)
        step = judge(case, events, by, kept.moment(NOON), CASE)
        rules = await kept.rules(tx, step.after)
        effects = announce(step.entries, case, step.after, rules, generation=0, organizer=kept.organizer)
        person = await people.person_of(tx, shelf.vault, ESTER.number, "", NOON)
        await record(tx, shelf.vault, rules, step, effects, kept.moment(NOON), person=person)


async def open_with(home: House) -> None:
    await happen(home, ANNA, builders.opening(), ActorAdded("A2", HSV, (NOOR.user,)))


async def make(home: House, *places: Place) -> None:
    await home.enqueue(*(OpenRoom(f"make:{place}", place, name="Rum") for place in places))


async def deliver(home: House, server: Homeserver) -> None:
    """Deliver all that may be delivered now."""
    performer = Performer(server, None, federate=False, descriptions=Descriptions(BOT, "none"))
    loop = Delivery(home.shelf, performer, server, expelled=changes(home, server).expelled)
    running = asyncio.create_task(loop.run())
    async with asyncio.timeout(60):
        while not running.done() and await _due(home):  # noqa: ASYNC110 - the loop rings no bell for tests
            await asyncio.sleep(0.02)
    loop.stop()
    await running


async def _due(home: House) -> bool:
    async with home.shelf.database.read() as tx:
        waiting, _ = await backlog.wave(tx, outbox.EFFECTS, home.clock.utc())
    return waiting > 0


def room(server: Homeserver, place: Place, turn: int = 1) -> str:
    return server.aliases[alias(BOT, place, turn)]


def shown(server: Homeserver, unit: str) -> set[str]:
    """Return the rooms that the space of a unit shows."""
    parent = room(server, space(unit))
    children = {act[3]: act[4] for act in server.done("set_state") if act[1:3] == (parent, "m.space.child")}
    assert set(children.values()) <= {repr({}), repr({"via": ["almfors.test"]})}
    return {child for child, content in children.items() if content != repr({})}


def viewers(server: Homeserver) -> set[str]:
    """Return the units whose spaces show the room of the case."""
    return {unit for unit in (VC, HSV) if room(server, case_room(CASE)) in shown(server, unit)}


async def test_a_case_is_shown_to_the_units_that_take_part_while_they_do(home: House, server: Homeserver) -> None:
    await make(home, space(VC), space(HSV))
    await open_with(home)
    await deliver(home, server)
    assert viewers(server) == {VC}

    await happen(home, NOOR, ActorAccepted(HSV, NOOR.user))
    await deliver(home, server)
    assert viewers(server) == {VC, HSV}

    await happen(home, ANNA, ActorRemoved(HSV, "behövs inte"))
    await deliver(home, server)
    assert viewers(server) == {VC}


async def test_a_closed_case_is_shown_to_nobody_and_a_reopened_one_again(home: House, server: Homeserver) -> None:
    await make(home, space(VC), space(HSV))
    await open_with(home)
    await happen(home, NOOR, ActorAccepted(HSV, NOOR.user))
    await deliver(home, server)
    await happen(home, ANNA, CaseClosed(Reason.ATERTAGET_SAMTYCKE))
    await deliver(home, server)
    assert viewers(server) == set()

    await happen(home, ANNA, CaseReopened("A3", "Nytt fall", "Lila tranan", builders.opening().consent))
    await deliver(home, server)

    assert viewers(server) == {VC}


async def test_a_space_that_is_made_later_shows_what_belongs_in_it(home: House, server: Homeserver) -> None:
    await make(home, inbox(VC), inbox(HSV))
    await open_with(home)
    await deliver(home, server)

    await make(home, space(VC), space(HSV))
    await deliver(home, server)

    assert shown(server, VC) == {room(server, inbox(VC)), room(server, case_room(CASE))}
    assert shown(server, HSV) == {room(server, inbox(HSV))}


@pytest.mark.parametrize("place", [case_room(CASE), inbox(VC)])
async def test_a_room_made_anew_takes_the_place_of_the_lost_one(home: House, server: Homeserver, place: Place) -> None:
    await make(home, space(VC), inbox(VC))
    await open_with(home)
    await deliver(home, server)
    before = shown(server, VC)

    async with home.shelf.database.write() as tx:
        await changes(home, server).lost(tx, place, room(server, place), Fate.REMOVED, "$out")
    await home.enqueue(OpenRoom("again", place, name="Rum"))
    await deliver(home, server)

    assert shown(server, VC) == before - {room(server, place)} | {room(server, place, 2)}


async def test_a_space_made_anew_shows_all_of_it_again(home: House, server: Homeserver) -> None:
    await make(home, space(VC), inbox(VC))
    await open_with(home)
    await deliver(home, server)
    before, lost = shown(server, VC), room(server, space(VC))

    async with home.shelf.database.write() as tx:
        await changes(home, server).lost(tx, space(VC), lost, Fate.REMOVED, "$out")
    await home.enqueue(OpenRoom("again", space(VC), name="Rum"))
    await deliver(home, server)

    anew = room(server, space(VC), 2)
    assert {act[3] for act in server.done("set_state") if act[1] == anew} == before


async def test_a_crash_while_a_room_is_shown_repeats_the_same_and_nothing_else(home: House, server: Homeserver) -> None:
    await make(home, space(VC))
    await deliver(home, server)
    server.after.append(("set_state", Killed))
    await open_with(home)
    with pytest.raises(BaseExceptionGroup):
        await deliver(home, server)

    await deliver(home, server)

    assert shown(server, VC) == {room(server, case_room(CASE))}
    assert len(set(server.done("set_state"))) == 1
    assert await home.backlog() == backlog.Backlog(0, 0, None)


async def test_a_space_that_refuses_holds_up_no_case_and_alarms_nobody(home: House, server: Homeserver) -> None:
    await make(home, space(VC))
    await deliver(home, server)
    server.before.append(("set_state", lambda: Permanent("M_FORBIDDEN")))

    await open_with(home)
    await deliver(home, server)

    assert (await home.backlog()).parked == 0
    assert server.done("invite")
