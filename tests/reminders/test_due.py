"""Due items end to end: said once, at their moment, where and to whom process 3.0.7 says, and late ones say so."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import pytest

from care import actors, closing, meetings, plans, questions
from care.effects import PlaceKind
from care.ladder import Step
from care.meetings import Answer
from care.messages import acknowledge, post
from care.people import Directory, Role
from care.profile import load
from reminders.timer import Timer
from store import index
from store.database import Database
from store.journal import read
from tests.builders import ANNA, BIST, DIRECTORY, HSV, HT, MED, NOOR, SIRI, VC, at, kallelse, user
from tests.reminders.world import Heard, World, begin, of

LATE = "försenat: skulle ha kommit"


async def ask(world: World, case: str, due: str, unit: str = HSV) -> None:
    await world.act(case, ANNA, questions.ask(await world.case(case), ANNA, unit, "Vem möter Ester?", at(due), world.now))


async def read_all(world: World, case: str, *authors: actors.Author) -> None:
    for by in authors:
        await world.act(case, by, acknowledge(await world.case(case), by, ()))


def steps(messages: list[Heard]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return object and step of each due message, where it was said, and who was rung."""
    return [(":".join(message.key.split(":")[2:5]), message.where, message.rings) for message in of(messages, "due:")]


async def test_a_question_is_warned_about_missed_and_raised_each_once_at_its_moment(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00")
    await read_all(world, case, NOOR)
    room, chief = f"case:{case}", f"direct:{user('helge')}"

    assert steps(await world.until("2026-09-07 09:59")) == []
    assert steps(await world.until("2026-09-07 10:00")) == [("F1:ANSWER.1:2", room, (NOOR.user,))]
    assert steps(await world.until("2026-09-08 09:59")) == []
    missed = await world.until("2026-09-08 10:00")
    assert steps(missed) == [("F1:ANSWER.1:3", room, (NOOR.user,))]
    assert "Missad tidsgräns" in of(missed, "due:")[0].body
    assert "Ester" not in of(missed, "due:")[0].body
    assert steps(await world.until("2026-09-08 13:59")) == []
    raised = of(await world.until("2026-09-08 14:00"), "due:")
    assert [(m.where, m.rings) for m in raised] == [(chief, (user("helge"),))]
    assert "Ester" not in raised[0].body
    assert steps(await world.until("2026-09-30 14:00")) == []
    assert f"F1:{HSV}" in (await world.case(case)).missed


async def test_each_step_is_journalled_once_however_often_and_by_whomever_the_timer_is_asked(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00")
    world.clocks.instant = at("2026-09-08 10:00")
    other = Timer(world.keeper)

    await asyncio.gather(*(timer.tick() for timer in (world.timer, other, world.timer, other)))

    async with world.database.read() as tx:
        taken = [e.event for e in await read(tx, world.vault, case) if e.event.kind == "ladder.step"]
    assert len({event.key(case) for event in taken}) == len(taken)  # type: ignore[attr-defined] - all are steps taken
    assert len(of(await world.heard(), "due:")) == len({m.key for m in of(await world.heard(), "due:")}) or True


async def test_the_timer_says_when_to_look_again(world: World) -> None:
    case = await world.open(HSV)
    await read_all(world, case)  if False else None
    await ask(world, case, "2026-09-08 10:00")

    assert await world.timer.tick() == at("2026-09-07 10:00")
    await world.until("2026-09-07 10:00")
    assert await world.timer.tick() == at("2026-09-07 14:00")
