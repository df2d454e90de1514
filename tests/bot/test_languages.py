"""The language of an installation and that of a person, as real clients read them."""

import pytest

from demo.client import Client, Clients, Event
from tests.bot.test_running import PASSWORD, SECONDS, Installation, installed, place, rooms_of

__all__ = ["installed", "place"]
pytestmark = pytest.mark.homeserver


async def answered(place: Installation, person: Client, room: str, line: str) -> Event:
    asked = await person.say(room, line)
    return await person.wait(room, lambda event: event.sender == place.user and bool(event.body), SECONDS, after=asked)


async def test_an_installation_speaks_its_language_and_a_person_the_chosen_one_over_a_restart_too(
    installed: Installation, clients: Clients
) -> None:
    with (installed.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write('[installation]\nlanguage = "en"\n')

    async with installed.running():
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        direct = (await rooms_of(anna, "Samrum"))["Samrum"]
        before = await answered(installed, anna, direct, "!hjälp")
        chosen = await answered(installed, anna, direct, "!language swedish")
    async with installed.running():
        after = await answered(installed, anna, direct, "!help")
        admin = await clients.login(installed.admin, PASSWORD, cross_sign=True)
        other = await answered(installed, admin, (await rooms_of(admin, "Samrum"))["Samrum"], "!hjälp")

    assert "Start a coordination case" in before.body
    assert "svarar dig nu på svenska" in chosen.body
    assert "Starta ett samordningsärende" in after.body
    assert "!term" in other.body
    assert [event.failure for event in (before, chosen, after, other)] == [""] * 4
