"""What an administrator says about a verification."""

import pytest

from care.effects import ADMIN, Verify
from tests.commands.driver import Chat


@pytest.mark.parametrize(
    ("line", "agrees"), [("!verifiera stämmer 417", True), ("!verifiera avbryt 417", False), ("!verify match 417", True)]
)
async def test_an_administrators_word_reaches_the_edge(chat: Chat, line: str, agrees: bool) -> None:
    heard = await chat.say("admin", str(ADMIN), line)

    assert [(effect.number, effect.agrees) for effect in heard.effects(Verify)] == [(417, agrees)]


async def test_nobody_else_has_a_say(chat: Chat) -> None:
    heard = await chat.say("anna", "direkt", "!verifiera stämmer 417")

    assert heard.effects(Verify) == ()
