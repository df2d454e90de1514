import asyncio

from structlog.testing import capture_logs

from bot.failures import Permanent, Temporary
from bot.introduction import introduce
from tests.bot.shelves import until


class Account:
    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.names: list[str] = []

    async def introduce(self, name: str) -> None:
        if self.trouble:
            raise self.trouble
        self.names.append(name)


async def test_the_bot_is_called_samrum() -> None:
    account = Account()

    await introduce(account)

    assert account.names == ["Samrum"]


async def test_a_name_that_is_refused_is_logged_and_stops_nothing() -> None:
    with capture_logs() as logs:
        await introduce(Account(Permanent("M_FORBIDDEN")))

    assert [each["event"] for each in logs] == ["bot.not_introduced"]


async def test_a_homeserver_that_is_away_gets_the_name_when_it_is_back() -> None:
    account = Account(Temporary())
    introducing = asyncio.create_task(introduce(account))
    with capture_logs() as logs:
        await until(lambda: bool(logs))
    account.trouble = None

    await introducing

    assert account.names == ["Samrum"]
