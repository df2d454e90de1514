"""What may go when the homeserver limits messages: one at a time, what is urgent first, and descriptions with what is left over."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest_asyncio

from bot.descriptions import Descriptions
from bot.matrix.gate import Limits
from bot.matrix.turns import Turn
from bot.performing import Performer, alias
from care.effects import ADMIN, Describe, OpenRoom, Place, Say, Words, case_room, inbox
from store import rooms
from tests.bot.shelves import ANNA, BOT, NOON, UNIT, Bucket, Homeserver, House, Remembered, house, member, staff, until
from tests.bot.test_delivery import CASE, ROOM, Watched, deliver, delivery, idle, say


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        async with made.shelf.database.write() as tx:
            await rooms.settle(tx, CASE, ROOM, NOON)
        yield made


def limited(home: House, *, per_second: float = 0.2, burst: int = 10) -> Homeserver:
    """A homeserver that limits messages as Synapse does."""

    async def rest(seconds: float) -> None:
        then = home.clock.monotonic() + seconds
        while home.clock.monotonic() < then:  # noqa: ASYNC110 - the clock rings no bell
            await asyncio.sleep(0.001)

    return Homeserver(limits=Limits(home.clock, rest), bucket=Bucket(home.clock, per_second, burst))


async def deliver_all(home: House, server: Homeserver) -> float:
    """Deliver, moving time on whenever the loop waits for it, until nothing is left; return the seconds that it took."""

    async def empty() -> bool:
        return not (await home.backlog()).waiting

    return await _delivered(home, server, empty)


async def deliver_until(home: House, server: Homeserver, enough: Callable[[], bool]) -> float:
    """Deliver in the same way until it is enough, and what is under way is done; return the seconds that it took."""

    async def reached() -> bool:
        return enough()

    return await _delivered(home, server, reached)


async def _delivered(home: House, server: Homeserver, enough: Callable[[], Awaitable[bool]]) -> float:
    loop, began = delivery(home, server), home.clock.monotonic()
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(60):
        while not task.done() and not await enough():
            if await idle(loop) and (seconds := await loop._claiming.idle_seconds()):
                home.clock.forward(seconds=seconds + 0.001)
                loop.wake()
            await asyncio.sleep(0.001)
    loop.stop()
    await task
    return home.clock.monotonic() - began


async def many_rooms(home: House, number: int) -> list[Place]:
    places = [case_room(f"r{each}") for each in range(number)]
    async with home.shelf.database.write() as tx:
        for place in places:
            await rooms.settle(tx, place, f"!{place.id}", NOON)
    return places


async def test_a_limited_wave_arrives_once_in_order_per_room_with_few_refusals(home: House) -> None:
    server, places = limited(home), await many_rooms(home, 12)
    await home.enqueue(*(Say(f"{place.id} {n}", place, words=Words(str(n), str(n))) for n in range(5) for place in places))

    seconds = await deliver_all(home, server)

    assert all(server.bodies(f"!{place.id}") == ["0", "1", "2", "3", "4"] for place in places)
    assert server.bucket is not None
    assert server.bucket.refused <= 13  # those under way when the limit was met, and one trial in twenty
    assert 250 <= seconds <= 290  # 50 beyond the burst and the forecast, 5 s each


async def test_what_is_urgent_waits_for_the_next_opening_only_although_it_came_last(home: House) -> None:
    server, places = limited(home), await many_rooms(home, 16)
    await home.enqueue(*(Say(f"calm {place.id}", place, words=Words("lugnt", "lugnt")) for place in places))
    await deliver(home, server)
    at_once = len(server.events)
    await home.enqueue(say("before"), Say("urgent", CASE, urgent=True, words=Words("nu", "nu")))

    await deliver_all(home, server)

    assert [event.content["body"] for event in server.events[at_once : at_once + 2]] == ["before", "nu"]
    assert len(server.events) == 18
    assert at_once == 10


async def test_a_wave_that_will_take_long_is_foretold_once_and_before_it_crawls(home: House) -> None:
    await home.fill(staff())
    server, places = limited(home), await many_rooms(home, 30)
    await home.enqueue(*(Say(f"{place.id} {n}", place, words=Words("x", "x")) for n in range(2) for place in places))

    await deliver_all(home, server)

    admin = server.aliases[alias(BOT, ADMIN)]
    (told,) = server.bodies(admin)
    assert "meddelanden väntar" in told
    assert "12 i minuten" in told
    assert re.search(r"ungefär [89] minuter", told)
    assert [event.room for event in server.events].index(admin) <= 13


async def test_while_messages_are_limited_what_does_not_count_as_one_goes_on(home: House) -> None:
    await home.fill(staff(member(ANNA)))
    server = limited(home, burst=0)
    await home.enqueue(say("m"))
    await deliver(home, server)
    await home.enqueue(OpenRoom("open", inbox(UNIT), name="Inkorg"))

    await deliver(home, server)

    assert (server.events, len(server.wishes)) == ([], 1)


async def test_reactions_beyond_the_limit_follow_one_by_one_and_none_is_asked_for_twice(home: House) -> None:
    server = limited(home, burst=1)
    await home.enqueue(say("q", reactions=("✅", "❌", "❓")))

    await deliver_all(home, server)

    assert server.reactions(server.events[0].id) == ["✅", "❌", "❓"]
    assert len(server.done("react")) == 3
    assert len(server.done("send")) == 1


def told(server: Homeserver, room: str) -> int:
    return len([act for act in server.done("set_state") if act[1] == room])


async def narrowed(home: House) -> Homeserver:
    """A homeserver of whose limit the bot has learned."""
    server, places = limited(home), await many_rooms(home, 14)
    await home.enqueue(*(Say(f"{place.id}", place, words=Words("x", "x")) for place in places))
    await deliver_all(home, server)
    assert server.limits.messages.narrow
    return server


async def test_descriptions_go_on_where_they_were_at_each_opening_of_the_gate(home: House) -> None:
    server = await narrowed(home)
    states = len(Descriptions(BOT, "direct and inbox").state(inbox(UNIT).kind))
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, inbox(UNIT), "!inbox", NOON)
    await home.enqueue(Describe("d", inbox(UNIT)))

    seconds = await deliver_all(home, server)

    assert told(server, "!inbox") == states
    assert len(set(server.done("set_state"))) == states
    assert seconds <= 5 * (states + 3)


async def test_no_message_waits_for_descriptions_not_even_in_the_room_that_they_are_for(home: House) -> None:
    server = await narrowed(home)
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, inbox(UNIT), "!inbox", NOON)
    await home.enqueue(Describe("d", inbox(UNIT)), *(Say(f"s{n}", inbox(UNIT), words=Words(str(n), str(n))) for n in range(4)))
    await home.enqueue(*(say(f"m{n}") for n in range(4)))

    seconds = await deliver_until(home, server, lambda: len(server.bodies("!inbox") + server.bodies(ROOM)) == 8)

    assert told(server, "!inbox") == 0
    assert seconds <= 5 * 8 + 1


async def test_a_message_that_comes_between_two_descriptions_goes_at_once(home: House) -> None:
    server = await narrowed(home)
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, inbox(UNIT), "!inbox", NOON)
    await home.enqueue(Describe("d", inbox(UNIT)))
    waits: list[float] = []
    assert server.bucket is not None
    refused = server.bucket.refused

    for number in range(1, 5):
        await deliver_until(home, server, lambda number=number: told(server, "!inbox") == number)  # type: ignore[misc]
        await home.enqueue(say(f"m{number}"))
        waits.append(await deliver_until(home, server, lambda number=number: len(server.bodies(ROOM)) == number))  # type: ignore[misc]

    assert max(waits) < 0.2
    assert server.bucket.refused == refused


async def test_while_a_room_is_told_of_the_commands_all_hands_are_free_for_messages(home: House) -> None:
    server, places = Homeserver(), await many_rooms(home, 8)
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, inbox(UNIT), "!inbox", NOON)
    await home.enqueue(Describe("d", inbox(UNIT)))
    held = Held(server)
    loop = Watched(home.shelf, Performer(held, None, federate=False, descriptions=Descriptions(BOT, "direct and inbox")), server)
    running = asyncio.create_task(loop.run())
    await until(held.reached.is_set)

    await home.enqueue(*(Say(place.id, place, words=Words("x", "x")) for place in places))
    loop.wake()
    await until(lambda: held.most == len(places))
    held.open.set()
    loop.stop()
    await running

    assert len(server.events) == 8


class Held(Homeserver):
    """Lets nothing pass until it is opened, and counts how many messages wait."""

    def __init__(self, real: Homeserver) -> None:
        super().__init__()
        self.events, self.states, self.acts = real.events, real.states, real.acts
        self.reached, self.open, self.most = asyncio.Event(), asyncio.Event(), 0

    async def send(self, room: str, event_type: str, content: Mapping[str, object], txn_id: str) -> str:
        self.most += 1
        await self.open.wait()
        return await super().send(room, event_type, content, txn_id)

    async def bring(self, room: str, event_type: str, wanted: Mapping[str, Mapping[str, object]], *, spare: bool = False) -> None:
        self.reached.set()
        await self.open.wait()
        await super().bring(room, event_type, wanted, spare=spare)


async def test_between_messages_and_what_is_done_beside_them_the_openings_alternate(home: House) -> None:
    server = await narrowed(home)
    await home.enqueue(*(say(f"m{n}") for n in range(4)), Say("u", case_room("r1"), urgent=True, words=Words("nu", "nu")))

    async def beside(name: str, turn: Turn) -> None:
        where = f"/rooms/!{name}/leave"
        await server.limits.stand(turn, "POST", where, {})
        with server.limits.passing("POST", where, {}, turn):
            assert server.bucket is not None
            server.bucket.take()
        server.events.append(Remembered(f"${name}", f"!{name}", "leave", {"body": name}, name))

    waiting = [asyncio.create_task(beside(f"b{n}", Turn.BESIDE)) for n in range(3)]
    waiting.append(asyncio.create_task(beside("dialogue", Turn.DIALOGUE)))
    await asyncio.sleep(0)
    before = len(server.events)

    await deliver_until(home, server, lambda: len(server.events) - before == 9)
    await asyncio.gather(*waiting)

    said = [str(event.content["body"]) for event in server.events[before:]]
    assert said[:2] == ["dialogue", "nu"]
    assert sorted(said[2:]) == ["b0", "b1", "b2", "m0", "m1", "m2", "m3"]
    assert [each[0] for each in said[2:8]] in (list("bmbmbm"), list("mbmbmb"))
