"""Who goes first among those who wait for the same thing."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from bot.matrix.errors import Temporary
from bot.matrix.turns import SECOND, Line, Pace, Turn, kind
from bot.matrix.wire import path
from tests.bot.matrix.test_wire import Clock


async def test_who_waits_longest_goes_first_but_for_those_who_are_more_urgent() -> None:
    clock, went = Clock(), list[str]()
    line = Line(clock.rest)

    async def stand(name: str, turn: Turn) -> None:
        await line.stand(turn, lambda: max(110 - clock.now, 0.0))
        went.append(name)

    who = (("leave", Turn.BESIDE), ("spare", Turn.SPARE), ("row", Turn.ROW), ("step", Turn.DIALOGUE), ("leave again", Turn.BESIDE))
    await asyncio.gather(*(stand(name, turn) for name, turn in who))

    assert went == ["step", "row", "leave", "leave again", "spare"]


async def test_who_gives_up_keeps_nobody_waiting() -> None:
    clock = Clock()
    line = Line(clock.rest)
    first = asyncio.create_task(line.stand(Turn.DIALOGUE, lambda: 1.0))
    await asyncio.sleep(0)
    first.cancel()

    await line.stand(Turn.SPARE, lambda: max(101 - clock.now, 0.0))

    assert not line.waits(Turn.DIALOGUE)


SEND, LISTEN = kind("PUT", path("rooms", "!r", "send", "m.reaction", "t")), kind("GET", path("sync"))


def fail(pace: Pace, of: str = SEND) -> None:
    with suppress(Temporary), pace.hearing(of, brief=True):
        raise Temporary


def answer(pace: Pace, of: str) -> None:
    with pace.hearing(of, brief=True):
        pass


async def test_what_the_homeserver_fails_at_is_tried_once_a_second_although_it_answers_everything_else() -> None:
    clock, tried, heard = Clock(), list[float](), list[float]()
    pace = Pace(clock, clock.rest)
    fail(pace)

    async def send() -> None:
        await pace.turn(Turn.ROW, SEND)
        tried.append(clock.now)
        fail(pace)

    async def listen() -> None:
        for _ in range(40):
            await pace.turn(Turn.ROW, LISTEN)
            heard.append(clock.now)
            answer(pace, LISTEN)
            await clock.rest(0.1)

    await asyncio.gather(*(send() for _ in range(5)), listen())

    assert min(later - earlier for earlier, later in pairwise(tried)) >= SECOND
    assert len([each for each in heard if each < tried[-1]]) > 2 * len(tried)


async def test_the_first_of_a_kind_that_is_answered_lets_all_of_that_kind_go_that_wait() -> None:
    clock = Clock()
    pace = Pace(clock, clock.rest)
    fail(pace)
    answer(pace, LISTEN)

    async def send() -> None:
        await pace.turn(Turn.ROW, SEND)
        answer(pace, SEND)

    await asyncio.gather(*(send() for _ in range(9)))

    assert 101 <= clock.now < 102.5


async def test_in_trouble_a_dialogue_has_the_next_second_and_the_others_have_theirs_in_the_end() -> None:
    clock, went = Clock(), list[Turn]()
    pace = Pace(clock, clock.rest)
    fail(pace)

    async def ask(turn: Turn) -> None:
        await pace.turn(turn, SEND)
        went.append(turn)
        fail(pace)

    await asyncio.gather(*(ask(turn) for turn in (Turn.ROW, Turn.ROW, Turn.SPARE, Turn.DIALOGUE)))

    assert went == [Turn.DIALOGUE, Turn.ROW, Turn.ROW, Turn.SPARE]
    assert 104 <= clock.now < 105


async def test_one_whose_turn_does_not_come_is_told_when_to_come_again() -> None:
    clock = Clock()

    with pytest.raises(Temporary) as told:
        await Line(clock.rest).stand(Turn.ROW, lambda: 7.0, longest=30.0)

    assert (told.value.why, told.value.retry_after) == ("paced", 7.0)
    assert clock.now >= 130
