import asyncio
import time

import pytest
from structlog.testing import capture_logs

from bot.clock import MachineTime
from bot.pulse import pulse

HELD = 0.06


async def hold_the_loop() -> None:
    end = time.perf_counter() + HELD
    while time.perf_counter() < end:
        pass


async def beats(level: str) -> list[float]:
    with capture_logs() as logs:
        async with pulse(MachineTime(), level):
            await asyncio.sleep(0.02)
            await hold_the_loop()
            await asyncio.sleep(0.02)
    return [each["seconds"] for each in logs if each["event"] == "loop.held"]


async def test_work_that_holds_the_loop_is_told_with_its_length() -> None:
    told = await beats("debug")

    assert max(told) >= HELD - 0.02


@pytest.mark.parametrize("level", ["info", "warning", "error"])
async def test_without_debug_nothing_beats(level: str) -> None:
    assert await beats(level) == []


async def test_no_task_is_left_behind() -> None:
    before = asyncio.all_tasks()
    async with pulse(MachineTime(), "debug"):
        assert len(asyncio.all_tasks() - before) == 1

    assert asyncio.all_tasks() == before
