import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import aiohttp
import pytest
import pytest_asyncio

from bot.clock import MachineTime, following
from care import profile
from demo.clock import DemoClock
from demo.control import Control, serving
from demo.ledger import Ledger
from demo.stepping import Stepper
from tests.demo.fakebot import COMING, FORM, GOING, FakeBot

TUESDAY = datetime.fromisoformat("2026-09-01T07:55:00+02:00")
PATIENCE = 0.8


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass
class Stage:
    """A control, what it controls, and a tool that speaks to it."""

    clock: DemoClock
    bot: FakeBot
    tool: aiohttp.ClientSession
    url: str

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        async with self.tool.request(method, self.url + path, json=body) as answer:
            return answer.status, cast("dict[str, object]", await answer.json())

    async def move(self, to: str) -> int:
        status, _ = await self.ask("PUT", "/clock", {"now": to})
        return status


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    clock = DemoClock(tmp_path / "clock.json", MachineTime(), TUESDAY)
    bot, ledger = FakeBot(tmp_path / "samrum.db", clock), Ledger(tmp_path / "samrum.db")
    stepper = Stepper(clock, MachineTime(), ledger, bot, profile.load("demo"), PATIENCE)
    async with serving(Control(clock, stepper, ledger, bot), 0) as url, aiohttp.ClientSession() as tool:
        yield Stage(clock, bot, tool, url)


async def test_each_thing_that_falls_due_on_the_way_is_done_at_its_own_time(stage: Stage) -> None:
    stage.bot.falls_due("warn", at("2026-09-01T10:30:00+02:00"))
    stage.bot.falls_due("missed", at("2026-09-01T11:00:00+02:00"))
    stage.bot.falls_due("later", at("2026-09-01T12:00:01+02:00"))
    stage.bot.write(FORM, "d", "u", "2026-09-01T09:20:00.000000Z")

    assert await stage.move("2026-09-01T12:00:00+02:00") == 200

    assert stage.bot.said == {"warn": at("2026-09-01T10:30:00+02:00"), "missed": at("2026-09-01T11:00:00+02:00")}
    wall = ["07:55", "08:00", "09:00", "10:30", "11:00", "11:20", "12:00"]
    assert stage.bot.looks == [at(f"2026-09-01T{clock}:00+02:00") for clock in wall]


async def test_a_weekend_and_a_holiday_have_no_slots_to_stop_at(stage: Stage) -> None:
    await stage.bot.stop()
    await stage.move("2026-12-23T20:00:00+01:00")
    await stage.bot.start()

    assert await stage.move("2026-12-28T08:30:00+01:00") == 200

    assert stage.bot.looks == [at(f"2026-12-{clock}:00+01:00") for clock in ("23T20:00", "28T08:00", "28T08:30")]


async def test_what_a_step_makes_due_before_the_target_is_met_too(stage: Stage) -> None:
    class Answering(FakeBot):
        def _look(self, now: datetime) -> None:
            super()._look(now)
            if now == at("2026-09-01T08:00:00+02:00"):
                self.falls_due("consequence", at("2026-09-01T08:10:00+02:00"))

    stage.bot.__class__ = Answering

    await stage.move("2026-09-01T08:30:00+02:00")

    assert stage.bot.said == {"consequence": at("2026-09-01T08:10:00+02:00")}


async def test_what_stays_overdue_does_not_keep_time_from_moving(stage: Stage) -> None:
    stage.bot.falls_due("impossible", at("2026-09-01T07:56:00+02:00"))
    stage.bot.write("CREATE TRIGGER never BEFORE UPDATE ON due BEGIN SELECT RAISE(IGNORE); END")

    assert await stage.move("2026-09-01T07:58:00+02:00") == 200
    assert stage.clock.now() == at("2026-09-01T07:58:00+02:00")


async def test_time_never_goes_back(stage: Stage) -> None:
    status, answer = await stage.ask("PUT", "/clock", {"now": "2026-09-01T07:54:59+02:00"})

    assert status == 409
    assert answer["error"] == "it is 2026-09-01T07:55:00+02:00 already, and time never goes back"
    assert stage.clock.now() == TUESDAY


async def test_while_the_bot_is_stopped_time_is_only_set(stage: Stage) -> None:
    assert await stage.ask("POST", "/bot/stop", {"signal": "KILL"}) == (200, {"running": False})

    assert await stage.move("2026-09-02T12:00:00+02:00") == 200

    assert stage.bot.looks == []
    assert await stage.ask("POST", "/bot/start") == (200, {"bot_pid": 101})
    assert stage.bot.looks == [at("2026-09-02T12:00:00+02:00")]
    assert stage.bot.signals == [signal.SIGKILL]


async def test_a_stop_without_a_body_asks_politely_and_an_unknown_signal_is_refused(stage: Stage) -> None:
    assert await stage.ask("POST", "/bot/stop", {"signal": "STOP"}) == (400, {"error": "signal is one of TERM, INT, KILL"})
    assert await stage.ask("POST", "/bot/stop") == (200, {"running": False})
    assert stage.bot.signals == [signal.SIGTERM]


async def test_idle_waits_for_inbox_and_outbox_and_tells_what_failed(stage: Stage) -> None:
    stage.bot.write(COMING, "$1")
    stage.bot.write(GOING, "row", "waiting")
    stage.bot.write(GOING, "lost", "parked")
    assert await stage.ask("GET", "/outbox") == (200, {"pending": 1, "failed": 1})

    assert await stage.ask("POST", "/idle") == (200, {"pending": 0, "failed": 1})


@pytest.mark.parametrize("statement", [(COMING, "$1"), (GOING, "row", "waiting")])
async def test_a_bot_that_does_not_get_done_is_an_error_that_says_what_is_left(stage: Stage, statement: tuple[str, ...]) -> None:
    stage.bot.stuck = True
    stage.bot.write(*statement)

    status, answer = await stage.ask("POST", "/idle")

    assert status == 503
    left = (1, 0) if statement[0] == COMING else (0, 1)
    assert answer == {"error": f"the bot has still {left[0]} messages to handle and {left[1]} to deliver"}


@pytest.mark.parametrize(("heard", "busy", "word"), [(False, False, "has not heard"), (True, True, "in hand")])
async def test_a_bot_without_sync_or_with_something_in_hand_is_not_idle(stage: Stage, heard: bool, busy: bool, word: str) -> None:
    stage.bot.heard, stage.bot.busy = heard, busy

    status, answer = await stage.ask("POST", "/idle")

    assert status == 503
    assert word in str(answer["error"])


async def test_a_bot_that_is_down_is_not_waited_for(stage: Stage) -> None:
    stage.bot.stuck = True
    await stage.bot.stop()

    status, answer = await stage.ask("POST", "/idle")

    assert (status, answer) == (409, {"error": "the bot is not running: start it with POST /bot/start"})


async def test_a_bot_that_dies_on_the_way_stops_time_where_it_was(stage: Stage) -> None:
    stage.bot.dies_at = at("2026-09-01T08:00:00+02:00")

    assert await stage.move("2026-09-01T12:00:00+02:00") == 409
    assert stage.clock.now() == stage.bot.dies_at


async def test_time_that_runs_goes_on_running_after_a_move(stage: Stage) -> None:
    assert (await stage.ask("POST", "/clock/run", {"speed": 60}))[0] == 200

    assert await stage.move("2026-09-01T09:30:00+02:00") == 200

    assert stage.clock.speed == 60
    assert stage.clock.now() > at("2026-09-01T09:30:00+02:00")
    await stage.ask("POST", "/clock/run", {"speed": 0})
    assert stage.clock.now() == stage.clock.now()


@pytest.mark.parametrize("speed", [-1, "fast", None, True])
async def test_a_speed_is_a_number_that_is_not_negative(stage: Stage, speed: object) -> None:
    status, answer = await stage.ask("POST", "/clock/run", {"speed": speed})

    assert (status, answer) == (400, {"error": "speed is a number from 0 (stands still) up; 1 is real"})


@pytest.mark.parametrize("body", [{"now": "2026-09-01T12:00:00"}, {"now": "noon"}, {"now": 12}, {}, None])
async def test_an_instant_without_offset_is_refused(stage: Stage, body: object) -> None:
    status, answer = await stage.ask("PUT", "/clock", body)

    assert status == 400
    assert "with its offset" in str(answer["error"])


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff"])
async def test_a_body_that_is_not_an_object_is_refused(stage: Stage, body: bytes) -> None:
    async with stage.tool.put(stage.url + "/clock", data=body) as answer:
        assert answer.status == 400
        assert set(await answer.json()) == {"error"}


async def test_the_clock_of_the_bot_follows_the_control(stage: Stage) -> None:
    await stage.bot.stop()
    async with following(f"{stage.url}/clock", MachineTime()) as clock:
        assert clock.now() == TUESDAY

        await stage.move("2026-09-03T10:00:00+02:00")

        async with asyncio.timeout(60):
            await clock.moved()
        assert clock.now() == at("2026-09-03T10:00:00+02:00")


async def test_who_waits_for_news_of_the_clock_is_answered_at_once_when_there_is_some(stage: Stage) -> None:
    anchor = stage.clock.newest.real
    waiting = asyncio.create_task(stage.ask("GET", f"/clock?after={anchor:%Y-%m-%dT%H:%M:%S.%f}Z"))
    await asyncio.sleep(0.1)
    assert not waiting.done()

    await stage.clock.stand(TUESDAY + timedelta(hours=1))

    async with asyncio.timeout(60):
        _, answer = await waiting
    assert answer["now"] == at("2026-09-01T08:55:00+02:00").isoformat()
    assert len(cast("list[object]", answer["anchors"])) == 2
