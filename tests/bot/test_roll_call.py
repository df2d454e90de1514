"""What changed with the bot's rooms while it was away, and what a crash left behind, found at the start."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.failures import Permanent, Temporary
from bot.performing import alias
from bot.roll_call import RollCall
from care.effects import ADMIN as ADMIN_ROOM
from care.effects import OpenRoom, Place, Say, case_room, direct, inbox
from care.rooms import Fate
from store import inbox as letters
from store import rooms
from store.inbox import Kind, Message
from tests.bot.shelves import ANNA, BOT, NOON, OLLE, UNIT, Homeserver, House, changes, house, member, staff, visitors
from tests.bot.test_household import enqueued

INBOX, DIRECT = "!inbox", "!direct"


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.fill(staff(member(ANNA)))
        await settle(made, inbox(UNIT), INBOX)
        await settle(made, direct(ANNA), DIRECT)
        yield made


@pytest.fixture
def server() -> Homeserver:
    return Homeserver(people={INBOX: {BOT, ANNA}, DIRECT: {BOT, ANNA}})


async def settle(home: House, place: Place, room: str) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, place, room, NOON)


async def room_of(home: House, place: Place) -> str | None:
    async with home.shelf.database.read() as tx:
        return await rooms.room_of(tx, place)


def roll_call(home: House, server: Homeserver) -> RollCall:
    return RollCall(home.shelf, server, changes(home, server), bot=BOT)


def left(server: Homeserver) -> set[str]:
    return {act[1] for act in server.done("leave")}


async def test_two_thousand_rooms_cost_one_question(home: House, server: Homeserver) -> None:
    for number in range(2000):
        server.people[f"!case{number}"] = {BOT}
    async with home.shelf.database.write() as tx:
        for number in range(2000):
            await rooms.settle(tx, case_room(f"c{number}"), f"!case{number}", NOON)

    assert not await roll_call(home, server).hold()

    assert server.acts == [("joined_rooms",)]
    assert await enqueued(home) == []


async def test_a_room_that_was_lost_while_nobody_listened_is_told_once_and_forgotten(home: House, server: Homeserver) -> None:
    server.out.add(INBOX)

    assert await roll_call(home, server).hold()
    assert not await roll_call(home, server).hold()
    told_by_the_sync = Message("$kick", INBOX, ANNA, NOON, Kind.MEMBERSHIP, membership="leave", subject=BOT)
    await visitors(home, server).passed(told_by_the_sync)

    alarms = [str(effect.place) for effect in await enqueued(home) if effect.key.startswith("alarm:")]
    assert sorted(alarms) == sorted([str(ADMIN_ROOM), str(inbox(UNIT))])
    assert await room_of(home, inbox(UNIT)) is None
    assert await room_of(home, direct(ANNA)) == DIRECT


async def test_a_room_that_is_lost_later_is_found_at_the_next_look_and_told_once(home: House, server: Homeserver) -> None:
    calling = roll_call(home, server)
    before = await calling.missing()
    server.out.add(INBOX)

    assert not before
    assert await calling.missing()
    assert not await calling.missing()
    assert await room_of(home, inbox(UNIT)) is None


async def test_a_later_look_leaves_no_room_of_its_own_accord(home: House, server: Homeserver) -> None:
    server.people["!strange"] = {BOT, ANNA}

    assert not await roll_call(home, server).missing()

    assert left(server) == set()


@pytest.mark.parametrize("trouble", [Temporary(), Permanent("M_FORBIDDEN")])
async def test_a_later_look_that_fails_is_left_to_the_next_one(
    home: House, server: Homeserver, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse() -> frozenset[str]:
        raise trouble

    server.out.add(INBOX)
    calling = roll_call(home, server)
    with monkeypatch.context() as patched:
        patched.setattr(server, "joined_rooms", refuse)
        assert not await calling.missing()

    assert await calling.missing()


async def test_a_room_that_only_the_list_lacks_is_kept(home: House, server: Homeserver) -> None:
    del server.people[INBOX]

    assert not await roll_call(home, server).hold()

    assert await room_of(home, inbox(UNIT)) == INBOX


@pytest.mark.parametrize("room", ["!old", "!strange"])
async def test_a_room_that_a_crash_kept_the_bot_from_leaving_is_left(home: House, server: Homeserver, room: str) -> None:
    server.people[room] = {BOT, ANNA}
    server.own = {"!old"}
    async with home.shelf.database.write() as tx:
        await rooms.lose(tx, direct(ANNA), "!old", str(Fate.REPLACED), NOON)

    await roll_call(home, server).hold()

    assert left(server) == {room}


@pytest.mark.parametrize("kind", [Kind.INVITATION, Kind.CHANGE])
async def test_a_room_that_a_message_in_hand_is_about_is_left_to_who_handles_it(home: House, server: Homeserver, kind: Kind) -> None:
    server.people["!new"] = {BOT, ANNA}
    room, target = ("!new", "") if kind is Kind.INVITATION else (INBOX, "!new")
    message = Message("$1", room, ANNA, NOON, kind, target=target, subject=BOT)
    async with home.shelf.database.write() as tx:
        await letters.put(tx, home.shelf.vault, [message], NOON)

    await roll_call(home, server).hold()
    assert left(server) == set()

    async with home.shelf.database.write() as tx:
        await letters.done(tx, message.event, NOON)
    await roll_call(home, server).hold()
    assert left(server) == {"!new"}


async def test_a_room_that_was_replaced_before_a_crash_is_left_although_its_tombstone_is_still_in_hand(
    home: House, server: Homeserver
) -> None:
    server.people |= {"!old": {BOT, ANNA}}
    message = Message("$1", "!old", ANNA, NOON, Kind.CHANGE, target=INBOX, key="m.room.tombstone")
    async with home.shelf.database.write() as tx:
        await rooms.lose(tx, inbox(UNIT), "!old", str(Fate.REPLACED), NOON)
        await letters.put(tx, home.shelf.vault, [message], NOON)

    await roll_call(home, server).hold()

    assert left(server) == {"!old"}


@pytest.mark.parametrize(("place", "turn"), [(case_room("c1"), 1), (case_room("c1"), 2), (direct(OLLE), 1)])
async def test_a_room_in_the_making_is_not_left(home: House, server: Homeserver, place: Place, turn: int) -> None:
    server.people["!half"] = {BOT}
    server.aliases[alias(BOT, place, turn)] = "!half"
    await home.enqueue(OpenRoom("open", place, name="Rum"))
    if turn > 1:
        async with home.shelf.database.write() as tx:
            await rooms.lose(tx, place, "!before", str(Fate.REMOVED), NOON)

    await roll_call(home, server).hold()

    assert left(server) == set()


async def test_a_room_that_the_household_wants_and_a_restored_store_does_not_know_is_kept(home: House, server: Homeserver) -> None:
    server.people["!hers"] = {BOT, OLLE}
    server.aliases[alias(BOT, direct(OLLE))] = "!hers"
    await home.fill(staff(member(ANNA), member(OLLE)))

    await roll_call(home, server).hold()

    assert left(server) == set()


async def test_a_room_whose_making_was_given_up_is_left(home: House, server: Homeserver) -> None:
    server.people["!half"] = {BOT}
    server.own = {"!half"}
    server.aliases[alias(BOT, case_room("c1"))] = "!half"

    await roll_call(home, server).hold()

    assert left(server) == {"!half"}


async def test_rooms_of_its_own_that_a_restored_store_does_not_know_are_kept_and_told_of_once(home: House, server: Homeserver) -> None:
    server.people |= {"!younger": {BOT, ANNA}, "!youngest": {BOT, ANNA, OLLE}, "!strange": {BOT, OLLE}}
    server.own = {"!younger", "!youngest"}

    with capture_logs() as logs:
        assert await roll_call(home, server).hold()
        assert await roll_call(home, server).hold()

    told = [each for each in await enqueued(home) if each.key.startswith("alarm:unknown:")]
    assert left(server) == {"!strange"}
    assert [(each.place, "2 rum" in each.words.body) for each in told if isinstance(each, Say)] == [(ADMIN_ROOM, True)]
    assert [each["room"] for each in logs if each["event"] == "room.unknown"] == ["!younger", "!youngest"] * 2


async def test_a_room_that_is_made_while_the_homeserver_is_asked_is_neither_lost_nor_left(home: House, server: Homeserver) -> None:
    class Slow(Homeserver):
        async def joined_rooms(self) -> frozenset[str]:
            found = await super().joined_rooms()
            self.people["!late"] = {BOT}
            await settle(home, case_room("late"), "!late")
            return found

    slow = Slow(people=server.people)
    assert not await roll_call(home, slow).hold()

    assert left(slow) == set()
    assert await room_of(home, case_room("late")) == "!late"


async def test_a_homeserver_that_is_away_is_waited_for(home: House, server: Homeserver) -> None:
    server.people["!strange"] = {BOT}
    server.before += [("joined_rooms", lambda: Temporary(0.01)), ("leave", lambda: Temporary(0.01))]

    async with asyncio.timeout(60):
        await roll_call(home, server).hold()

    assert left(server) == {"!strange"}


async def test_a_refusal_is_no_reason_to_lose_a_room_or_to_stay_in_the_others(home: House, server: Homeserver) -> None:
    server.people |= {"!one": {BOT}, "!two": {BOT}}
    server.before.append(("leave", lambda: Permanent("M_FORBIDDEN")))

    await roll_call(home, server).hold()
    assert left(server) == {"!two"}

    server.out.add(INBOX)
    server.before.append(("joined_rooms", lambda: Permanent("M_UNKNOWN")))
    assert not await roll_call(home, server).hold()
    assert await room_of(home, inbox(UNIT)) == INBOX
