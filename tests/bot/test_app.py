import asyncio
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from bot.app import brought_up

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


async def test_what_the_timer_says_is_when_to_look_again() -> None:
    async def tick() -> datetime | None:
        return NOON

    assert await brought_up(tick) == NOON


async def test_one_case_that_fails_does_not_end_the_bot_and_is_logged() -> None:
    async def tick() -> datetime | None:
        raise ExceptionGroup("two cases", [ValueError("one"), KeyError("another")])

    with capture_logs() as logs:
        assert await brought_up(tick) is None

    assert [(each["event"], type(each["exc_info"])) for each in logs] == [("timer.failed", ValueError), ("timer.failed", KeyError)]


async def test_a_bot_that_is_stopped_stops() -> None:
    async def tick() -> datetime | None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await brought_up(tick)
