"""Hostile and unlucky events against the real crypto."""

from pathlib import Path

import pytest

from bot.matrix.crypto.drawers import Drawer
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import Kind
from bot.matrix.wire import Json
from tests.bot.matrix.counterparts import ANNA, BOT, OTHER_ROOM, ROOM, Bot, Homeserver, Person, text


async def test_a_message_of_a_known_device_is_trusted(bot: Bot, anna: Person) -> None:
    key = anna.room_key(bot.machine)

    batch = await bot.sync(anna.say(text("hej")), to_device=(key,))

    (said,) = batch.incoming
    assert (said.kind, said.body, said.trusted, said.device) == (Kind.MESSAGE, "hej", True, anna.machine.device)
    assert len(batch.sessions) == 1


async def test_a_session_of_someone_else_reads_nothing_in_another_name(bot: Bot, anna: Person, mallory: Person) -> None:
    key = mallory.room_key(bot.machine)
    forged = {**mallory.say(text("!ärende avsluta")), "sender": anna.user}

    (said,) = (await bot.sync(forged, to_device=(key,))).incoming

    assert (said.kind, said.sender, said.body) == (Kind.UNDECRYPTABLE, anna.user, "")


async def test_a_device_that_the_homeserver_does_not_know_is_untrusted_and_asked_for_once(
    bot: Bot, anna: Person, server: Homeserver
) -> None:
    server.devices[ANNA] = {}
    key = anna.room_key(bot.machine)

    first = await bot.sync(anna.say(text("ett")), to_device=(key,))
    second = await bot.sync(anna.say(text("två")))

    assert [i.trusted for i in (*first.incoming, *second.incoming)] == [False, False]
    assert server.queries == [{ANNA}]


async def test_a_device_announced_in_the_same_sync_is_trusted(bot: Bot, anna: Person, server: Homeserver) -> None:
    devices, server.devices = server.devices, {ANNA: {}}
    key = anna.room_key(bot.machine)
    await bot.sync(anna.say(text("ett")), to_device=(key,))
    server.devices = devices

    batch = await bot.sync(anna.say(text("två")), device_lists={"changed": [ANNA]})

    assert [i.trusted for i in batch.incoming] == [True]


async def test_a_device_that_was_signed_out_is_no_longer_trusted(bot: Bot, anna: Person, server: Homeserver) -> None:
    key = anna.room_key(bot.machine)
    before = await bot.sync(anna.say(text("ett")), to_device=(key,))
    server.devices[ANNA] = {}

    after = await bot.sync(anna.say(text("två")), device_lists={"changed": [ANNA]})
    await bot.keys.know([ANNA])

    assert [i.trusted for i in (*before.incoming, *after.incoming)] == [True, False]
    assert server.queries == [{ANNA}, {ANNA}]


async def test_a_message_carried_into_another_room_is_dropped(bot: Bot, anna: Person) -> None:
    key, elsewhere = anna.room_key(bot.machine), anna.room_key(bot.machine, OTHER_ROOM)
    event = anna.say(text("ja tranan"))

    assert (await bot.sync(event, to_device=(key, elsewhere))).incoming != ()
    moved = await bot.sync({**event, "event_id": "$moved"}, room=OTHER_ROOM)

    assert [i.kind for i in moved.incoming] == [Kind.UNDECRYPTABLE]


async def test_a_payload_that_names_another_room_is_dropped(bot: Bot, anna: Person) -> None:
    key = anna.room_key(bot.machine)
    event = anna.event(anna.machine.encrypt(ROOM, "m.room.message", text("ja"), names=OTHER_ROOM))

    assert (await bot.sync(event, to_device=(key,))).incoming == ()
    assert bot.counters["other_room"] == 1


async def test_the_same_ciphertext_under_a_new_event_id_is_dropped_and_a_repeated_sync_is_not(bot: Bot, anna: Person) -> None:
    key = anna.room_key(bot.machine)
    event = anna.say(text("ja tranan"))

    first = await bot.sync(event, to_device=(key,))
    repeated = await bot.sync(event, to_device=(key,))
    replayed = await bot.sync({**event, "event_id": "$again"})

    assert first.incoming == repeated.incoming
    assert replayed.incoming == ()
    assert bot.counters["replayed"] == 1


@pytest.mark.parametrize("plain", [b"\xff\xfe", b"[1]", b'"x"', b"{" * 100_000, b"[" * 100_000, b"null", b""])
async def test_a_payload_of_any_bytes_is_skipped(bot: Bot, anna: Person, plain: bytes) -> None:
    key = anna.room_key(bot.machine)
    poison = anna.event(anna.machine.sealed(ROOM, anna.machine.outbound(ROOM)._session.encrypt(plain).to_base64()))

    batch = await bot.sync(poison, anna.say(text("efter")), to_device=(key,))

    assert [i.body for i in batch.incoming] == ["efter"]


@pytest.mark.parametrize("length", [256, 100_000])
async def test_ids_that_no_database_holds_are_skipped(bot: Bot, anna: Person, length: int) -> None:
    key = anna.room_key(bot.machine)
    unread = anna.event({**anna.say(text("a"))["content"], "session_id": "x" * length})
    long_named = {**anna.say(text("b")), "event_id": "$" * length}

    batch = await bot.sync(unread, long_named, anna.say(text("efter")), to_device=(key,))

    assert [i.body for i in batch.incoming] == ["efter"]


async def test_a_person_of_an_endless_name_is_nobody(bot: Bot) -> None:
    await bot.keys.know(["@" + "x" * 300 + ":almfors.test"])

    assert bot.machine.persons.changed == {}


@pytest.mark.parametrize("ciphertext", ["", "AAAA", "åäö", 7, None, ["x"]])
async def test_a_malformed_ciphertext_is_skipped(bot: Bot, anna: Person, ciphertext: object) -> None:
    key = anna.room_key(bot.machine)
    content = {**anna.say(text("a"))["content"], "ciphertext": ciphertext}

    batch = await bot.sync(anna.event(content), anna.say(text("efter")), to_device=(key,))

    assert [i.body for i in batch.incoming] == ["efter"]
    assert bot.counters["bad_ciphertext"] == 1


async def test_malformed_to_device_events_do_not_keep_later_keys_away(bot: Bot, anna: Person) -> None:
    own = bot.machine.account.curve25519
    olm = "m.olm.v1.curve25519-aes-sha2"
    bodies: list[object] = [
        {"type": 0, "body": "c2tyw6Rw"},
        {"type": 1, "body": "c2tyw6Rw"},
        {"type": 0, "body": "å"},
        {"type": 0, "body": 5},
    ]
    bad: list[Json] = [
        {"type": "m.room.encrypted", "sender": ANNA, "content": {"algorithm": olm, "sender_key": "k", "ciphertext": {own: body}}}
        for body in bodies
    ]
    odd: list[Json] = [
        {},
        {"content": 7},
        {"type": "m.room_key", "sender": ANNA, "content": {"algorithm": olm}},
        {"content": {"algorithm": olm}},
    ]

    key = anna.room_key(bot.machine)
    batch = await bot.sync(anna.say(text("hej")), to_device=(*bad, *odd, key))

    assert [i.body for i in batch.incoming] == ["hej"]
    assert bot.counters["bad_to_device"] >= 2


async def test_a_late_key_brings_the_message_also_when_the_sync_that_brought_it_had_to_be_repeated(
    bot: Bot, anna: Person, server: Homeserver
) -> None:
    key = anna.room_key(bot.machine)
    early = await bot.sync(anna.say(text("sent")))
    server.away = True
    with pytest.raises(Temporary):
        await bot.sync(to_device=(key,))
    server.away = False

    batch = await bot.sync()

    assert [i.kind for i in early.incoming] == [Kind.UNDECRYPTABLE]
    assert [(i.kind, i.body, i.event_id) for i in batch.incoming] == [(Kind.MESSAGE, "sent", early.incoming[0].event_id)]
    assert batch.sessions == {early.incoming[0].session_id}
    assert (await bot.sync()).incoming == ()


async def test_a_key_given_from_a_later_message_on_leaves_the_earlier_ones_unread(bot: Bot, anna: Person) -> None:
    before = anna.say(text("före"))
    key = anna.room_key(bot.machine)

    batch = await bot.sync(before, anna.say(text("efter")), to_device=(key,))

    assert [(i.kind, i.body) for i in batch.incoming] == [(Kind.UNDECRYPTABLE, ""), (Kind.MESSAGE, "efter")]


async def test_a_kill_before_the_batch_is_recorded_loses_no_key(bot: Bot, anna: Person, server: Homeserver, tmp_path: Path) -> None:
    one, other = anna.room_key(bot.machine), anna.room_key(bot.machine, OTHER_ROOM)
    event, elsewhere = anna.say(text("ett")), anna.say(text("två"), room=OTHER_ROOM)
    await bot.read(event, to_device=(one, other))

    again = await Bot(tmp_path / "bot.db", server).open()
    first = await again.sync(event, to_device=(one, other))
    second = await again.sync(elsewhere, room=OTHER_ROOM)
    await again.close()

    assert [i.body for i in (*first.incoming, *second.incoming)] == ["ett", "två"]


async def test_an_event_that_the_translation_trips_over_is_skipped(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(event: Json, _room: str, **_more: object) -> None:
        raise KeyError(event["event_id"])

    monkeypatch.setattr("bot.matrix.reading.from_clear", trip)

    assert (await bot.sync({"event_id": "$1", "type": "m.room.message"})).next_batch == "s2"
    assert bot.counters["bad_event"] == 1


async def test_what_was_said_before_the_bot_came_is_not_told(bot: Bot) -> None:
    def member(number: int, before: str, now: str) -> Json:
        head = {"event_id": f"${number}", "sender": BOT, "origin_server_ts": number, "type": "m.room.member", "state_key": BOT}
        return {**head, "content": {"membership": now}, "unsigned": {"prev_content": {"membership": before}}}

    old: Json = {"event_id": "$0", "sender": ANNA, "origin_server_ts": 0, "type": "m.room.message", "content": text("gammalt")}
    new: Json = {**old, "event_id": "$9", "content": text("nytt")}

    batch = await bot.sync(old, member(1, "invite", "join"), new, member(2, "join", "join"), room="!fresh")

    assert [i.event_id for i in batch.incoming] == ["$1", "$9", "$2"]
    assert batch.joined == {"!fresh"}
    assert (await bot.sync(old, room="!fresh")).joined == frozenset()


async def test_a_room_never_becomes_unencrypted_again(bot: Bot) -> None:
    def encryption(content: Json) -> Json:
        head = {"event_id": "$1", "sender": ANNA, "origin_server_ts": 0, "type": "m.room.encryption", "state_key": ""}
        return {**head, "content": content}

    first = await bot.sync(encryption({"algorithm": "m.megolm.v1.aes-sha2"}), room="!fresh")
    second = await bot.sync(encryption({}), room="!fresh")

    assert first.encrypted == {"!fresh"}
    assert not second.encrypted
    assert bot.book.encrypted("!fresh")
    await bot.cabinet.fetch(Drawer.ROOM, ["!fresh"])
    assert bot.cabinet.of(Drawer.ROOM, "!fresh")


async def test_an_answer_without_a_position_is_none(bot: Bot) -> None:
    with pytest.raises(Temporary):
        await bot.reader.read({}, "s1")


async def test_a_gap_that_may_not_be_read_is_counted_and_does_not_stop_the_sync(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def forbidden(*_args: object, **_named: object) -> Json:
        raise Permanent("M_FORBIDDEN", 403)

    monkeypatch.setattr(bot.reader._backfill._wire, "call", forbidden)
    event: Json = {"event_id": "$1", "sender": ANNA, "origin_server_ts": 0, "type": "m.room.message", "content": text("hej")}
    timeline = {"events": [event], "limited": True, "prev_batch": "p1"}

    batch = await bot.reader.read({"next_batch": "s2", "rooms": {"join": {ROOM: {"timeline": timeline}}}}, "s1")

    assert [i.body for i in batch.incoming] == ["hej"]
    assert bot.counters["unreadable_gap"] == 1
