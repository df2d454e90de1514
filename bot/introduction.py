"""The name that people see for the bot, set once: an account is called by its login until somebody says otherwise."""

from typing import Protocol

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
    """Show the bot's name; where that fails it works under another name until its next start."""
    try:
        await profile.introduce(BOT_NAME)
    except Permanent as refused:
        log.warning("bot.not_introduced", reason=refused.code)
    except Temporary:
        log.warning("bot.not_introduced", reason="temporary")
