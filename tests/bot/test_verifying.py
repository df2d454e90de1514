"""A person presses Verify in a real client, and the administrators compare in their room: through a running bot, to each of its ends."""

import re

import pytest

from bot.matrix.crypto import verification
from demo.client import ClientError, Clients, Event
from tests.bot.office import Office, inside, opened
from tests.bot.test_running import Installation, installed, place
from texts.emoji import EMOJI

__all__ = ["installed", "place"]
pytestmark = pytest.mark.homeserver

ASKED = "vill kontrollera att Samrum är den rätta"


async def presses_verify(office: Office) -> tuple[tuple[str, ...], Event, int]:
    """Return the emoji that Anna sees, and the administrators' message with its number."""
    seen = await office.anna.begin_verification(office.place.user, office.direct)
    asked = await office.told(ASKED)
    found = re.search(r"Verifiering (\d{3})", asked.body)
    assert found, asked.body
    return seen, asked, int(found[1])


async def test_an_administrator_compares_the_emoji_and_both_sides_are_done(installed: Installation, clients: Clients) -> None:
    async with opened(installed, clients) as office:
        seen, asked, number = await presses_verify(office)
        await office.admin.say(office.room, f"!verifiera stämmer {number}")
        verified = await office.anna.conclude_verification()
        done = await office.told("har verifierat Samrum", after=asked.id)

    shown = [symbol for symbol, _ in sorted(EMOJI, key=lambda each: asked.body.find(each[0])) if symbol in asked.body]
    assert set(shown) == set(seen)
    assert asked.mentions == (office.admin.user,)
    assert verified
    assert str(number) in done.body
    assert done.encrypted


async def test_emoji_that_differ_verify_nobody_and_the_number_is_gone(installed: Installation, clients: Clients) -> None:
    async with opened(installed, clients) as office:
        _, asked, number = await presses_verify(office)
        await office.type(f"!verifiera avbryt {number}", "avbröts")
        with pytest.raises(ClientError, match=r"cancelled|mismatched"):
            await office.anna.conclude_verification()
        gone = await office.type(f"!verifiera stämmer {number}", "ingen verifiering")

    assert str(number) in gone.body
    assert asked.encrypted


async def test_what_the_person_closes_is_told_to_the_administrators(installed: Installation, clients: Clients) -> None:
    async with opened(installed, clients) as office:
        _, asked, number = await presses_verify(office)
        await office.anna.cancel_verification()
        ended = await office.told("avbröts", after=asked.id)
        late = await office.type(f"!verifiera stämmer {number}", "ingen verifiering")

    assert str(number) in ended.body
    assert str(number) in late.body


async def test_what_nobody_answers_is_over_and_said_to_be(
    installed: Installation, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "LONGEST", 15.0)
    monkeypatch.setattr(verification, "LOOK", 0.5)
    async with opened(installed, clients, inside(installed)) as office:
        _, asked, number = await presses_verify(office)
        ended = await office.told("avbröts", after=asked.id)
        late = await office.type(f"!verifiera stämmer {number}", "ingen verifiering")
        with pytest.raises(ClientError, match="cancelled"):
            await office.anna.conclude_verification()

    assert str(number) in ended.body
    assert str(number) in late.body


async def test_what_a_restart_took_with_it_does_not_go_on_asking_the_administrators(installed: Installation, clients: Clients) -> None:
    async with opened(installed, clients) as office:
        _, asked, number = await presses_verify(office)
    async with installed.running():
        ended = await office.told("gäller inte längre", after=asked.id)
        late = await office.type(f"!verifiera stämmer {number}", "ingen verifiering")
    async with installed.running():
        await office.type("!hjälp", "lita")

    told = [event for event in office.admin.seen.events(office.room) if "gäller inte längre" in event.body]
    assert [event.id for event in told] == [ended.id]
    assert str(number) in ended.body
    assert str(number) in late.body
