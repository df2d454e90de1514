"""What a server's administrator can do to the bot's rooms, done to a running bot on a real homeserver, seen by independent clients."""

from typing import Any

import aiohttp
import pytest

from demo.client import Client, Clients
from tests.bot.test_running import PASSWORD, SECONDS, Installation, installed, place, rooms_of

__all__ = ["installed", "place"]

pytestmark = pytest.mark.homeserver
INBOX = "Inkorg Norrgårdens vårdcentral"


async def administer(place: Installation, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the homeserver's administration for something and return its answer."""
    headers = {"Authorization": f"Bearer {await place.homeserver.administrator()}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{place.homeserver.url}{path}", json=body) as answer,
    ):
        found: dict[str, Any] = await answer.json()
        assert answer.status == 200, found
        return found


async def another(person: Client, name: str, lost: str) -> str:
    """Return the room with a name that is not the lost one: a client may never hear that a deleted room is gone."""

    def find() -> str | None:
        return next((room for room in person.seen.joined() if room != lost and person.seen.state(room).name == name), None)

    return await person.seen.until(find, SECONDS)


async def test_a_room_that_an_administrator_deletes_is_made_anew_and_the_unit_is_told_there(
    installed: Installation, clients: Clients
) -> None:
    async with installed.running():
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        rooms = await rooms_of(anna, INBOX, "Samrum")
        await installed.health()

        await administer(installed, "DELETE", f"/_synapse/admin/v1/rooms/{rooms[INBOX]}", {"purge": True})
        new = await another(anna, INBOX, rooms[INBOX])
        said = await anna.wait(new, lambda event: "kan inte längre använda" in event.body, timeout=SECONDS)

    assert said.encrypted
    assert said.failure == ""


async def test_an_administrator_who_takes_power_and_enters_is_put_out_and_the_power_taken_back(
    installed: Installation, clients: Clients
) -> None:
    async with installed.running():
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        inbox = (await rooms_of(anna, INBOX))[INBOX]
        await installed.health()
        intruder = await installed.homeserver.register(f"intruder-{installed.port}", PASSWORD)
        strange = await clients.login(intruder, PASSWORD, cross_sign=True)

        await administer(installed, "POST", f"/_synapse/admin/v1/rooms/{inbox}/make_room_admin", {"user_id": intruder})
        await strange.join(inbox)
        weakened = await anna.wait(inbox, lambda event: "har ändrat skyddet" in event.body, timeout=SECONDS)
        await anna.wait(inbox, lambda event: "kom in i inkorgen" in event.body, timeout=SECONDS)
        health = await installed.health()
        state = await administer(installed, "GET", f"/_synapse/admin/v1/rooms/{inbox}/state", {})

    levels = next(event["content"] for event in state["state"] if event["type"] == "m.room.power_levels")
    memberships = {event["state_key"]: event["content"]["membership"] for event in state["state"] if event["type"] == "m.room.member"}
    assert intruder not in levels.get("users", {})
    assert memberships[intruder] in {"leave", "ban"}
    assert "har ställt tillbaka det" in weakened.body
    assert health["outbox"] == {"pending": 0, "failed": 0, "oldest_seconds": None}
