import asyncio
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from aiohttp import web

from bot.matrix.client import NOT_ENCRYPTED
from bot.matrix.crypto.identities import Policy
from bot.matrix.errors import Permanent
from bot.matrix.incoming import Kind
from demo.client import Client, Clients
from demo.homeserver import Homeserver
from tests.bot.matrix.bots import PASSWORD, SENTENCE, case_room, heard, new_account, running, says, setting, sign_in, text
from tests.bot.matrix.proxies import Proxy, proxy

pytestmark = pytest.mark.homeserver
WITHHELD = "MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE"


@pytest.fixture
async def anna(homeserver: Homeserver, clients: Clients) -> Client:
    return await clients.login(await new_account(homeserver, "anna"), PASSWORD)


async def test_what_is_typed_comes_in_decrypted_and_trusted_and_the_answer_is_read(
    homeserver: Homeserver, anna: Client, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)

        typed = await anna.say(room, "!hjälp", mentions=(credentials.user_id,))
        asked = await bot.kept.wait(says("!hjälp"))
        answered = await bot.edge.send(room, "m.room.message", text("Skriv så här"), uuid4().hex)
        seen = await anna.wait(room, lambda event: event.id == answered and not event.failure)

    assert (asked.event_id, asked.sender, asked.mentions) == (typed, anna.user, (credentials.user_id,))
    assert asked.decrypted
    assert asked.trusted
    assert asked.device == anna.device
    assert (seen.text, seen.wire_type) == ("Skriv så här", "m.room.encrypted")


async def test_a_second_life_with_the_same_store_reads_what_came_meanwhile_and_is_read(
    homeserver: Homeserver, anna: Client, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    wish = setting(homeserver.url, tmp_path, anna.user)
    async with running(credentials, wish) as first:
        room = await case_room(first, anna)
        await anna.say(room, "före")
        await first.kept.wait(says("före"))
        await first.edge.send(room, "m.room.message", text("första"), uuid4().hex)
    await anna.say(room, "medan")

    async with running(credentials, wish, first.kept) as second:
        await anna.say(room, "efter")
        await second.kept.wait(says("efter"))
        sent = await second.edge.send(room, "m.room.message", text("andra"), uuid4().hex)
        seen = await anna.wait(room, lambda event: event.id == sent and not event.failure)

    assert [i.body for i in first.kept.incoming if i.kind is Kind.MESSAGE and i.sender == anna.user] == ["före", "medan", "efter"]
    assert seen.text == "andra"
    assert second.edge.last_sync is not None


async def test_nothing_is_lost_in_a_gap_longer_than_one_sync_tells(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    wish = setting(homeserver.url, tmp_path, anna.user)
    async with running(credentials, wish) as first:
        room = await case_room(first, anna)
        await anna.say(room, "rad 0")
        await first.kept.wait(says("rad 0"))
    lines = [f"rad {n}" for n in range(1, 231)]
    for line in lines:
        await anna.say(room, line)

    async with running(credentials, wish, first.kept) as second:
        await second.kept.wait(says(lines[-1]))

        assert heard(second.kept, "rad") == ["rad 0", *lines]
        assert second.edge.counters["backfilled"] > 100


async def test_the_same_transaction_id_is_one_event_also_after_a_restart(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    wish = setting(homeserver.url, tmp_path, anna.user)
    row = uuid4().hex
    async with running(credentials, wish) as first:
        room = await case_room(first, anna)
        once = await first.edge.send(room, "m.room.message", text("en gång"), row)
        again = await first.edge.send(room, "m.room.message", text("en gång"), row)
        echo = await first.kept.wait(lambda i: i.transaction_id == row)
    async with running(credentials, wish, first.kept) as second:
        later = await second.edge.send(room, "m.room.message", text("en gång"), row)
        await second.edge.send(room, "m.room.message", text("slut"), uuid4().hex)
        await anna.wait(room, lambda event: event.text == "slut")

    assert once == again == later == echo.event_id
    assert [event.text for event in await anna.timeline(room) if event.type == "m.room.message"] == ["en gång", "slut"]


async def test_two_rooms_are_kept_apart(homeserver: Homeserver, clients: Clients, anna: Client, tmp_path: Path) -> None:
    ben = await clients.login(await new_account(homeserver, "ben"), PASSWORD)
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user, ben.user)) as bot:
        one, other = await case_room(bot, anna), await case_room(bot, ben)

        await anna.say(one, "från anna")
        await ben.say(other, "från ben")
        first, second = await bot.kept.wait(says("från anna")), await bot.kept.wait(says("från ben"))
        await bot.edge.send(one, "m.room.message", text("till anna"), uuid4().hex)
        await bot.edge.send(other, "m.room.message", text("till ben"), uuid4().hex)

        assert (first.room_id, second.room_id) == (one, other)
        assert (await anna.wait(one, lambda event: event.text == "till anna")).failure == ""
        assert (await ben.wait(other, lambda event: event.text == "till ben")).failure == ""


async def test_a_clear_message_in_an_encrypted_room_is_neither_decrypted_nor_trusted(
    homeserver: Homeserver, anna: Client, tmp_path: Path
) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)

        await anna.send_clear(room, "m.room.message", text("!ärende avsluta"))
        came = await bot.kept.wait(lambda i: i.body == "!ärende avsluta")

    assert (came.kind, came.decrypted, came.trusted, came.room_encrypted) == (Kind.UNENCRYPTED, False, False, True)


async def test_state_inside_an_encrypted_message_changes_nothing(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)

        await anna.send(room, "m.room.power_levels", {"users": {anna.user: 100}})
        await anna.say(room, "efteråt")
        await bot.kept.wait(says("efteråt"))

        assert bot.edge.counters["ignored_payload"] == 1
        assert [i for i in bot.kept.incoming if i.kind is Kind.ROOM_CHANGE and i.sender == anna.user] == []


async def test_a_member_who_is_not_authorised_gets_no_key(homeserver: Homeserver, clients: Clients, anna: Client, tmp_path: Path) -> None:
    stranger = await clients.login(await new_account(homeserver, "okand"), PASSWORD)
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna, stranger)

        sent = await bot.edge.send(room, "m.room.message", text("bara för anna"), uuid4().hex)

        assert (await anna.wait(room, lambda event: event.id == sent and not event.failure)).text == "bara för anna"
        assert (await stranger.wait(room, lambda event: event.id == sent)).failure != ""


def deafen(gateway: Proxy) -> asyncio.Event:
    """Have the listening fail from now on; the event tells that it did."""
    deaf = asyncio.Event()

    def turned_away(where: str) -> web.Response | None:
        if not where.endswith("/sync"):
            return None
        deaf.set()
        return web.Response(status=502)

    gateway.broken = turned_away
    return deaf


async def test_who_comes_in_while_the_bot_speaks_reads_what_the_homeserver_put_after_their_coming_and_nothing_before(
    homeserver: Homeserver, clients: Clients, anna: Client, tmp_path: Path
) -> None:
    ben = await clients.login(await new_account(homeserver, "ben"), PASSWORD, accept_invitations=False)
    credentials = await sign_in(homeserver)

    async with proxy(homeserver.url) as gateway, running(credentials, setting(gateway.url, tmp_path, anna.user, ben.user)) as bot:
        room = await case_room(bot, anna)
        await bot.edge.invite(room, ben.user)
        before = await bot.edge.send(room, "m.room.message", text("före"), uuid4().hex)
        deaf = deafen(gateway)
        await anna.say(room, "den sista som boten hör")
        await deaf.wait()
        await ben.join(room)
        meanwhile = await bot.edge.send(room, "m.room.message", text("samtidigt"), uuid4().hex)
        gateway.broken = lambda _where: None

        seen = await ben.wait(room, lambda event: event.id == meanwhile and not event.failure)
        assert seen.text == "samtidigt"
        assert (await ben.wait(room, lambda event: event.id == before)).failure != ""


async def test_who_came_in_while_the_bot_spoke_reads_it_also_when_that_process_is_gone_before_it_heard_of_them(
    homeserver: Homeserver, clients: Clients, anna: Client, tmp_path: Path
) -> None:
    ben = await clients.login(await new_account(homeserver, "ben"), PASSWORD, accept_invitations=False)
    credentials = await sign_in(homeserver)

    async with proxy(homeserver.url) as gateway:
        wish = setting(gateway.url, tmp_path, anna.user, ben.user)
        async with running(credentials, wish) as first:
            room = await case_room(first, anna)
            await first.edge.invite(room, ben.user)
            before = await first.edge.send(room, "m.room.message", text("före"), uuid4().hex)
            deaf = deafen(gateway)
            await anna.say(room, "den sista som boten hör")
            await deaf.wait()
            await ben.join(room)
            meanwhile = await first.edge.send(room, "m.room.message", text("samtidigt"), uuid4().hex)
        gateway.broken = lambda _where: None

        async with running(credentials, wish, first.kept):
            seen = await ben.wait(room, lambda event: event.id == meanwhile and not event.failure)
            assert seen.text == "samtidigt"
            assert (await ben.wait(room, lambda event: event.id == before)).failure != ""


async def test_who_was_removed_cannot_read_on_and_a_new_device_of_a_member_can(
    homeserver: Homeserver, clients: Clients, anna: Client, tmp_path: Path
) -> None:
    ben = await clients.login(await new_account(homeserver, "ben"), PASSWORD)
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user, ben.user)) as bot:
        room = await case_room(bot, anna, ben)
        before = await bot.edge.send(room, "m.room.message", text("till båda"), uuid4().hex)
        await ben.wait(room, lambda event: event.id == before and not event.failure)
        sessions = await session_of(anna, room, before)

        await bot.edge.remove(room, ben.user)
        await bot.edge.remove(room, ben.user)
        new_device = await clients.login(anna.user, PASSWORD)
        await asyncio.sleep(1)  # matrix 9.4: a device that signed in a second before a message reads it
        after = await bot.edge.send(room, "m.room.message", text("utan ben"), uuid4().hex)

        assert await session_of(anna, room, after) != sessions
        assert (await new_device.wait(room, lambda event: event.id == after and not event.failure)).text == "utan ben"
        assert (await bot.edge.members(room)).joined == {anna.user, credentials.user_id}


async def test_a_rotated_room_has_a_new_key_and_a_redacted_message_is_gone(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)
        sent = [await bot.edge.send(room, "m.room.message", text("a"), uuid4().hex) for _ in range(2)]
        sessions = [await session_of(anna, room, event) for event in sent]

        await bot.edge.rotate(room)
        last = await bot.edge.send(room, "m.room.message", text("b"), uuid4().hex)
        row = uuid4().hex
        redactions = {await bot.edge.redact(room, sent[0], row) for _ in range(2)}
        await anna.wait(room, lambda event: event.id == sent[0] and event.redacted)

        assert sessions[0] == sessions[1] != await session_of(anna, room, last)
        assert len(redactions) == 1


async def session_of(client: Client, room: str, event: str) -> object:
    answer = await client.request("GET", f"/_matrix/client/v3/rooms/{room}/event/{event}")
    return cast("dict[str, dict[str, object]]", answer)["content"]["session_id"]


async def test_reactions_redactions_edits_threads_and_files_arrive(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await case_room(bot, anna)
        root = await bot.edge.send(room, "m.room.message", text("fråga"), uuid4().hex)
        await anna.wait(room, lambda event: event.id == root)

        content = await bot.edge.upload_encrypted(b"BEGIN:VCALENDAR", "kallelse.ics", "text/calendar")
        file = await bot.edge.send(room, "m.room.message", content, uuid4().hex)
        tapped = await bot.edge.react(room, root, "✅", uuid4().hex)
        await bot.edge.pin(room, root)
        answer = await anna.say(room, "svar", thread=root, reply=root)
        await anna.edit(room, answer, "bättre svar")
        await anna.react(room, root, "❌")
        replied = await bot.kept.wait(says("svar"))
        await anna.redact(room, answer)  # not before it was read: what is redacted has no words any more
        edited = await bot.kept.wait(lambda i: i.kind is Kind.EDIT)
        reacted = await bot.kept.wait(lambda i: i.kind is Kind.REACTION and i.sender == anna.user)
        redacted = await bot.kept.wait(lambda i: i.kind is Kind.REDACTION)
        got = await anna.wait(room, lambda event: event.id == file and not event.failure)
        ticked = await anna.wait(room, lambda event: event.id == tapped)

        assert (replied.thread, replied.reply_to) == (root, root)
        assert (edited.target, edited.body, edited.trusted) == (answer, "bättre svar", True)
        assert (reacted.target, reacted.key, reacted.decrypted) == (root, "❌", False)
        assert redacted.target == answer
        assert await anna.download(got) == b"BEGIN:VCALENDAR"
        assert (ticked.target, ticked.reaction) == (root, "✅")
        assert (await anna.state(room)).pinned == (root,)


async def test_only_the_constant_sentences_leave_in_clear(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await anna.create_direct(credentials.user_id, encrypted=False)
        invited = await bot.kept.wait(lambda i: i.kind is Kind.INVITATION and i.room_id == room)
        await bot.edge.join(room)

        with pytest.raises(Permanent) as refused:
            await bot.edge.send(room, "m.room.message", text("hemligt"), uuid4().hex)
        with pytest.raises(ValueError, match="constant"):
            await bot.edge.say_in_clear(room, "hemligt", uuid4().hex)
        said = await bot.edge.say_in_clear(room, SENTENCE, uuid4().hex)
        await bot.edge.leave(room)
        await bot.edge.leave(room)
        await bot.edge.leave("!nowhere")
        await anna.wait(room, lambda event: event.id == said)

        assert (invited.sender, invited.room_encrypted) == (anna.user, False)
        assert refused.value.errcode == NOT_ENCRYPTED
        assert (await anna.state(room)).joined == {anna.user}


async def test_a_kicked_bot_notices(homeserver: Homeserver, anna: Client, tmp_path: Path) -> None:
    credentials = await sign_in(homeserver)
    async with running(credentials, setting(homeserver.url, tmp_path, anna.user)) as bot:
        room = await anna.create_room(invite=(credentials.user_id,))
        await bot.kept.wait(lambda i: i.kind is Kind.INVITATION and i.room_id == room and i.room_encrypted)
        await bot.edge.join(room)
        await anna.wait(room, lambda event: event.state_key == credentials.user_id and event.content.get("membership") == "join")

        await anna.remove(room, credentials.user_id)
        gone = await bot.kept.wait(lambda i: i.state_key == credentials.user_id and i.membership == "leave")

        assert gone.sender == anna.user
        assert room in bot.kept.batches[-1].left


async def test_only_devices_that_their_owner_signed_read_and_the_others_are_told_why(
    homeserver: Homeserver, clients: Clients, anna: Client, tmp_path: Path
) -> None:
    ben = await clients.login(await new_account(homeserver, "ben"), PASSWORD, cross_sign=True)
    credentials = await sign_in(homeserver)
    wish = setting(homeserver.url, tmp_path, anna.user, ben.user, policy=Policy.CROSS_SIGNED)
    async with running(credentials, wish) as bot:
        room = await case_room(bot, anna, ben)
        sent = await bot.edge.send(room, "m.room.message", text("bara för signerade"), uuid4().hex)
        read = await ben.wait(room, lambda event: event.id == sent and not event.failure)
        unread = await anna.wait(room, lambda event: event.id == sent and event.failure == WITHHELD)
        await anna.say(room, "från osignerad")
        await ben.say(room, "från signerad")
        unsigned = await bot.kept.wait(says("från osignerad"))
        signed = await bot.kept.wait(says("från signerad"))

    assert (read.text, unread.text) == ("bara för signerade", "")
    assert (unsigned.trusted, unsigned.standing, unsigned.device) == (False, "unsigned", anna.device)
    assert (signed.trusted, signed.standing) == (True, "")


async def test_a_new_identity_of_a_person_is_told_and_reads_nothing_until_it_is_accepted(
    homeserver: Homeserver, clients: Clients, tmp_path: Path
) -> None:
    ben = await clients.login(await new_account(homeserver, "ben"), PASSWORD, cross_sign=True)
    credentials = await sign_in(homeserver)
    wish = setting(homeserver.url, tmp_path, ben.user, policy=Policy.CROSS_SIGNED)
    async with running(credentials, wish) as bot:
        room = await case_room(bot, ben)
        await ben.say(room, "före")
        before = await bot.kept.wait(says("före"))
        await ben.cross_sign(reset=True)
        await ben.say(room, "efter")
        after = await bot.kept.wait(says("efter"))
        sent = await bot.edge.send(room, "m.room.message", text("inte för den nya"), uuid4().hex)
        unread = await ben.wait(room, lambda event: event.id == sent and bool(event.failure))
        told = [batch.changed for batch in bot.kept.batches if batch.changed]
        await bot.edge.accept(ben.user, told[0][ben.user])
        later = await bot.edge.send(room, "m.room.message", text("för den nya"), uuid4().hex)
        read = await ben.wait(room, lambda event: event.id == later and not event.failure)

    assert (before.trusted, after.trusted, after.standing) == (True, False, "changed")
    assert [each.keys() for each in told] == [{ben.user}]
    assert (unread.text, read.text) == ("", "för den nya")
