"""What a server's administrator can do to the bot's rooms, done to a running bot on a real homeserver, seen by independent clients."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.app import rules as profile_of
from bot.clock import MachineTime, SystemClock
from bot.config import load
from bot.premises import opened
from care.case import Author
from care.people import Role
from care.rooms import Fate, RoomLost
from demo.client import Client, Clients
from demo.client.events import RoomState
from reminders.keeper import Keeper
from store import journal, people
from store.steps import judge, record
from tests import builders
from tests.bot.test_running import PASSWORD, SECONDS, Installation, installed, place, rooms_of
from texts.announce import announce

__all__ = ["installed", "place"]

pytestmark = pytest.mark.homeserver
INBOX = "Inkorg Norrgårdens vårdcentral"
SPACE = "Norrgårdens vårdcentral"
CASE = "SÄ-2026-00042 Blå tranan"


async def administer(place: Installation, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the homeserver's administration for something and return its answer."""
    headers = {"Authorization": f"Bearer {await place.homeserver.administrator()}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{place.homeserver.url}{path}", json=body) as answer,
    ):
        found: dict[str, Any] = await answer.json()
        assert answer.status == 200, found
        return found


async def another(person: Client, name: str, lost: str) -> str:
    """Return the room with a name that is not the lost one: a client may never hear that a deleted room is gone."""

    def find() -> str | None:
        return next((room for room in person.seen.joined() if room != lost and person.seen.state(room).name == name), None)

    return await person.seen.until(find, SECONDS)


async def test_a_room_that_an_administrator_deletes_is_made_anew_and_the_unit_is_told_there(
    installed: Installation, clients: Clients
) -> None:
    async with installed.running():
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        rooms = await rooms_of(anna, INBOX, "Samrum")
        await installed.health()

        await administer(installed, "DELETE", f"/_synapse/admin/v1/rooms/{rooms[INBOX]}", {"purge": True})
        new = await another(anna, INBOX, rooms[INBOX])
        said = await anna.wait(new, lambda event: "kan inte längre använda" in event.body, timeout=SECONDS)

    assert said.encrypted
    assert said.failure == ""


async def test_what_happened_to_rooms_while_the_bot_was_down_is_noticed_at_its_start_and_told_once(
    installed: Installation, clients: Clients
) -> None:
    anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
    async with installed.running():
        rooms = await rooms_of(anna, INBOX, "Samrum")
        await installed.health()
        hers = await anna.create_room(invite=(installed.user,))
        await anna.wait_room(lambda state: state.name == "" and installed.user in state.joined, timeout=SECONDS)
        await anna.wait_room(lambda state: state.name == "Samrum" and installed.user not in state.joined, timeout=SECONDS)
        await installed.health()

    await administer(installed, "DELETE", f"/_synapse/admin/v1/rooms/{rooms[INBOX]}", {"purge": True})
    await anna.remove(hers, installed.user)
    stray = (await administer(installed, "POST", "/_matrix/client/v3/createRoom", {"preset": "private_chat"}))["room_id"]
    await administer(installed, "POST", f"/_synapse/admin/v1/join/{stray}", {"user_id": installed.user})
    async with installed.running():
        new = await another(anna, INBOX, rooms[INBOX])
        direct = await another(anna, "Samrum", rooms["Samrum"])
        of_the_inbox = await anna.wait(new, lambda event: "inkorg" in event.body, timeout=SECONDS)
        of_hers = await anna.wait(new, lambda event: "direktrum" in event.body, timeout=SECONDS)
        health = await installed.health()
        told = [event.id for event in anna.seen.events(new) if "kan inte längre använda" in event.body]
        there = await administer(installed, "GET", f"/_synapse/admin/v1/rooms/{stray}/members", {})

    assert sorted(told) == sorted((of_the_inbox.id, of_hers.id))
    assert direct not in {hers, rooms["Samrum"]}
    assert installed.user not in there["members"]
    assert health["outbox"] == {"pending": 0, "failed": 0, "oldest_seconds": None}


async def test_an_administrator_who_takes_power_and_enters_is_put_out_and_the_power_taken_back(
    installed: Installation, clients: Clients
) -> None:
    async with installed.running():
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        inbox = (await rooms_of(anna, INBOX))[INBOX]
        await installed.health()
        intruder = await installed.homeserver.register(f"intruder-{installed.port}", PASSWORD)
        strange = await clients.login(intruder, PASSWORD, cross_sign=True)

        await administer(installed, "POST", f"/_synapse/admin/v1/rooms/{inbox}/make_room_admin", {"user_id": intruder})
        await strange.join(inbox)
        weakened = await anna.wait(inbox, lambda event: "har ändrat skyddet" in event.body, timeout=SECONDS)
        await anna.wait(inbox, lambda event: "kom in i inkorgen" in event.body, timeout=SECONDS)
        health = await installed.health()
        state = await administer(installed, "GET", f"/_synapse/admin/v1/rooms/{inbox}/state", {})

    levels = next(event["content"] for event in state["state"] if event["type"] == "m.room.power_levels")
    memberships = {event["state_key"]: event["content"]["membership"] for event in state["state"] if event["type"] == "m.room.member"}
    assert intruder not in levels.get("users", {})
    assert memberships[intruder] in {"leave", "ban"}
    assert "har ställt tillbaka det" in weakened.body
    assert health["outbox"] == {"pending": 0, "failed": 0, "oldest_seconds": None}


async def open_case(place: Installation) -> None:
    """Let Anna's unit have a case, as its opening leaves it."""
    config, machine = load(place.folder / "config.toml", place.environ), MachineTime()
    anna = Author(place.anna, builders.VC, frozenset({Role.MOTTAGARE}))
    async with opened(config, place.environ, machine) as premises:
        keeping = (premises.database, premises.vault, premises.roster, profile_of(config))
        keeper = Keeper(*keeping, SystemClock(machine), machine, "samrum@almfors.test", timedelta())
        now, moment = machine.utc(), keeper.moment(machine.utc())
        async with premises.database.write() as tx:
            step = judge(None, (builders.opening(anna, now),), anna, moment, "c1")
            rules = await keeper.rules(tx, step.after)
            effects = announce(step.entries, None, step.after, rules, generation=0, organizer=keeper.organizer)
            person = await people.person_of(tx, premises.vault, builders.ESTER.number, "", now)
            await record(tx, premises.vault, rules, step, effects, moment, person=person)


async def lost_rooms(place: Installation) -> list[RoomLost]:
    """Return what the journal of the case tells of rooms that were lost."""
    config = load(place.folder / "config.toml", place.environ)
    async with opened(config, place.environ, MachineTime()) as premises, premises.database.read() as tx:
        entries = await journal.read(tx, premises.vault, "c1")
    return [entry.event for entry in entries if isinstance(entry.event, RoomLost)]


async def test_the_deleted_room_of_a_case_is_made_anew_for_its_people_and_in_their_space_and_journalled(
    installed: Installation, clients: Clients
) -> None:
    await open_case(installed)
    with (installed.folder / "config.toml").open("a") as config:
        config.write("[gathering]\njoins = 0.2\n")
    async with installed.running():
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        rooms = await rooms_of(anna, CASE, INBOX, SPACE)
        await installed.health()
        before = children(await anna.state(rooms[SPACE]))

        await administer(installed, "DELETE", f"/_synapse/admin/v1/rooms/{rooms[CASE]}", {"purge": True})
        new = await another(anna, CASE, rooms[CASE])
        told = await anna.wait(rooms[INBOX], lambda event: "SÄ-2026-00042" in event.body and "nytt rum" in event.body, timeout=SECONDS)
        await anna.wait(new, lambda event: event.encrypted and bool(event.body), timeout=SECONDS)
        await installed.health()
        after = children(await anna.state(rooms[SPACE]))

    assert before == {rooms[INBOX], rooms[CASE]}
    assert after == {rooms[INBOX], new}
    assert builders.ESTER.name not in told.body
    assert await lost_rooms(installed) == [RoomLost(Fate.REMOVED)]


def children(space: RoomState) -> set[str]:
    """Return the rooms that a space shows."""
    return {key for (kind, key), content in space.contents.items() if kind == "m.space.child" and content.get("via")}
