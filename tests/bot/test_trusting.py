"""A person begins anew in their client, and an administrator accepts the identity after comparing keys: real clients on both sides."""

import pytest

from demo.client import Client, Clients
from tests.bot.office import Office, opened
from tests.bot.test_running import Installation, installed, place

__all__ = ["installed", "place"]
pytestmark = pytest.mark.homeserver

HIDDEN = "…"


def groups(key: str) -> list[str]:
    """A key as Element shows it."""
    return [key[n : n + 4] for n in range(0, len(key), 4)]


async def begins_anew(office: Office, *, after: str = "") -> str:
    """Anna loses everything and makes another identity; return the event of the alarm."""
    await office.anna.cross_sign(reset=True)
    return (await office.told("ny krypteringsidentitet", after=after)).id


async def last_group(person: Client) -> str:
    """What the person reads aloud last."""
    return groups(await person.session_key())[-1]


async def test_the_key_that_is_shown_is_that_of_the_persons_client_and_its_last_group_lets_them_in(
    installed: Installation, clients: Clients
) -> None:
    async with opened(installed, clients) as office:
        await begins_anew(office)
        summary = await office.type(f"!lita på {office.anna.user}", "Jämför först nyckeln")
        *first, last = groups(await office.anna.session_key())
        wrong = await office.type("ja 0000", "Det stämmer inte", thread=summary.thread)
        await office.type(f"ja {last}", "litar på den nya identiteten", thread=summary.thread)
        again = await office.anna.say(office.direct, "!hjälp")
        answer = await office.answered("Det här kan du göra", after=again)

    assert f"{' '.join(first)} {HIDDEN}" in summary.body
    assert last not in summary.body.split()
    assert last not in wrong.body.split()
    assert answer.failure == ""


async def test_an_identity_that_is_swapped_while_the_key_is_compared_is_refused_and_alarmed_again(
    installed: Installation, clients: Clients
) -> None:
    async with opened(installed, clients) as office:
        await begins_anew(office)
        summary = await office.type(f"!lita på {office.anna.user}", "Jämför först nyckeln")
        alarm = await begins_anew(office, after=summary.id)
        refused = await office.type(f"ja {await last_group(office.anna)}", "ändrats igen", thread=summary.thread)
        once_more = await office.type(f"!lita på {office.anna.user}", "Jämför först nyckeln")

    assert alarm
    assert "Ingenting har ändrats" in refused.body
    assert once_more.body != refused.body
