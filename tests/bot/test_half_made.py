"""Rooms whose making broke off: cut at each act, before and after it took effect, the second attempt makes no second room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.delivery import Delivery
from bot.descriptions import Descriptions
from bot.household import space
from bot.performing import Performer, alias
from bot.roll_call import RollCall
from care.effects import ADMIN as ADMIN_ROOM
from care.effects import Place, Say, Words, direct, inbox
from demo.client import Clients
from store import backlog, rooms
from tests.bot.shelves import ADMIN, ANNA, BOT, UNIT, Homeserver, House, Killed, Trouble, changes, house, household, member, staff
from tests.bot.test_running import PASSWORD, SECONDS, Installation, installed, place, rooms_of
from tests.bot.test_upheavals import INBOX, SPACE, administer, children
from tests.kill.proxy import Proxy, Where

__all__ = ["installed", "place"]

PLACES = (ADMIN_ROOM, inbox(UNIT), direct(ANNA), direct(ADMIN), space(UNIT))


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.fill(staff(member(ANNA)))
        yield made


async def life(home: House, server: Homeserver) -> None:
    """A process starts, sees to its rooms and delivers until nothing waits, or it ends on the way."""
    await RollCall(home.shelf, server, changes(home, server), bot=BOT).hold()
    await household(home).keep()
    told = Descriptions(BOT, "direct and inbox")
    loop = Delivery(home.shelf, Performer(server, None, federate=False, descriptions=told), server, at_once=1)
    task = asyncio.create_task(loop.run())
    with suppress(Killed, BaseExceptionGroup):
        async with asyncio.timeout(60):
            while not task.done() and (await home.backlog()).waiting:  # noqa: ASYNC110 - the loop rings no bell for tests
                await asyncio.sleep(0.01)
        loop.stop()
        await task


class Remembering(Homeserver):
    """Counts the bot into what it makes, as a homeserver does."""

    async def create_room(self, wish: Any) -> str:  # noqa: ANN401 - as above it
        known = set(self.aliases)
        try:
            return await super().create_room(wish)
        finally:
            for name in self.aliases.keys() - known:
                self.people[self.aliases[name]] = {BOT}


def settle_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """End the process once where a room that was made is to be written down."""
    settle, cut = rooms.settle, [Killed]

    async def cutting(*given: Any) -> None:  # noqa: ANN401 - as what it stands for
        if cut:
            raise cut.pop()
        await settle(*given)

    monkeypatch.setattr(rooms, "settle", cutting)


ACTS = {"create_room": 5, "invite": 5, "set_state": 1, "send": 1}
"""What it takes to make the rooms of the household, show the inbox in its space and speak in it."""


def passes() -> None:
    """Let an act pass."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("act", "passed"), [(act, passed) for act, number in ACTS.items() for passed in range(number)])
async def test_a_cut_at_any_act_leaves_each_place_one_room_with_its_people_and_its_space(
    home: House, act: str, passed: int, moment: str
) -> None:
    server = Remembering()
    await home.enqueue(Say("due", inbox(UNIT), words=Words("hej", "hej")))
    cuts: list[tuple[str, Trouble]] = [*((act, passes) for _ in range(passed)), (act, Killed)]
    (server.before if moment == "before" else server.after).extend(cuts)

    await life(home, server)
    assert server.before == server.after == []
    assert (await home.backlog()).waiting
    await life(home, server)

    await whole(home, server)


async def test_a_cut_between_a_rooms_making_and_its_record_leaves_one_room(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Remembering()
    await home.enqueue(Say("due", inbox(UNIT), words=Words("hej", "hej")))
    settle_cut(monkeypatch)
    await life(home, server)
    made = set(server.people)

    await life(home, server)

    assert len(made) == 1
    assert made <= set(server.people)
    await whole(home, server)


async def whole(home: House, server: Homeserver) -> None:
    """Assert that all has been done, in one room for each place, and none was left."""
    async with home.shelf.database.read() as tx:
        kept, rows = await rooms.all_rooms(tx), await backlog.figures(tx)
    at = {each: server.aliases[alias(BOT, each)] for each in PLACES if each in kept.values()}
    people: dict[Place, set[str]] = {each: {act[2] for act in server.done("invite") if act[1] == room} for each, room in at.items()}
    assert (rows.waiting, rows.parked) == (0, 0)
    assert len(server.wishes) == len(server.people) == len(kept)
    assert {room: each for each, room in at.items()} == kept
    assert people[inbox(UNIT)] == people[direct(ANNA)] == people[space(UNIT)] == {ANNA}
    assert people[ADMIN_ROOM] == {ADMIN}
    assert ("set_state", at[space(UNIT)], "m.space.child", at[inbox(UNIT)]) in {act[:4] for act in server.done("set_state")}
    assert server.bodies(at[inbox(UNIT)]) == ["hej"]
    assert server.done("leave") == []


@pytest.mark.homeserver
@pytest.mark.parametrize(("act", "times"), [("/createRoom", 5), ("/invite", 1), ("/state/m.space.child/", 1)])
async def test_a_kill_before_the_homeservers_answer_is_heard_makes_no_second_room(
    installed: Installation, clients: Clients, act: str, times: int
) -> None:
    config = installed.folder / "config.toml"
    async with Proxy(installed.homeserver.url) as between:
        config.write_text(config.read_text().replace(installed.homeserver.url, between.url))
        held = between.hold(lambda call: act in call.path, Where.ANSWERED)
        async with installed.running() as first:
            async with asyncio.timeout(SECONDS):
                while len(held.caught) < times:  # noqa: ASYNC110 - the proxy rings for the first only
                    await asyncio.sleep(0.05)
            first.kill()
            await first.communicate()
        before = await joined(installed)
        between.let_go()

        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        async with installed.running():
            found = await rooms_of(anna, INBOX, SPACE, "Samrum")
            health = await installed.health()
            shown = children(await anna.state(found[SPACE]))
        after = await joined(installed)

    assert before <= after
    assert len(after) == 5
    assert shown == {found[INBOX]}
    assert health["outbox"] == {"pending": 0, "failed": 0, "oldest_seconds": None}


async def joined(installed: Installation) -> set[str]:
    """Return the rooms that the homeserver counts the bot in."""
    answer = await administer(installed, "GET", f"/_synapse/admin/v1/users/{installed.user}/joined_rooms", {})
    return set(answer["joined_rooms"])
