"""Alarms go to rooms of several, so they speak the language of the installation."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import alarms
from care.effects import Say
from care.language import Language
from store import outbox, preferences
from store.directory import Roster
from tests.bot.shelves import ADMIN, House, house, staff
from texts.render import render


async def said(home: House, language: Language) -> str:
    """Return what the admin room is told when the database is back."""
    shelf = home.shelf
    await home.fill(staff())
    async with shelf.database.write() as tx:
        await preferences.choose(tx, ADMIN, Language.SV, home.clock.utc())
        directory = await Roster(shelf.vault, language).read(tx)
        await alarms.database_back(tx, shelf.vault, directory, home.clock.utc())
        (row,) = await outbox.claim(tx, shelf.vault, home.clock.utc(), timedelta(minutes=1), 10)
    assert isinstance(row.effect, Say)
    return row.effect.words.body


@pytest.mark.parametrize("language", Language)
async def test_the_admin_room_is_told_in_the_language_of_the_installation(tmp_path: Path, language: Language) -> None:
    async with house(tmp_path) as home:
        assert await said(home, language) == render("bot/database_back", language=language).body
