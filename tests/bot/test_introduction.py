import pytest
from structlog.testing import capture_logs

from bot.failures import Permanent, Temporary
from bot.introduction import introduce


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


@pytest.mark.parametrize("trouble", [Permanent("M_FORBIDDEN"), Temporary()])
async def test_a_name_that_cannot_be_set_is_logged_and_stops_nothing(trouble: Exception) -> None:
    with capture_logs() as logs:
        await introduce(Account(trouble))

    assert [each["event"] for each in logs] == ["bot.not_introduced"]
