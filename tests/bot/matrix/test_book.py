"""Who is in a room by the homeserver's word: an answer that a change has overtaken is not that word."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from bot.clock import MachineTime
from bot.matrix.book import Book
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.wire import Json, Wire
from tests.bot.matrix.counterparts import ANNA, BOT, MALLORY, OTHER_ROOM, ROOM, VAULT, Bot, Homeserver

JOINS: Json = {"type": "m.room.member", "state_key": MALLORY, "content": {"membership": "join"}}
LEAVES: Json = {**JOINS, "content": {"membership": "leave"}}


class Answers:
    """A homeserver that answers with these members in turn, and lets something happen while the first answer is on its way."""

    def __init__(self, *members: set[str]) -> None:
        self.members = list(members)
        self.asked: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def call(self, _method: str, where: str) -> Json:
        self.asked.append(where)
        answer: Json = {"joined": {user: {} for user in self.members[min(len(self.asked), len(self.members)) - 1]}}
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        return answer


def booked(bot: Bot, answers: Answers) -> Book:
    return Book(cast("Wire", answers), bot.cabinet, {ROOM: True})


@pytest.mark.parametrize(("event", "after"), [(JOINS, {BOT, ANNA, MALLORY}), (LEAVES, {BOT})])
async def test_an_answer_that_a_membership_has_overtaken_is_thrown_away_and_asked_for_again(bot: Bot, event: Json, after: set[str]) -> None:
    answers = Answers({BOT, ANNA}, after)
    book = booked(bot, answers)
    answers.meanwhile = lambda: book.notice(ROOM, event)

    found = [await book.joined_members(ROOM) for _ in range(2)]

    assert found == [after, after]
    assert len(answers.asked) == 2


async def test_an_answer_on_its_way_while_the_bot_goes_out_of_the_room_is_not_kept(bot: Bot) -> None:
    answers = Answers({BOT, ANNA}, {BOT})
    book = booked(bot, answers)

    async def put_out() -> None:
        book.quit(ROOM)

    answers.meanwhile = put_out

    assert await book.joined_members(ROOM) == {BOT}


async def test_what_happens_in_another_room_does_not_ask_again(bot: Bot) -> None:
    answers = Answers({BOT, ANNA})
    book = booked(bot, answers)
    answers.meanwhile = lambda: book.notice(OTHER_ROOM, JOINS)

    assert await book.joined_members(ROOM) == {BOT, ANNA}
    assert len(answers.asked) == 1


async def restarted(bot: Bot, answers: Answers) -> Book:
    """The book of the next process, which finds what was committed."""
    await bot.cabinet.flush()
    return Book(cast("Wire", answers), Cabinet(bot.database, VAULT, BOT, MachineTime()), {ROOM: True})


async def test_who_has_joined_is_known_after_a_restart_without_asking(bot: Bot) -> None:
    answers = Answers({BOT, ANNA})
    await booked(bot, answers).joined_members(ROOM)

    found = await (await restarted(bot, answers)).joined_members(ROOM)

    assert found == {BOT, ANNA}
    assert len(answers.asked) == 1


async def test_a_membership_after_a_restart_has_the_members_asked_for_before_anything_else(bot: Bot) -> None:
    answers = Answers({BOT, ANNA}, {BOT})
    await booked(bot, answers).joined_members(ROOM)
    book = await restarted(bot, answers)
    await book.notice(ROOM, LEAVES)

    assert await book.joined_members(ROOM) == {BOT}


@pytest.mark.parametrize("asked", [False, True])
async def test_a_member_who_is_put_out_is_not_known_again_by_a_restart(bot: Bot, asked: bool) -> None:
    answers = Answers({BOT, ANNA}, {BOT})
    book = booked(bot, answers)
    await book.joined_members(ROOM)
    book.forget_members(ROOM)
    if asked:
        await book.joined_members(ROOM)
    await book.notice(ROOM, LEAVES)

    assert await (await restarted(bot, answers)).joined_members(ROOM) == {BOT}


async def test_what_is_kept_does_not_count_for_who_has_forgotten_it(bot: Bot) -> None:
    answers = Answers({BOT, ANNA}, {BOT})
    await booked(bot, answers).joined_members(ROOM)
    book = await restarted(bot, answers)
    book.forget_members(ROOM)

    assert await book.joined_members(ROOM) == {BOT}


async def test_an_answer_that_a_membership_has_overtaken_is_not_kept_either(bot: Bot) -> None:
    answers = Answers({BOT, ANNA}, {BOT})
    book = booked(bot, answers)
    answers.meanwhile = lambda: book.notice(ROOM, LEAVES)
    await book.joined_members(ROOM)

    assert await (await restarted(bot, answers)).joined_members(ROOM) == {BOT}


async def test_an_answer_without_anybody_is_asked_for_again_by_the_next_process(bot: Bot) -> None:
    answers = Answers(set(), {BOT, ANNA})
    assert await booked(bot, answers).joined_members(ROOM) == frozenset()

    assert await (await restarted(bot, answers)).joined_members(ROOM) == {BOT, ANNA}


LEFT: Json = {"timeline": {"events": []}}


@pytest.mark.parametrize(
    ("rooms", "since", "asks"),
    [
        ({"join": {ROOM: {"timeline": {"events": [{**LEAVES, "sender": ANNA, "event_id": "$e", "origin_server_ts": 1}]}}}}, "s1", True),
        ({"join": {ROOM: {"timeline": {"events": [], "limited": True}}}}, None, True),
        ({"join": {ROOM: {"timeline": {"events": []}}}}, None, True),
        ({"leave": {ROOM: LEFT}}, "s1", True),
        ({"join": {ROOM: {"timeline": {"events": []}}}}, "s1", False),
        ({"join": {OTHER_ROOM: {"timeline": {"events": []}}}}, "s1", False),
    ],
)
async def test_what_may_have_changed_the_members_drops_them_with_the_position_of_the_sync(
    bot: Bot, server: Homeserver, tmp_path: Path, rooms: Json, since: str | None, asks: bool
) -> None:
    server.joined = {BOT, ANNA, MALLORY}
    await bot.book.joined_members(ROOM)
    await bot.cabinet.flush()
    server.joined = {BOT, ANNA}

    batch = await bot.reader.read({"next_batch": "s2", "rooms": rooms}, since)
    async with bot.keys.recording(batch):
        pass

    again = await Bot(tmp_path / "bot.db", server).open()
    found = await again.book.joined_members(ROOM)
    await again.close()
    assert found == {BOT, ANNA} | (set() if asks else {MALLORY})
