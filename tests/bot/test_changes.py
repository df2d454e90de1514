"""Rooms that are lost, replaced or weakened by others, and people who come and go: journalled, told, set right, and nothing said twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.delivery import Delivery
from bot.descriptions import Descriptions
from bot.failures import Permanent
from bot.incoming import Intake
from bot.matrix.conditions import weakened
from bot.matrix.incoming import Batch, Incoming
from bot.matrix.incoming import Kind as Heard
from bot.matrix.rooms import RoomWish, powers, state
from bot.performing import Performer, alias
from care.actors import ActorAccepted, ActorAdded
from care.effects import ADMIN as ADMIN_ROOM
from care.effects import Anchor, Effect, Invite, OpenRoom, Place, Revise, Say, Words, case_room, direct, inbox
from care.people import Role
from care.rooms import Fate, PersonLeft, PersonWithdrawn, RoomLost, RoomMoved, RoomWeakened, StrangerRemoved
from reminders.keeper import Guard
from reminders.rooms import Staff
from store import inbox as letters
from store import journal, people, rooms, seats
from store.inbox import Kind, Message
from store.steps import judge, record
from tests import builders
from tests.bot.shelves import BOT, NOON, Homeserver, House, changes, house, keeper, visitors
from tests.bot.test_household import enqueued, invited, removed
from tests.builders import DIRECTORY, ESTER, HSV, NOOR, TAGE, VC

CASE = "c1"
ROOM = "!case"
STRANGE = "@okand:almfors.test"
OPENED = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Vårdcentralen and hemsjukvården have a case together, in a room."""
    async with house(tmp_path) as made:
        await made.fill(DIRECTORY)
        kept, shelf = keeper(made), made.shelf
        async with shelf.database.write() as tx:
            begun = judge(None, (builders.opening(), ActorAdded("A2", HSV, (NOOR.user,))), builders.ANNA, kept.moment(OPENED), CASE)
            rules = await kept.rules(tx, begun.after)
            person = await people.person_of(tx, shelf.vault, ESTER.number, "", OPENED)
            await record(tx, shelf.vault, rules, begun, (), kept.moment(OPENED), person=person)
            joined = judge(begun.after, (ActorAccepted(HSV, NOOR.user),), NOOR, kept.moment(OPENED), CASE)
            await record(tx, shelf.vault, rules, joined, (), kept.moment(OPENED))
            await rooms.settle(tx, case_room(CASE), ROOM, NOON)
        yield made


@pytest.fixture
def server() -> Homeserver:
    return Homeserver(people={ROOM: {BOT, builders.ANNA.user, NOOR.user}})


async def last_of(home: House) -> object:
    async with home.shelf.database.read() as tx:
        return (await journal.read(tx, home.shelf.vault, CASE))[-1].event


def member(subject: str, membership: str, *, sender: str = "", room: str = ROOM, event: str = "") -> Message:
    event = event or f"${membership}-{subject}"
    return Message(event, room, sender or subject, NOON, Kind.MEMBERSHIP, membership=membership, subject=subject)


def change(key: str, target: str = "") -> Message:
    return Message(f"${key}", ROOM, STRANGE, NOON, Kind.CHANGE, key=key, target=target)


async def keep(home: House, message: Message) -> Message:
    async with home.shelf.database.write() as tx:
        await letters.put(tx, home.shelf.vault, [message], NOON)
    return message


def told(effects: list[Effect], *units: str) -> list[Say]:
    return [effect for effect in effects if isinstance(effect, Say) and effect.place in {inbox(unit) for unit in units} and effect.rings]


async def test_a_lost_case_room_is_journalled_made_again_and_told_to_each_unit_once(home: House, server: Homeserver) -> None:
    lost = await keep(home, member(BOT, "leave", sender=STRANGE))

    assert await visitors(home, server).passed(lost)
    assert await visitors(home, server).passed(lost)

    effects = await enqueued(home)
    assert await last_of(home) == RoomLost(Fate.REMOVED)
    assert [type(effect) for effect in effects if effect.place == case_room(CASE)][:3] == [OpenRoom, Invite, Invite]
    assert invited(effects) == {(f"case:{CASE}", builders.ANNA.user), (f"case:{CASE}", NOOR.user)}
    assert len(told(effects, VC)) == len(told(effects, HSV)) == 1
    assert len([effect for effect in effects if effect.place == ADMIN_ROOM]) == 1


async def test_a_room_that_the_homeserver_took_away_in_the_bots_own_name_is_noticed(home: House, server: Homeserver) -> None:
    taken: list[Message] = []
    shelf = home.shelf
    intake = Intake(
        shelf.database,
        shelf.vault,
        shelf.roster,
        home.clock,
        home.clock,
        bot=BOT,
        submit=taken.extend,
        recording=lambda _batch: shelf.database.write(),
    )

    await intake.take(Batch("s2", left=frozenset({ROOM, "!elsewhere"})))
    for message in taken:
        await visitors(home, server).passed(message)

    assert [message.room for message in taken] == [ROOM]
    assert await last_of(home) == RoomLost(Fate.REMOVED)


async def deliver(home: House, server: Homeserver) -> None:
    performer = Performer(server, None, federate=False, descriptions=Descriptions(BOT, "none"))
    loop = Delivery(home.shelf, performer, server, expelled=changes(home, server).expelled)
    running = asyncio.create_task(loop.run())
    await asyncio.sleep(0.5)
    loop.stop()
    await running


async def test_what_was_under_way_is_said_in_the_new_room_when_somebody_is_there(home: House, server: Homeserver) -> None:
    await home.enqueue(Say("old", case_room(CASE), words=Words("gammalt", "")))
    await deliver(home, server)
    home.clock.forward(seconds=10)
    server.out.add(ROOM)
    server.before.append(("send", lambda: Permanent("M_FORBIDDEN")))
    edit = Revise("edit", case_room(CASE), anchor=Anchor(key="old"), words=Words("ändrat", ""))
    await home.enqueue(Say("new", case_room(CASE), words=Words("nytt", ""), thread=Anchor(key="old")), edit)

    await deliver(home, server)
    home.clock.forward(seconds=5)
    await deliver(home, server)
    made = server.aliases[alias(BOT, case_room(CASE), 2)]
    assert server.bodies(made) == []
    assert {act[2] for act in server.done("invite") if act[1] == made} == {builders.ANNA.user, NOOR.user}

    server.people[made] = {BOT, NOOR.user}
    assert not await visitors(home, server).passed(member(NOOR.user, "join", room=made))
    await deliver(home, server)

    assert server.bodies(ROOM) == ["gammalt"]
    assert server.bodies(made)[0] == "nytt"
    assert "m.relates_to" not in next(event.content for event in server.events if event.content.get("body") == "nytt")
    assert not [event for event in server.events if "ändrat" in str(event.content)]
    assert (await home.backlog()).parked == 0


async def test_a_refusal_by_a_room_that_the_bot_is_in_parks_the_row_and_loses_no_room(home: House, server: Homeserver) -> None:
    server.before.append(("send", lambda: Permanent("M_FORBIDDEN")))
    await home.enqueue(Say("new", case_room(CASE), words=Words("nytt", "")))

    await deliver(home, server)

    assert (await home.backlog()).parked == 1
    async with home.shelf.database.read() as tx:
        assert await rooms.room_of(tx, case_room(CASE)) == ROOM


async def test_an_upgrade_into_a_room_that_can_be_trusted_is_followed(home: House, server: Homeserver) -> None:
    server.trusted.add("!next")

    await changes(home, server).noticed(await keep(home, change("m.room.tombstone", "!next")))

    effects = await enqueued(home)
    async with home.shelf.database.read() as tx:
        assert await rooms.room_of(tx, case_room(CASE)) == "!next"
    assert await last_of(home) == RoomMoved()
    assert invited(effects) == {(f"case:{CASE}", builders.ANNA.user), (f"case:{CASE}", NOOR.user)}
    assert server.done("leave") == [("leave", ROOM, "")]
    assert len(told(effects, VC)) == 1


@pytest.mark.parametrize("target", ["!next", ""])
async def test_an_upgrade_into_any_other_room_is_a_loss(home: House, server: Homeserver, target: str) -> None:
    await changes(home, server).noticed(await keep(home, change("m.room.tombstone", target)))

    assert await last_of(home) == RoomLost(Fate.REPLACED)
    assert {act[1] for act in server.done("leave")} == {ROOM, target} - {""}
    async with home.shelf.database.read() as tx:
        assert await rooms.room_of(tx, case_room(CASE)) is None


@pytest.mark.parametrize("place", [direct(NOOR.user), inbox(VC)])
async def test_a_tombstone_that_names_another_of_the_bots_rooms_leads_nowhere(home: House, server: Homeserver, place: Place) -> None:
    server.trusted.add(ROOM)
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, place, "!shaped", NOON)

    await changes(home, server).noticed(await keep(home, replace(change("m.room.tombstone", ROOM), room="!shaped")))

    async with home.shelf.database.read() as tx:
        assert await rooms.room_of(tx, case_room(CASE)) == ROOM
        assert await rooms.room_of(tx, place) is None
    assert {act[1] for act in server.done("leave")} == {"!shaped"}
    assert server.done("follow") == []


@pytest.mark.parametrize("restored", [True, False])
async def test_a_weakened_room_is_set_right_journalled_and_told_once(home: House, server: Homeserver, restored: bool) -> None:
    server.beyond_repair |= set() if restored else {ROOM}
    message = await keep(home, change("m.room.join_rules"))

    await changes(home, server).noticed(message)
    await changes(home, server).noticed(message)

    effects = await enqueued(home)
    assert await last_of(home) == RoomWeakened(("m.room.join_rules",), restored)
    assert [("kunde inte" in say.words.body) for say in told(effects, VC)] == [not restored]
    assert len([effect for effect in effects if effect.place == ADMIN_ROOM]) == 1


@pytest.mark.parametrize("membership", ["join", "invite"])
async def test_a_stranger_in_a_case_room_is_removed_journalled_and_told_once(home: House, server: Homeserver, membership: str) -> None:
    message = await keep(home, member(STRANGE, membership, sender="@root:almfors.test", event="$strange"))

    assert await visitors(home, server).passed(message)
    assert await visitors(home, server).passed(message)

    effects = await enqueued(home)
    assert removed(effects) == {(f"case:{CASE}", STRANGE)}
    assert await last_of(home) == StrangerRemoved(STRANGE)
    assert len(told(effects, VC)) == 1
    assert not any(STRANGE in effect.words.body for effect in effects if isinstance(effect, Say))


async def test_who_leaves_a_case_room_is_out_of_the_case_and_the_unit_without_anybody_is_told(home: House, server: Homeserver) -> None:
    assert await visitors(home, server).passed(await keep(home, member(NOOR.user, "leave")))

    effects = await enqueued(home)
    assert await last_of(home) == PersonLeft(NOOR.user)
    assert len(told(effects, HSV)) == 1
    assert told(effects, VC) == []


async def test_who_no_longer_belongs_to_a_unit_is_removed_from_its_case_rooms_once(home: House) -> None:
    staff = Staff(keeper(home))
    await staff.follow(Guard(), NOON)
    assert await enqueued(home) == []

    promoted = (replace(each, roles=frozenset({Role.MOTTAGARE})) if each.user == TAGE.user else each for each in DIRECTORY.members)
    await home.fill(replace(DIRECTORY, members=tuple(each for each in promoted if each.user != NOOR.user)))
    await staff.follow(Guard(), NOON)
    await staff.follow(Guard(), NOON)
    await Staff(keeper(home)).follow(Guard(), NOON)

    effects = await enqueued(home)
    assert removed(effects) == {(f"case:{CASE}", NOOR.user)}
    assert await last_of(home) == PersonWithdrawn(NOOR.user)
    assert len(told(effects, HSV)) == 1


async def test_who_leaves_an_inbox_is_asked_in_again_when_the_directory_changes(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, inbox(HSV), "!inbox", NOON)
        await seats.put(tx, [seats.Seat(inbox(HSV), NOOR.user, invited=True, turn=1)])

    await visitors(home, server).passed(await keep(home, member(NOOR.user, "leave", room="!inbox")))

    async with home.shelf.database.read() as tx:
        assert not (await seats.taken(tx))[inbox(HSV), NOOR.user].invited
    assert len([effect for effect in await enqueued(home) if effect.place == ADMIN_ROOM]) == 1


def state_change(kind: str, content: dict[str, object]) -> Incoming:
    return Incoming("$1", ROOM, BOT, NOON, Heard.ROOM_CHANGE, state_type=kind, content=content)


def test_what_the_bot_makes_is_not_weak_and_what_others_make_of_it_is() -> None:
    made = state(RoomWish("", ""))
    fine = [state_change(kind, dict(made[kind])) for kind in ("m.room.encryption", "m.room.join_rules", "m.room.history_visibility")]
    fine += [state_change("m.room.power_levels", {**powers(closed=closed), "users": {BOT: 100}}) for closed in (True, False)]
    weak = [
        state_change("m.room.tombstone", {"replacement_room": "!next"}),
        state_change("m.room.join_rules", {"join_rule": "public"}),
        state_change("m.room.history_visibility", {"history_visibility": "world_readable"}),
        state_change("m.room.encryption", {}),
        state_change("m.room.power_levels", {**powers(), "users": {BOT: 100, STRANGE: 100}}),
        state_change("m.room.power_levels", {**powers(), "invite": 0}),
    ]

    assert not any(weakened(each, BOT) for each in fine)
    assert all(weakened(each, BOT) for each in weak)
