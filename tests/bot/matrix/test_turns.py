"""Who goes first among those who wait for the same thing."""

import asyncio

import pytest

from bot.matrix.errors import Temporary
from bot.matrix.turns import Line, Pace, Turn
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


async def test_in_trouble_a_dialogue_has_the_next_second_and_the_others_have_theirs_in_the_end() -> None:
    clock, went = Clock(), list[Turn]()
    pace = Pace(clock, clock.rest)
    pace.failed()

    async def ask(turn: Turn) -> None:
        await pace.turn(turn, brief=True)
        went.append(turn)
        pace.failed()

    await asyncio.gather(*(ask(turn) for turn in (Turn.ROW, Turn.ROW, Turn.SPARE, Turn.DIALOGUE)))

    assert went == [Turn.DIALOGUE, Turn.ROW, Turn.ROW, Turn.SPARE]
    assert 104 <= clock.now < 105


async def test_one_whose_turn_does_not_come_is_told_when_to_come_again() -> None:
    clock = Clock()

    with pytest.raises(Temporary) as told:
        await Line(clock.rest).stand(Turn.ROW, lambda: 7.0, longest=30.0)

    assert (told.value.why, told.value.retry_after) == ("paced", 7.0)
    assert clock.now >= 130
