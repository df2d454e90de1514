"""The name that people see for the bot, set once: an account is called by its login until somebody says otherwise."""

import asyncio
from typing import Protocol

from bot.delivery import pause
from bot.failures import Permanent, Temporary
from bot.household import BOT_NAME
from bot.log import logger

log = logger("bot.introduction")


class Profile(Protocol):
    """What the edge must be able to do; it may be repeated."""

    async def introduce(self, name: str) -> None:
        """Show people a name as the bot's own."""
        ...


async def introduce(profile: Profile) -> None:
    """Show the bot's name, however long the homeserver is away; where it is refused the bot works under another until its next start."""
    attempt = 0
    while True:
        attempt += 1
        try:
            await profile.introduce(BOT_NAME)
        except Permanent as refused:
            log.warning("bot.not_introduced", reason=refused.code)
            return
        except Temporary as later:
            log.warning("bot.not_introduced", reason="temporary", attempt=attempt)
            await asyncio.sleep(pause(attempt, later.retry_after).total_seconds())
        else:
            return
