"""Who hears a sound: those who should act, and nobody else (matrix 7 and 11.D6, commands 5)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from bot import contents
from bot.contents import Content
from care.effects import Anchor, Revise, Say, Words, case_room
from demo.client import Client, Clients, Event
from demo.homeserver import Homeserver
from tests.bot.matrix.bots import PASSWORD, Bot, new_account, running, setting, sign_in
from tests.bot.matrix.bots import case_room as made_room
from tests.bot.matrix.gateways import Gateway, gateway, rings

pytestmark = pytest.mark.homeserver

PLACE = case_room("c1")


@pytest.fixture
async def phones() -> AsyncIterator[Gateway]:
    async with gateway() as running_gateway:
        yield running_gateway


@pytest.fixture
async def anna(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "anna"), PASSWORD)


@pytest.fixture
async def ben(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "ben"), PASSWORD)


def words(text: str) -> Words:
    return Words(text, f"<p>{text}</p>")


async def put(bot: Bot, room: str, content: Content) -> str:
    return await bot.edge.send(room, "m.room.message", content, uuid4().hex)


async def read(person: Client, room: str, event: str) -> Event:
    return await person.wait(room, lambda each: each.id == event and not each.failure)


# With MSC4028, which mentions need, the homeserver wakes each phone for every encrypted event, edits too: what counts is what it does then.
async def test_a_question_rings_annas_phone_and_not_bens_and_edits_and_notices_ring_nobody(
    homeserver: Homeserver, anna: Client, ben: Client, phones: Gateway, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user, ben.user)) as bot:
        room = await made_room(bot, anna, ben)
        for person in (anna, ben):
            await phones.phone(person)
        asked = await put(bot, room, contents.said(Say("q", PLACE, words=words("F1 · Fråga"), rings=(anna.user,)), "q"))
        change = Revise("e", PLACE, anchor=Anchor(event=asked), words=words("F1 · Svarad"))
        edited = await put(bot, room, contents.revised(change, "e", asked))
        threaded = await put(bot, room, contents.said(Say("t", PLACE, words=words("Kvitto")), "t", thread=asked))
        noted = await put(bot, room, contents.said(Say("n", PLACE, words=words("Kvitto")), "n"))
        heard = {name: [await read(person, room, each) for each in (asked, edited, threaded, noted)] for name, person in people(anna, ben)}
        for person in (anna, ben):
            await phones.wait(lambda key, each, person=person: (key, each["event_id"]) == (person.user, noted))  # type: ignore[misc]

    assert [rings(each, anna.user, members=3) for each in heard["anna"]] == [True, False, False, False]
    assert [rings(each, ben.user, members=3) for each in heard["ben"]] == [False, False, False, False]
    assert asked in phones.events(anna)


def people(anna: Client, ben: Client) -> tuple[tuple[str, Client], ...]:
    return ("anna", anna), ("ben", ben)


async def test_an_invitation_rings(homeserver: Homeserver, clients: Clients, phones: Gateway, tmp_path: Path) -> None:
    user = await new_account(homeserver, "anna")
    anna = await clients.login(user, PASSWORD, accept_invitations=False)
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, user)) as bot:
        await phones.phone(anna)
        room = await made_room(bot)
        await bot.edge.invite(room, user)

        pushed = await phones.wait(lambda key, each: (key, each.get("room_id")) == (user, room))

    assert pushed["prio"] == "high"


async def test_who_is_addressed_and_what_is_said_stays_inside_the_ciphertext(
    homeserver: Homeserver, anna: Client, phones: Gateway, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        await phones.phone(anna)
        room = await made_room(bot, anna)
        sent = await put(bot, room, contents.said(Say("q", PLACE, words=words("F1 · Fråga"), rings=(anna.user,)), "q"))
        raw = await anna.request("GET", f"/_matrix/client/v3/rooms/{room}/event/{sent}")
        pushed = await phones.wait(lambda key, each: (key, each.get("event_id")) == (anna.user, sent))

    assert set(cast("dict[str, dict[str, object]]", raw)["content"]) == {"algorithm", "ciphertext", "device_id", "sender_key", "session_id"}
    assert "content" not in pushed
    assert pushed["prio"] == "high"
