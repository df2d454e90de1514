"""Delivery against a real Synapse that limits messages, and against one that has forgotten what it accepted."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update

from bot.clock import MachineTime, SystemClock
from bot.delivery import Delivery
from bot.descriptions import Descriptions
from bot.matrix.login import login_once
from bot.matrix.rooms import RoomWish
from bot.matrix.shapes import Fields, items
from bot.matrix.turns import Turn
from bot.performing import Performer
from bot.places import Shelf
from care.effects import Place, Say, Words, case_room
from demo.homeserver import Homeserver
from store import backlog, outbox, rooms
from store.keys import transit_scope
from store.tables import outbox as table
from tests.bot.matrix.bots import PASSWORD, SENTENCE, Bot, running, setting
from tests.bot.shelves import House, house

pytestmark = pytest.mark.homeserver

MACHINE = MachineTime()
WEAKER: Mapping[str, Fields] = {
    "m.room.guest_access": {"guest_access": "can_join"},
    "m.room.history_visibility": {"history_visibility": "shared"},
}


@pytest_asyncio.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with house(tmp_path) as made:
        yield real(made)


def real(made: House) -> Shelf:
    return Shelf(made.shelf.database, made.shelf.vault, made.shelf.roster, MACHINE, SystemClock(MACHINE))


def say(place: Place, key: str, *, urgent: bool = False) -> Say:
    return Say(f"{place.id} {key}", place, urgent=urgent, words=Words(key, key))


async def enqueue(shelf: Shelf, *effects: Say) -> None:
    now = MACHINE.utc()
    async with shelf.database.write() as tx:
        await outbox.enqueue(tx, shelf.vault, effects, outbox.Envelope("", transit_scope(now), now, timedelta()))


async def waiting(shelf: Shelf) -> int:
    async with shelf.database.read() as tx:
        return (await backlog.figures(tx)).waiting


async def made_rooms(shelf: Shelf, bot: Bot, number: int) -> dict[Place, str]:
    places: dict[Place, str] = {}
    for n in range(number):
        place = case_room(f"r{n}")
        places[place] = await bot.edge.create_room(RoomWish(f"case-{bot.credentials.user_id[1:]}-{n}".replace(":", "-"), "Rum"))
        async with shelf.database.write() as tx:
            await rooms.settle(tx, place, places[place], MACHINE.utc())
    return places


async def own_rows(bot: Bot, room: str) -> list[str]:
    """The outbox rows of the bot's own messages in a room, in order, by what the homeserver holds."""
    found = list[Fields]()
    query = {"dir": "f", "limit": "100"}
    while True:
        answer = await bot.edge._wire.call("GET", f"/_matrix/client/v3/rooms/{room}/messages", query=query)
        found += [event for event in items(answer.get("chunk")) if event.get("type") == "m.room.encrypted"]
        if not answer.get("end"):
            break
        query["from"] = str(answer["end"])
    await bot.edge._machine.ears.fetch({room}, {event["content"]["session_id"] for event in found})
    opened = [bot.edge._machine.ears.open(event, room) for event in found]
    return [str(each.payload["content"]["body"]) for each in opened if each]


async def delivered(shelf: Shelf, bot: Bot, seconds: float) -> None:
    loop = Delivery(shelf, Performer(bot.edge, None, federate=False, descriptions=Descriptions(bot.credentials.user_id, "none")), bot.edge)
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(seconds):
        while await waiting(shelf):  # noqa: ASYNC110 - the loop rings no bell for tests
            await asyncio.sleep(0.1)
    loop.stop()
    await task


async def test_sixty_limited_messages_arrive_once_in_order_and_the_urgent_ones_go_first(shelf: Shelf, tmp_path: Path) -> None:
    async with Homeserver(tmp_path / "homeserver", messages=(2.0, 5)) as homeserver:
        free = await homeserver.register("samrum", PASSWORD)
        credentials = await login_once(homeserver.url, free, PASSWORD, "SAMRUM", clock=MACHINE)
        async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
            places = await made_rooms(shelf, bot, 15)
            await limit(homeserver, free)
            calm, hurried = list(places)[:12], list(places)[12:]
            await enqueue(
                shelf, *(say(place, str(n)) for n in range(5) for place in calm[:12] if (place, n) not in {(c, 4) for c in calm[:3]})
            )
            task = asyncio.create_task(delivered(shelf, bot, 120))
            while not bot.edge.limits.messages.refused:  # noqa: ASYNC110 - the gate rings no bell
                await asyncio.sleep(0.02)
            before = bot.edge.limits.messages.passed
            await enqueue(shelf, *(say(place, "nu", urgent=True) for place in hurried))
            while await left(shelf, "nu"):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
            between = bot.edge.limits.messages.passed - before
            await task

            for place in calm:
                assert await own_rows(bot, places[place]) == [str(n) for n in range(4 if place in calm[:3] else 5)]
            for place in hurried:
                assert await own_rows(bot, places[place]) == ["nu"]
            assert between <= 3 + 3
            assert bot.edge.limits.messages.refused <= 15


async def test_what_goes_past_the_outbox_is_done_under_limits_too_in_its_turn_and_a_dialogue_at_once(shelf: Shelf, tmp_path: Path) -> None:
    async with Homeserver(tmp_path / "homeserver", messages=(1.0, 3)) as homeserver:
        free = await homeserver.register("samrum", PASSWORD)
        credentials = await login_once(homeserver.url, free, PASSWORD, "SAMRUM", clock=MACHINE)
        async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
            places = await made_rooms(shelf, bot, 4)
            edge, (here, there, weak, gone) = bot.edge, places.values()
            for kind, content in WEAKER.items():
                await edge.set_state(weak, kind, "", content)
            await limit(homeserver, free)
            wave = [say(place, str(n)) for n in range(6) for place in [*places][:2]]
            await enqueue(shelf, *wave)
            task = asyncio.create_task(delivered(shelf, bot, 120))
            while edge.limits.messages.distance is None:  # noqa: ASYNC110 - the gate rings no bell
                await asyncio.sleep(0.02)

            before = edge.limits.messages.passed
            acts = (edge.leave(gone), edge.say_in_clear(weak, SENTENCE, "clear"), edge.introduce("Samrum"))
            beside = asyncio.gather(edge.restore(weak), *acts)
            await edge.send(there, "m.room.message", {"msgtype": "m.text", "body": "steg"}, "step", Turn.DIALOGUE)
            between = edge.limits.messages.passed - before
            restored, *_ = await beside
            unsent = await waiting(shelf)
            await task

            assert await own_rows(bot, here) == [str(n) for n in range(6)]
            assert [row for row in await own_rows(bot, there) if row != "steg"] == [str(n) for n in range(6)]
            assert await edge.whoami() == (free, credentials.device_id)
            assert not await edge.inside(gone)
            assert (restored, between <= 2, unsent > 0) == (True, True, True)


async def left(shelf: Shelf, key: str) -> bool:
    async with shelf.database.read() as tx:
        keys = (await tx.execute(table.select().where(table.c.state == "waiting"))).all()
    return any(row.key.endswith(key) for row in keys)


async def limit(homeserver: Homeserver, user: str) -> None:
    """Give the account back the limits of the homeserver, now that its rooms are made."""
    where = f"/_synapse/admin/v1/users/{user}/override_ratelimit"
    await homeserver._call("DELETE", where, token=await homeserver.administrator())


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_day_old_row_is_there_once_though_the_homeserver_has_forgotten_it(
    homeserver: Homeserver, shelf: Shelf, tmp_path: Path, arrived: bool
) -> None:
    user = await homeserver.register(f"samrum-{'a' if arrived else 'b'}-{tmp_path.name[-3:]}".lower(), PASSWORD)
    credentials = await login_once(homeserver.url, user, PASSWORD, "SAMRUM", clock=MACHINE)
    async with running(credentials, setting(homeserver.url, tmp_path)) as bot:
        ((place, room),) = (await made_rooms(shelf, bot, 1)).items()
        await enqueue(shelf, say(place, "m"))
        async with shelf.database.write() as tx:
            (row,) = await outbox.claim(tx, shelf.vault, MACHINE.utc(), timedelta(0), 1)
        if arrived:
            content = {"msgtype": "m.notice", "body": "m", "se.samrum.outbox": row.id}
            await bot.edge.send(room, "m.room.message", content, row.id)
            forget(homeserver, row.id)
        async with shelf.database.write() as tx:
            await tx.execute(update(table).values(attempted=(MACHINE.utc() - timedelta(hours=24)).astimezone(UTC)))

        await delivered(shelf, bot, 60)

        assert await own_rows(bot, room) == ["m"]


def forget(homeserver: Homeserver, txn: str) -> None:
    """Do what Synapse does after a day."""
    with sqlite3.connect(homeserver._settings.data / "homeserver.db", timeout=30) as connection:
        connection.execute("DELETE FROM event_txn_id_device_id WHERE txn_id = ?", (txn,))
    connection.close()
