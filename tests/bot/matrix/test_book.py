"""Who is in a room by the homeserver's word: an answer that a change has overtaken is not that word."""

from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from bot.matrix.book import Book
from bot.matrix.wire import Json, Wire
from tests.bot.matrix.counterparts import ANNA, BOT, MALLORY, OTHER_ROOM, ROOM, Bot

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
