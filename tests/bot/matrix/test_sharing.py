"""Who is given the room's key, for how long it lasts, and what the others are told."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.matrix.crypto.identities import Policy
from bot.matrix.crypto.outbound import Wear, wear
from bot.matrix.errors import Temporary
from bot.matrix.wire import Json
from tests.bot.matrix.counterparts import ANNA, BOT, MALLORY, OTHER_ROOM, ROOM, Bot, Homeserver, Person, text
from tests.bot.shelves import TestClock

DEVICE = "ANNA1"
BEN = "@ben.demo:x"


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2026, 9, 1, tzinfo=UTC))


@pytest_asyncio.fixture
async def bot(tmp_path: Path, server: Homeserver, clock: TestClock) -> AsyncIterator[Bot]:
    made = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    yield made
    await made.close()


@pytest_asyncio.fixture
async def anna(tmp_path: Path, server: Homeserver) -> AsyncIterator[Person]:
    """Somebody in the room, who is authorised for it."""
    made = Person(tmp_path / "anna", ANNA)
    server.knows(made)
    server.joined = {ANNA, BOT}
    server.claims = {ANNA: {DEVICE: made.machine.one_time_key()}}
    yield made
    made.machine.close()


async def say(bot: Bot, words: str = "hej") -> Json:
    return await bot.sharing.encrypt(ROOM, "m.room.message", text(words))


def given(server: Homeserver, person: Person) -> None:
    """Have the person's device take all room keys that were sent to it."""
    for messages in server.to_device("m.room.encrypted"):
        person.machine.opens(BOT, messages[person.user][person.machine.device])


def withheld(server: Homeserver) -> list[tuple[str, str, str]]:
    by_user = [each for messages in server.to_device("m.room_key.withheld") for each in messages.items()]
    return [(user, device, content["code"]) for user, devices in by_user for device, content in devices.items()]


async def test_another_implementation_reads_what_the_bot_says_and_the_key_is_given_once(bot: Bot, anna: Person, server: Homeserver) -> None:
    anna.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})

    said = [await say(bot, words) for words in ("ett", "två")]
    given(server, anna)

    assert [anna.machine.reads(content)["content"]["body"] for content in said] == ["ett", "två"]
    assert len(server.to_device("m.room.encrypted")) == 1


async def test_after_a_restart_the_room_has_the_same_key_and_nobody_is_given_it_again(
    bot: Bot, anna: Person, server: Homeserver, clock: TestClock, tmp_path: Path
) -> None:
    anna.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})
    before = await say(bot, "före")
    await bot.cabinet.flush()

    again = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    after = await say(again, "efter")
    await again.close()
    given(server, anna)

    assert before["session_id"] == after["session_id"]
    assert before["ciphertext"] != after["ciphertext"]
    assert [anna.machine.reads(content)["content"]["body"] for content in (before, after)] == ["före", "efter"]
    assert len(server.to_device("m.room.encrypted")) == 1


async def test_a_key_that_was_sent_by_a_bot_that_was_killed_is_of_a_committed_ratchet(
    bot: Bot, anna: Person, server: Homeserver, clock: TestClock, tmp_path: Path
) -> None:
    anna.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})
    await say(bot, "försvann med processen")

    again = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    said = await say(again, "sagt")
    await again.close()
    given(server, anna)

    assert anna.machine.reads(said)["content"]["body"] == "sagt"


async def test_a_store_that_is_older_than_the_account_says_nothing_with_a_ratchet_that_it_has_and_reads_with_all_of_them(
    bot: Bot, anna: Person, server: Homeserver, clock: TestClock, tmp_path: Path
) -> None:
    anna.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})
    before = await say(bot, "före")
    given(server, anna)
    await bot.sync(to_device=(anna.room_key(bot.machine, OTHER_ROOM),))  # both have spoken: no first messages any more
    later = anna.room_key(bot.machine)
    server.claims = {ANNA: {DEVICE: anna.machine.one_time_key()}}
    clock.forward(seconds=60)
    await bot.machine.begin_anew()
    server.sent.clear()

    again = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    clock.forward(seconds=60)
    after = await say(again, "efter")
    sent = server.to_device("m.room.encrypted")[0][ANNA][DEVICE]
    heard = await again.sync(to_device=(later,))
    await again.close()
    given(server, anna)

    assert before["session_id"] != after["session_id"]
    assert next(iter(sent["ciphertext"].values()))["type"] == 0  # the first message of a new Olm session
    assert anna.machine.reads(after)["content"]["body"] == "efter"
    assert len(heard.sessions) == 1


async def test_who_finds_out_in_the_middle_of_sharing_that_the_store_is_old_says_nothing_and_begins_with_new_keys(
    bot: Bot, anna: Person, server: Homeserver, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.matrix.sharing.ADDRESSES", 1)
    phone = Person(tmp_path / "phone", ANNA, "PHONE")
    server.devices[ANNA]["PHONE"] = phone.machine.keys()
    both = {DEVICE: anna.machine, "PHONE": phone.machine}
    server.claims = {ANNA: {name: machine.one_time_key() for name, machine in both.items()}}
    barrier, server.barrier = server.barrier, noticing(bot, server)
    with pytest.raises(Temporary):
        await say(bot, "osagt")
    sent = [list(messages[ANNA]) for messages in server.to_device("m.room.encrypted")]
    server.sent.clear()

    server.barrier = barrier
    clock.forward(seconds=1)
    server.claims = {ANNA: {name: machine.one_time_key() for name, machine in both.items()}}
    said = await say(bot, "sagt")
    for name, machine in both.items():
        machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})
        for messages in server.to_device("m.room.encrypted"):
            machine.opens(BOT, messages[ANNA].get(name, {}))
    read = [machine.reads(said)["content"]["body"] for machine in both.values()]
    phone.machine.close()

    assert len(sent) == 1
    assert bot.counters["older_store"] == 1
    assert read == ["sagt", "sagt"]


def noticing(bot: Bot, server: Homeserver) -> Callable[[], Awaitable[None]]:
    """A barrier at which the bot notices, behind the first room key that leaves, that its store is old."""

    async def notice() -> None:
        if server.to_device("m.room.encrypted") == [] and bot.counters["older_store"] == 0 and server.sent:
            await bot.machine.begin_anew()

    return notice


async def test_a_device_without_a_session_that_may_be_spoken_in_is_sealed_nothing(bot: Bot, anna: Person) -> None:
    await bot.keys.know([ANNA])
    devices = bot.machine.persons.devices([ANNA])[0]
    await bot.keys.reach(devices)
    before = bot.machine.post.seal(ANNA, devices[anna.user, anna.machine.device], "m.dummy", {})

    bot.machine.post.retire()

    assert before is not None
    assert bot.machine.post.seal(ANNA, devices[anna.user, anna.machine.device], "m.dummy", {}) is None


async def test_an_own_message_ahead_of_the_store_tells_that_the_store_is_old_and_one_behind_does_not(
    bot: Bot, anna: Person, server: Homeserver, tmp_path: Path
) -> None:
    first = await say(bot)
    await bot.cabinet.flush()
    old = await Bot(tmp_path / "bot.db", server).open()
    await old.machine.voice.fetch(ROOM)
    second = await say(bot)
    events = [anna.event(content, sender=BOT) for content in (first, second)]

    await bot.sync(*events)
    await old.sync(events[0])
    unsuspecting = old.counters["older_store"]
    await old.sync(*events)
    await old.sync(*events)
    await old.close()

    assert bot.counters["older_store"] == unsuspecting == 0
    assert old.counters["older_store"] == 1


@pytest.mark.parametrize("wish", [{}, {"rotation_period_msgs": 12}])
async def test_a_worn_key_is_replaced_as_the_room_asks(bot: Bot, anna: Person, server: Homeserver, wish: Json) -> None:
    encryption: Json = {"event_id": "$e", "sender": BOT, "type": "m.room.encryption", "state_key": "", "content": wish}
    await bot.sync({**encryption, "origin_server_ts": 1})
    limit = wish.get("rotation_period_msgs", 100)

    sessions = [(await say(bot))["session_id"] for _ in range(limit + 1)]

    assert len(set(sessions[:limit])) == 1
    assert sessions[limit] != sessions[0]
    assert anna.user == ANNA
    assert len(server.to_device("m.room.encrypted")) == 2


async def test_a_key_lasts_a_week(bot: Bot, anna: Person, clock: TestClock) -> None:
    first = (await say(bot))["session_id"]
    clock.forward(days=6, hours=23)
    before = (await say(bot))["session_id"]
    clock.forward(hours=1)

    assert before == first != (await say(bot))["session_id"]
    assert anna.user == ANNA


def test_a_rooms_wishes_are_kept_within_bounds() -> None:
    assert wear({}) == Wear(timedelta(days=7), 100)
    assert wear({"rotation_period_ms": 1, "rotation_period_msgs": 0}) == Wear(timedelta(hours=1), 10)
    assert wear({"rotation_period_ms": 10**20, "rotation_period_msgs": 10**9}) == Wear(timedelta(days=90), 10_000)
    assert wear({"rotation_period_ms": "1", "rotation_period_msgs": None}) == Wear()


async def test_who_lost_the_authority_does_not_get_the_next_key(bot: Bot, anna: Person, mallory: Person, server: Homeserver) -> None:
    bot.allowed, server.joined = {ANNA, MALLORY}, {ANNA, MALLORY, BOT}
    server.claims[MALLORY] = {mallory.machine.device: mallory.machine.one_time_key()}
    first = (await say(bot))["session_id"]

    bot.allowed = {anna.user}
    second = (await say(bot))["session_id"]

    sent = server.to_device("m.room.encrypted")
    assert first != second
    assert [set(messages) for messages in sent] == [{ANNA, MALLORY}, {ANNA}]


async def test_a_stranger_in_the_room_gets_neither_key_nor_word(bot: Bot, anna: Person, mallory: Person, server: Homeserver) -> None:
    server.joined = {ANNA, MALLORY, BOT}

    await say(bot)

    assert [set(messages) for messages in server.to_device("m.room.encrypted")] == [{anna.user}]
    assert withheld(server) == []
    assert all(mallory.user not in asked for asked in server.queries)


async def test_an_untrusted_device_is_told_once_for_each_key_and_given_the_next_when_it_is_signed(
    anna: Person, server: Homeserver, clock: TestClock, tmp_path: Path
) -> None:
    bot = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED, clock).open()
    server.identify(anna, sign=False)
    said = [await say(bot) for _ in range(2)]
    before = (server.to_device("m.room.encrypted"), withheld(server))
    ((_, content),) = server.to_device("m.room_key.withheld")[0][ANNA].items()
    signed = server.identities[ANNA][1].sign(anna.machine.keys(), ANNA)
    server.devices[ANNA] = {DEVICE: signed}

    await bot.sync(device_lists={"changed": [ANNA]})
    await say(bot)
    await bot.close()

    assert before == ([], [(ANNA, DEVICE, "m.unverified")])
    assert (content["room_id"], content["session_id"]) == (ROOM, said[0]["session_id"])
    assert content["sender_key"] == bot.machine.account.curve25519
    assert withheld(server) == before[1]
    assert [list(messages) for messages in server.to_device("m.room.encrypted")] == [[ANNA]]


async def test_a_device_without_one_time_keys_is_told_and_given_the_key_when_it_has_some(
    bot: Bot, anna: Person, server: Homeserver, clock: TestClock
) -> None:
    claims, server.claims = server.claims, {}
    await say(bot)
    await say(bot)
    told = withheld(server)
    server.claims = claims
    clock.forward(seconds=61)
    await say(bot)

    assert told == [(anna.user, DEVICE, "m.no_olm")]
    assert len(server.to_device("m.room.encrypted")) == 1
    assert bot.counters["no_one_time_key"] == 1


async def test_a_word_that_cannot_be_sent_does_not_keep_the_message_back(
    anna: Person, server: Homeserver, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED, clock).open()
    call = server.call

    async def limited(method: str, where: str, body: Json | None = None, **more: object) -> Json:
        if "withheld" in where:
            raise Temporary(5.0, "rate_limit")
        return await call(method, where, body, **more)

    monkeypatch.setattr(bot.sharing._wire, "call", limited)
    said = await say(bot)
    monkeypatch.setattr(bot.sharing._wire, "call", call)
    await say(bot)
    await bot.close()

    assert said["ciphertext"]
    assert withheld(server) == [(anna.user, DEVICE, "m.unverified")]


async def test_who_leaves_while_the_key_is_on_its_way_does_not_have_the_key_of_the_message(
    bot: Bot, anna: Person, mallory: Person, server: Homeserver
) -> None:
    bot.allowed, server.joined = {ANNA, MALLORY}, {ANNA, MALLORY, BOT}
    server.claims = {**server.claims, MALLORY: {mallory.machine.device: mallory.machine.one_time_key()}}
    requests: list[None] = []

    async def leaves() -> None:
        await bot.cabinet.flush()
        requests.append(None)
        if len(requests) == 2:  # the keys were claimed, the room key is being sent
            server.joined = {ANNA, BOT}
            bot.book.forget_members(ROOM)

    server.barrier = leaves
    anna.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})

    said = await say(bot)
    given(server, anna)

    assert [set(messages) for messages in server.to_device("m.room.encrypted")] == [{ANNA, MALLORY}, {ANNA}]
    assert anna.machine.reads(said)["content"]["body"] == "hej"


async def test_who_has_left_unheard_gets_no_new_key(bot: Bot, anna: Person, mallory: Person, server: Homeserver, clock: TestClock) -> None:
    bot.allowed, server.joined = {ANNA, MALLORY}, {ANNA, MALLORY, BOT}
    server.claims = {**server.claims, MALLORY: {mallory.machine.device: mallory.machine.one_time_key()}}
    await say(bot)
    server.joined = {ANNA, BOT}
    clock.forward(days=7)

    await say(bot)

    assert anna.user == ANNA
    assert [set(messages) for messages in server.to_device("m.room.encrypted")] == [{ANNA, MALLORY}, {ANNA}]


async def test_a_colleague_who_publishes_anothers_identity_key_keeps_no_key_from_them(
    bot: Bot, anna: Person, mallory: Person, server: Homeserver
) -> None:
    bot.allowed, server.joined = {ANNA, MALLORY}, {ANNA, MALLORY, BOT}
    hers = {name: value for name, value in mallory.machine.keys().items() if name != "signatures"}
    hers["keys"] |= {f"curve25519:{mallory.machine.device}": anna.machine.identity["curve25519"]}
    server.devices[MALLORY] = {mallory.machine.device: mallory.machine.sign(hers)}
    server.claims[MALLORY] = {mallory.machine.device: mallory.machine.one_time_key()}
    anna.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})

    said = await say(bot)
    given(server, anna)

    assert anna.machine.reads(said)["content"]["body"] == "hej"
