"""An independent client takes part: what it can read, what the homeserver can see, and who is let in (issue 2, invariants 6 and 7)."""

import json
from datetime import date
from typing import cast
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio

from bot.sentences import STRANGER, UNENCRYPTED
from demo.accounts import PASSWORD
from demo.client import Client, Event
from demo.leaks import person
from demo.story.theatre import Theatre
from tests.stage import ANSWERED, SVEN, accepted, opened, since_joining

pytestmark = [pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

LABEL = "Sven"
CLEAR = {"m.reaction", "m.room.redaction"}
MESSAGE = {"m.room.message", "m.room.encrypted"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(theatre: Theatre) -> Theatre:
    """A case of three units with a question in it."""
    await opened(theatre, SVEN, "k-alm-bist,k-alm-hsv,k-alm-ht", LABEL)
    await accepted(theatre, ("ulla", "k-alm-bist"), ("noor", "k-alm-hsv"), ("eva", "k-alm-ht"))
    await theatre.say("anna", LABEL, "!fråga k-alm-hsv Går trappan bra?")
    return theatre


async def events(theatre: Theatre, name: str, label: str = LABEL) -> tuple[Event, ...]:
    client = theatre.people[name]
    return since_joining(await client.timeline(theatre.rooms[label]), client.user)


async def answer(theatre: Theatre, name: str, body: str, *, mention: bool = False) -> Event:
    """Say something in the case room and return the bot's answer to it, the last thing that it said."""
    mentions = (theatre.bot,) if mention else ()
    client, room = theatre.people[name], theatre.rooms[LABEL]
    sent = await client.say(room, body, mentions=mentions)
    await theatre.heard(sent)

    def answers(each: Event) -> bool:
        return each.sender == theatre.bot and each.type == "m.room.message" and not each.replaces

    return await client.wait(room, answers, ANSWERED, after=sent)


async def test_everyone_reads_every_message_of_the_bot(played: Theatre) -> None:
    for name in ("anna", "ulla", "noor"):
        said = [each for each in await events(played, name) if each.sender == played.bot and each.type in MESSAGE]
        assert len(said) > 3
        assert [(each.id, each.failure) for each in said if each.failure or each.type == "m.room.encrypted"] == []


async def test_all_in_the_case_room_is_encrypted_but_reactions_redactions_and_state(played: Theatre) -> None:
    met = await events(played, "anna")

    assert {each.wire_type for each in met if each.state_key is None and not each.encrypted} <= CLEAR
    assert any(each.wire_type == "m.reaction" for each in met)


@pytest.mark.parametrize(("body", "mention"), [("!aktörer", False), ("/aktörer", False), ("Samrum: aktörer", True), ("!actors", False)])
async def test_a_command_is_understood_however_it_is_begun(played: Theatre, body: str, mention: bool) -> None:
    said = await answer(played, "anna", body, mention=mention)

    assert "Norrgårdens vårdcentral" in said.text
    assert "Anna Demo handlägger" in said.text


async def test_an_answer_to_the_writer_rings_nobody_and_an_order_rings_those_who_must_act(played: Theatre) -> None:
    silent = await answer(played, "anna", "!aktörer")
    question = await answer(played, "anna", "!fråga k-alm-bist Hur många timmar?")

    assert (silent.msgtype, silent.mentions) == ("m.notice", ())
    assert question.msgtype == "m.text"
    assert played.people["ulla"].user in question.mentions
    assert played.people["noor"].user not in question.mentions


async def test_what_is_said_in_a_thread_is_an_answer_to_its_root_for_clients_without_threads(played: Theatre) -> None:
    room = played.rooms[LABEL]
    planned = await played.people["anna"].say(room, "!plan mål Går till brevlådan själv")
    note = await said_in_thread(played, "brevlådan", after=planned)
    question = await answer(played, "anna", "!fråga k-alm-hsv Finns det ett räcke?")
    replied = await played.people["noor"].say(room, "Ja, på båda sidor", thread=question.id)
    rung = await said_in_thread(played, "på båda sidor", after=replied)

    assert (note.msgtype, note.content["m.mentions"]) == ("m.notice", {})
    assert (rung.msgtype, rung.mentions, rung.thread) == ("m.text", (played.people["anna"].user,), question.id)
    for said in (note, rung):
        fallback = {"is_falling_back": True, "m.in_reply_to": {"event_id": said.thread}}
        assert said.wire_type == "m.room.encrypted"
        assert said.content["m.relates_to"] == {"rel_type": "m.thread", "event_id": said.thread, **fallback}
        assert said.content["m.relates_to"] == (await on_the_wire(played, said.id))["m.relates_to"]


async def test_an_answer_to_a_command_in_a_thread_is_a_silent_notice_that_replies_to_it(played: Theatre) -> None:
    question = await played.find("noor", LABEL, r"F1.*trappan")
    assert question is not None
    asked = await played.people["anna"].say(played.rooms[LABEL], "!aktörer", thread=question.id)
    said = await said_in_thread(played, "Anna Demo handlägger", after=asked)

    assert (said.wire_type, said.msgtype, said.content["m.mentions"]) == ("m.room.encrypted", "m.notice", {})
    reply = {"is_falling_back": False, "m.in_reply_to": {"event_id": asked}}
    assert said.content["m.relates_to"] == {"rel_type": "m.thread", "event_id": question.id, **reply}


async def said_in_thread(theatre: Theatre, words: str, *, after: str) -> Event:
    """Return what the bot says in a thread of the case room after an event, as a client reads it."""
    await theatre.heard(after)

    def says(each: Event) -> bool:
        return each.sender == theatre.bot and bool(each.thread) and words in each.text

    return await theatre.people["anna"].wait(theatre.rooms[LABEL], says, ANSWERED, after=after)


async def test_what_the_homeserver_sees_of_a_room_says_nothing_about_the_person(played: Theatre) -> None:
    words = person(SVEN.name, SVEN.number, date(2026, 9, 1)).words
    found = [room for room in await rooms(played) if room["creator"] == played.bot]

    assert len(found) > 30
    for room in found:
        told = json.dumps(await state(played, str(room["room_id"])), ensure_ascii=False)
        assert [word for word in words if word in told] == []
    assert all(each["history_visibility"] == "invited" and each["encryption"] for each in found if not each["room_type"])


async def test_a_tap_acknowledges_and_is_marked_as_a_tap(played: Theatre) -> None:
    question = await played.find("noor", LABEL, r"F1.*trappan")
    assert question is not None
    assert await reactions(played, question.id, played.bot) == ["✅", "⏰"]

    await played.tap("noor", LABEL, question, "🎉")
    before = journalled(played)
    await played.tap("noor", LABEL, question, "✅")
    after = journalled(played)

    assert (len(after), after[-1][1]) == (len(before) + 1, "reaction")


async def test_a_tap_does_what_reactions_may_and_no_more(played: Theatre) -> None:
    question = await played.find("noor", LABEL, r"F1.*trappan")
    assert question is not None
    before = journalled(played)

    for key in ("👍", "❌", "1️⃣", "ja", "⏰"):
        await played.tap("noor", LABEL, question, key)

    assert journalled(played) == before
    told = await played.find("noor", LABEL, "^Du påminns om F1")
    assert told is not None
    assert (told.msgtype, told.mentions, told.thread) == ("m.notice", (), question.id)


async def test_who_is_removed_gets_no_further_key(played: Theatre) -> None:
    room, eva = played.rooms[LABEL], played.people["eva"]
    before = await answer(played, "anna", "!aktörer")
    noun = played.people["anna"].seen.state(room).name.split()[-1]

    await played.say("anna", LABEL, '!aktör ta bort k-alm-ht "hemtjänst behövs inte"')
    await played.say("anna", LABEL, f"ja {noun}")
    await eva.wait_membership(room, "leave", ANSWERED)
    after = await answer(played, "anna", "!aktörer")

    assert await session(played, before.id) != await session(played, after.id)
    assert after.id not in {each.id for each in eva.seen.events(room)}
    assert eva.user not in (await played.people["anna"].state(room)).joined


async def test_a_stranger_is_told_why_and_left_alone(played: Theatre) -> None:
    stranger = await newcomer(played)

    clear = await stranger.create_direct(played.bot, encrypted=False)
    said = await stranger.wait(clear, lambda each: each.sender == played.bot and each.type == "m.room.message", ANSWERED)
    await left(stranger, clear, played.bot)
    assert said.text == STRANGER

    sealed = await stranger.create_direct(played.bot)
    gone = await left(stranger, sealed, played.bot)
    assert gone.content.get("reason") == STRANGER
    assert [each.type for each in stranger.seen.events(sealed) if each.sender == played.bot] == ["m.room.member"]


async def test_somebody_of_the_directory_is_told_to_encrypt(played: Theatre) -> None:
    ulla = played.people["ulla"]

    clear = await ulla.create_direct(played.bot, encrypted=False)
    said = await ulla.wait(clear, lambda each: each.sender == played.bot and each.type == "m.room.message", ANSWERED)

    assert said.text == UNENCRYPTED
    await left(ulla, clear, played.bot)


async def newcomer(theatre: Theatre) -> Client:
    name = f"okänd-{uuid4().hex[:6]}".replace("ä", "a")
    return await theatre.clients.login(await theatre.demo.world.homeserver.register(name, PASSWORD), PASSWORD)


async def left(client: Client, room: str, user: str) -> Event:
    def gone(each: Event) -> bool:
        return each.type == "m.room.member" and each.state_key == user and each.content.get("membership") == "leave"

    return await client.wait(room, gone, ANSWERED)


async def session(theatre: Theatre, event: str) -> str:
    return str((await on_the_wire(theatre, event))["session_id"])


async def on_the_wire(theatre: Theatre, event: str) -> dict[str, object]:
    room = theatre.rooms[LABEL]
    raw = await theatre.people["anna"].request("GET", f"/_matrix/client/v3/rooms/{room}/event/{event}")
    return cast("dict[str, dict[str, object]]", raw)["content"]


async def reactions(theatre: Theatre, event: str, user: str) -> list[str]:
    met = await events(theatre, "noor")
    return [each.reaction for each in met if each.reaction and each.target == event and each.sender == user]


def journalled(theatre: Theatre) -> list[tuple[str, str]]:
    return [(kind, source) for kind, source in theatre.demo.ledger.rows("SELECT kind, source FROM journal ORDER BY position")]


async def rooms(theatre: Theatre) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", (await admin(theatre, "/_synapse/admin/v1/rooms?limit=500"))["rooms"])


async def state(theatre: Theatre, room: str) -> object:
    return (await admin(theatre, f"/_synapse/admin/v1/rooms/{room}/state"))["state"]


async def admin(theatre: Theatre, path: str) -> dict[str, object]:
    homeserver = theatre.demo.world.homeserver
    headers = {"Authorization": f"Bearer {await homeserver.administrator()}"}
    async with aiohttp.ClientSession(homeserver.url, headers=headers) as client, client.get(path) as told:
        return cast("dict[str, object]", await told.json())
