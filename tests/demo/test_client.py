import asyncio
import os
import signal
from collections.abc import Callable
from typing import cast
from uuid import uuid4

import pytest

from demo.client import Client, ClientError, Clients, Event
from demo.homeserver import Homeserver

pytestmark = pytest.mark.homeserver

PASSWORD = "hemligt"


@pytest.fixture
async def ada(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "ada"), PASSWORD, cross_sign=True)


@pytest.fixture
async def ben(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "ben"), PASSWORD)


async def new_account(homeserver: Homeserver, name: str) -> str:
    return await homeserver.register(f"{name}-{uuid4().hex[:8]}.demo", PASSWORD)


async def room_of_two(one: Client, other: Client, *, encrypted: bool = True) -> str:
    room = await one.create_room(name="Tranan", invite=(other.user,), encrypted=encrypted)
    await other.wait_membership(room)
    await one.wait_room(lambda state: other.user in state.joined and state.name == "Tranan")
    return room


def says(text: str) -> Callable[[Event], bool]:
    return lambda event: event.text == text


async def on_the_wire(client: Client, room: str, event: str) -> dict[str, object]:
    answer = await client.request("GET", f"/_matrix/client/v3/rooms/{room}/event/{event}")
    return cast("dict[str, dict[str, object]]", answer)["content"]


async def test_what_one_says_the_other_reads_and_the_homeserver_does_not(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)

    sent = await ada.say(room, "hej", html="<b>hej</b>", mentions=(ben.user,))
    met = await ben.wait(room, says("hej"))

    assert (met.id, met.sender, met.msgtype, met.html, met.mentions) == (sent, ada.user, "m.text", "<b>hej</b>", (ben.user,))
    assert (met.type, met.wire_type, met.failure, met.shield) == ("m.room.message", "m.room.encrypted", "", "")
    assert set(await on_the_wire(ben, room, sent)) >= {"algorithm", "ciphertext"}
    assert "body" not in await on_the_wire(ben, room, sent)


async def test_an_unsigned_device_shows_a_red_shield_and_a_strict_reader_does_not_read_it(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)

    await ben.say(room, "utan underskrift")
    shown = await ada.wait(room, says("utan underskrift"))
    await ada.only_signed()
    refused = await ben.say(room, "till en sträng läsare")
    met = await ada.wait(room, lambda event: event.id == refused)

    assert shown.shield == "red unsigned_device"
    assert (met.failure, met.type, met.body) == ("UNSIGNED_SENDER_DEVICE", "m.room.encrypted", "")


async def test_a_strict_sender_gives_no_key_to_an_unsigned_device_until_it_is_signed(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)
    await ada.only_signed()

    withheld = await ben.wait(room, of_id(await ada.say(room, "inte för alla")))
    await ben.cross_sign()
    read = await until_read(ada, ben, room)

    assert withheld.failure == "MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE"
    assert (read.failure, read.shield) == ("", "")


async def until_read(ada: Client, ben: Client, room: str) -> Event:
    # The sender hears of the device or its signature by its own sync: until then it shares no key with it.
    met = await ben.wait(room, of_id(await ada.say(room, "nu då?")))
    return met if not met.failure else await until_read(ada, ben, room)


async def test_a_new_identity_in_place_of_the_old_can_be_made(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)
    old = await master_key(ben, ada.user)

    await ada.cross_sign(reset=True)
    sent = await ada.say(room, "nya nycklar")

    assert old != await master_key(ben, ada.user)
    assert (await ben.wait(room, of_id(sent))).failure == ""


async def master_key(asking: Client, user: str) -> object:
    answer = await asking.request("POST", "/_matrix/client/v3/keys/query", {"device_keys": {user: []}})
    return cast("dict[str, dict[str, dict[str, object]]]", answer)["master_keys"][user]["keys"]


def of_id(event: str) -> Callable[[Event], bool]:
    return lambda met: met.id == event


async def test_threads_replies_edits_and_reactions_arrive_as_what_they_are(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)

    root = await ada.say(room, "en fråga")
    in_thread = await ben.say(room, "ett svar", thread=root)
    answer = await ada.say(room, "tack", thread=root, reply=in_thread)
    edited = await ada.edit(room, root, "en bättre fråga")
    reacted = await ben.react(room, root, "👍")
    met = {sent: await ada.wait(room, of_id(sent)) for sent in (in_thread, answer, edited, reacted)}

    assert (met[in_thread].thread, met[in_thread].reply) == (root, "")
    assert (met[answer].thread, met[answer].reply) == (root, in_thread)
    assert (met[edited].replaces, met[edited].text, met[edited].body) == (root, "en bättre fråga", "* en bättre fråga")
    assert (met[reacted].reaction, met[reacted].target, met[reacted].wire_type) == ("👍", root, "m.reaction")


async def test_a_removed_reaction_and_a_removed_message_are_seen_as_removed(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)
    root = await ada.say(room, "kort glädje")
    reaction = await ben.react(room, root, "✅")

    await ada.wait(room, of_id(reaction))
    await ben.unreact(room, root, "✅")
    await ada.wait(room, lambda event: event.id == reaction and event.redacted)
    await ada.redact(room, root)
    await ben.wait(room, lambda event: event.id == root and event.redacted)

    with pytest.raises(ClientError, match="no reaction"):
        await ben.unreact(room, root, "✅")
    assert {event.id: event.redacted for event in await ben.timeline(room) if event.id in {root, reaction}} == {
        root: True,
        reaction: True,
    }


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_file_comes_out_as_it_went_in(ada: Client, ben: Client, *, encrypted: bool) -> None:
    room = await room_of_two(ada, ben, encrypted=encrypted)
    data = bytes(range(256)) * 40

    sent = await ada.attach(room, "plan.pdf", "application/pdf", data)
    met = await ben.wait(room, of_id(sent))

    assert (met.msgtype, met.body, "file" in met.content) == ("m.file", "plan.pdf", encrypted)
    assert await ben.download(met) == data


async def test_plain_words_in_an_encrypted_room_and_plain_rooms_are_told_apart(ada: Client, ben: Client) -> None:
    secret, plain = await room_of_two(ada, ben), await room_of_two(ada, ben, encrypted=False)

    forged = await ada.send_clear(secret, "m.room.message", {"msgtype": "m.text", "body": "i klartext"})
    honest = await ada.say(plain, "här är det öppet")

    assert not (await ben.wait(secret, of_id(forged))).encrypted
    assert not (await ben.wait(plain, of_id(honest))).encrypted
    assert (await ben.state(secret)).encrypted
    assert not (await ben.state(plain)).encrypted


async def test_the_timeline_tells_in_order_what_the_homeserver_has_even_what_was_never_awaited(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)
    said = [str(number) for number in range(120)]

    for words in said:
        await ada.say(room, words)
    heard = [event.body for event in await ben.timeline(room) if event.type == "m.room.message"]

    assert heard == said


async def test_a_room_shows_its_name_members_pins_and_rules(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)
    pinned = await ada.say(room, "läget")

    await ada.set_state(room, "m.room.pinned_events", {"pinned": [pinned]})
    state = await ben.state(room)

    assert (state.name, state.joined, state.pinned) == ("Tranan", frozenset({ada.user, ben.user}), (pinned,))
    assert (state.history, state.encrypted, state.kind) == ("shared", True, "")
    assert state.power_levels["events_default"] == 0
    assert room in await ben.rooms()
    await ben.leave(room)
    await ben.wait_membership(room, "leave")
    assert room not in await ben.rooms()


async def test_waiting_counts_only_what_comes_after_when_asked_to_and_tells_what_it_saw(ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)
    await ada.say(room, "samma")

    last = await ada.say(room, "sist")
    await ben.wait(room, says("samma"))

    with pytest.raises(TimeoutError, match=r"waited 0\.3 s"):
        await ben.wait(room, says("samma"), 0.3, after=last)
    again = await ada.say(room, "samma")
    assert (await ben.wait(room, says("samma"), after=last)).id == again


async def test_a_device_that_logged_out_is_gone(ada: Client) -> None:
    await ada.logout()

    with pytest.raises(ClientError, match="not logged in"):
        await ada.rooms()


async def test_invitations_from_before_the_login_are_accepted_unless_the_person_wants_to_choose(
    homeserver: Homeserver, clients: Clients, ada: Client
) -> None:
    eager, careful = await new_account(homeserver, "eager"), await new_account(homeserver, "careful")
    room = await ada.create_room(name="Lärkan", invite=(eager, careful))

    quick = await clients.login(eager, PASSWORD)
    slow = await clients.login(careful, PASSWORD, accept_invitations=False)
    await quick.wait_membership(room)
    await slow.wait_membership(room, "invite")

    assert await slow.rooms() == ()
    await slow.join(room)
    assert await slow.wait_room(lambda state: state.name == "Lärkan") == room


async def test_a_second_device_sees_the_rooms_but_not_what_was_said_before_it_came(clients: Clients, ada: Client) -> None:
    room = await ada.create_room(name="Lärkan")
    before = await ada.say(room, "förut")

    phone = await clients.login(ada.user, PASSWORD)

    assert await phone.wait_room(lambda state: state.name == "Lärkan") == room
    assert phone.device != ada.device
    assert (await phone.wait(room, of_id(before))).failure.startswith("HISTORICAL_MESSAGE")
    assert (await until_read(ada, phone, room)).text == "nu då?"


async def test_a_wrong_password_is_refused_with_the_code_of_the_homeserver(clients: Clients, ada: Client) -> None:
    with pytest.raises(ClientError) as refused:
        await clients.login(ada.user, "gissat")

    assert refused.value.code == "M_FORBIDDEN"


async def test_when_node_dies_every_wait_and_call_fails_at_once(clients: Clients, ada: Client) -> None:
    room = await ada.create_room()
    waiting = asyncio.create_task(ada.wait(room, says("aldrig")))
    await asyncio.sleep(0)

    os.kill(clients.pid, signal.SIGKILL)

    with pytest.raises(ClientError, match="Node ended with status -9"):
        await waiting
    with pytest.raises(ClientError, match="Node ended"):
        await ada.rooms()


async def test_people_go_on_after_a_restart_of_the_homeserver(homeserver: Homeserver, ada: Client, ben: Client) -> None:
    room = await room_of_two(ada, ben)

    await homeserver.stop()
    await homeserver.start()
    sent = await ada.say(room, "är du kvar?")

    assert (await ben.wait(room, of_id(sent), 40)).body == "är du kvar?"
