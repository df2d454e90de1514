"""How long the event loop is held by one piece of work: a beat that comes late tells it. Only with `logging.level = "debug"`."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from bot.log import logger
from care.clock import MachineClock

log = logger("bot.pulse")
BEAT_SECONDS = 0.02
NOTABLE_SECONDS = 0.01
"""How late a beat must be to be told."""


@asynccontextmanager
async def pulse(machine: MachineClock, level: str) -> AsyncGenerator[None]:
    """Beat for as long as the block lasts, if the bot logs its steps; otherwise nothing is started."""
    if level != "debug":
        yield
        return
    beating = asyncio.create_task(beat(machine))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def beat(machine: MachineClock) -> None:
    """Never return; log each time the loop was held: `seconds` in all, `computed` of them by this thread, the rest spent waiting."""
    while True:
        slept, computed = machine.monotonic(), time.thread_time()
        await asyncio.sleep(BEAT_SECONDS)
        held = machine.monotonic() - slept - BEAT_SECONDS
        if held > NOTABLE_SECONDS:
            log.debug("loop.held", seconds=round(held, 4), computed=round(time.thread_time() - computed, 4))
