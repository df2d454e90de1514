"""Whose words count: devices by the identity of their owner, over restarts and changes, and keys that are not what they say."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.identities import Policy
from bot.matrix.incoming import Kind
from bot.matrix.wire import Json
from tests.bot.matrix.counterparts import ANNA, BOT, OTHER_ROOM, ROOM, Bot, Homeserver, Person, text

CHANGED = {"changed": [ANNA]}


@pytest_asyncio.fixture
async def strict(tmp_path: Path, server: Homeserver) -> AsyncIterator[Bot]:
    made = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED).open()
    yield made
    await made.close()


@pytest_asyncio.fixture
async def berta(tmp_path: Path, strict: Bot, server: Homeserver) -> AsyncIterator[Person]:
    """Anna, who knows the strict bot."""
    made = Person(tmp_path / "berta", ANNA)
    made.meet(strict.machine)
    await strict.cabinet.flush()
    server.knows(made)
    yield made
    made.machine.close()


async def standing(bot: Bot, person: Person, *, changed: bool = False) -> str:
    """How a message of the person stands: "trusted", or why it is not."""
    key = person.room_key(bot.machine)
    batch = await bot.sync(person.say(text("hej")), to_device=(key,), device_lists=CHANGED if changed else {})
    (said,) = (i for i in batch.incoming if i.body == "hej")
    return "trusted" if said.trusted else said.standing


async def test_an_unsigned_device_is_not_trusted_until_its_owner_signs_it(strict: Bot, berta: Person, server: Homeserver) -> None:
    before = await standing(strict, berta)
    server.identify(berta)

    assert before == "unsigned"
    assert await standing(strict, berta) == "unsigned"
    assert await standing(strict, berta, changed=True) == "trusted"


async def test_another_identity_is_told_once_and_trusted_when_it_is_accepted(strict: Bot, berta: Person, server: Homeserver) -> None:
    server.identify(berta)
    first = await standing(strict, berta)
    server.identify(berta)

    told = await strict.sync(berta.say(text("ny")), device_lists=CHANGED)
    after = await strict.sync(berta.say(text("igen")))
    accepted = await strict.keys.accept(ANNA, told.changed[ANNA])

    assert first == "trusted"
    assert told.changed == {ANNA: server.identities[ANNA][0].public}
    assert [(i.trusted, i.standing) for i in told.incoming] == [(False, "changed")]
    assert after.changed == {}
    assert accepted
    assert await standing(strict, berta) == "trusted"
    assert not await strict.keys.accept("@nobody:x", "")


async def test_an_identity_that_changed_once_more_is_not_accepted_in_the_place_of_the_told_one_but_told(
    strict: Bot, berta: Person, server: Homeserver
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)
    told = await strict.sync(berta.say(text("ny")), device_lists=CHANGED)
    server.identify(berta)
    await strict.sync(device_lists=CHANGED)

    accepted = await strict.keys.accept(ANNA, told.changed[ANNA])
    again = await strict.sync(berta.say(text("igen")))
    after = await strict.sync()
    newest = server.identities[ANNA][0].public

    assert not accepted
    assert [i.standing for i in again.incoming] == ["changed"]
    assert (again.changed, after.changed) == ({ANNA: newest}, {})
    assert await strict.keys.accept(ANNA, newest)
    assert await standing(strict, berta) == "trusted"


async def test_who_accepts_an_identity_that_nobody_has_is_told_which_one_it_is_though_it_was_told_before(
    strict: Bot, berta: Person, server: Homeserver
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)
    told = await strict.sync(berta.say(text("ny")), device_lists=CHANGED)

    accepted = await strict.keys.accept(ANNA, "")

    assert not accepted
    assert (await strict.sync()).changed == told.changed


async def test_none_at_all_is_never_accepted_since_the_next_one_would_be_pinned_unasked(
    strict: Bot, berta: Person, server: Homeserver
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    identity = server.identities.pop(ANNA)
    gone = await strict.sync(berta.say(text("borta")), device_lists=CHANGED)

    accepted = await strict.keys.accept(ANNA, "")
    server.identify(berta)

    assert gone.changed == {ANNA: ""}
    assert not accepted
    assert await standing(strict, berta, changed=True) == "changed"
    assert identity != server.identities[ANNA]


async def test_a_device_that_signed_the_new_identity_vouches_for_it_and_one_that_it_signed_does_not(
    strict: Bot, berta: Person, server: Homeserver, tmp_path: Path
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)
    unvouched = await strict.read(berta.say(text("ny")), device_lists=CHANGED)
    server.vouching[ANNA] = berta
    told = await strict.sync(berta.say(text("ny")), device_lists=CHANGED)
    other = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED).open()
    await other.keys.know([ANNA])
    kept = other.machine.persons.of(ANNA)
    await other.close()

    assert unvouched.vouched == {ANNA: ()}
    assert told.vouched == {ANNA: (berta.machine.identity["ed25519"],)}
    assert kept is not None
    assert kept.vouching == told.vouched[ANNA]


async def test_a_device_that_vouches_later_is_told_once_and_the_identity_not_again(
    strict: Bot, berta: Person, server: Homeserver, tmp_path: Path
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)
    told = await strict.sync(berta.say(text("ny")), device_lists=CHANGED)
    server.vouching[ANNA] = berta
    later = await strict.sync(berta.say(text("verifierad")), device_lists=CHANGED)
    after = await strict.sync(berta.say(text("igen")), device_lists=CHANGED)
    again = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED).open()
    restarted = await again.sync(berta.say(text("efter omstart")), device_lists=CHANGED)
    await again.close()

    assert told.vouched == {ANNA: ()}
    assert (later.changed, later.vouched) == ({}, {ANNA: (berta.machine.identity["ed25519"],)})
    assert after.vouched == restarted.vouched == {}


async def test_the_same_device_vouches_for_the_next_identity_too(strict: Bot, berta: Person, server: Homeserver) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.vouching[ANNA] = berta
    told: list[tuple[str, ...]] = []
    for _ in range(2):
        server.identify(berta)
        told.append((await strict.sync(berta.say(text("ny")), device_lists=CHANGED)).vouched[ANNA])

    assert told == [(berta.machine.identity["ed25519"],)] * 2


async def test_the_signature_of_somebody_elses_device_vouches_for_nothing(
    strict: Bot, berta: Person, mallory: Person, server: Homeserver
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)
    server.vouching[ANNA] = mallory

    told = await strict.sync(berta.say(text("ny")), device_lists=CHANGED)

    assert set(told.changed) == {ANNA}
    assert told.vouched == {ANNA: ()}


async def test_a_second_change_between_reading_and_recording_is_told_too(strict: Bot, berta: Person, server: Homeserver) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)
    batch = await strict.read(berta.say(text("ny")), device_lists=CHANGED)
    server.identify(berta)
    await strict.keys.observe({"device_lists": CHANGED}, initial=False)
    await strict.keys.know([ANNA])
    async with strict.keys.recording(batch):
        pass
    await strict.reader.settle(batch)

    assert (await strict.sync()).changed == {ANNA: server.identities[ANNA][0].public}
    assert (await strict.sync()).changed == {}


async def test_an_identity_that_is_the_pinned_one_again_is_no_longer_told(strict: Bot, berta: Person, server: Homeserver) -> None:
    server.identify(berta)
    await standing(strict, berta)
    first, devices = server.identities[ANNA], server.devices[ANNA]
    server.identify(berta)
    await strict.read(berta.say(text("ny")), device_lists=CHANGED)
    server.identities[ANNA], server.devices[ANNA] = first, devices

    assert (await strict.sync(berta.say(text("åter")), device_lists=CHANGED)).changed == {}
    assert await standing(strict, berta) == "trusted"


async def test_a_change_that_was_told_is_not_told_again_after_a_restart_and_one_that_was_not_is(
    strict: Bot, berta: Person, server: Homeserver, tmp_path: Path
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)
    unrecorded = await strict.read(berta.say(text("ny")), device_lists=CHANGED)
    await strict.cabinet.flush()

    second = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED).open()
    told = await second.sync(berta.say(text("två")))
    third = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED).open()
    again = await third.sync(berta.say(text("tre")))
    await second.close()
    await third.close()

    assert unrecorded.changed == told.changed == {ANNA: server.identities[ANNA][0].public}
    assert again.changed == {}


async def test_the_identity_pinned_at_first_stays_pinned_after_a_restart(
    strict: Bot, berta: Person, server: Homeserver, tmp_path: Path
) -> None:
    server.identify(berta)
    await standing(strict, berta)
    server.identify(berta)

    again = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED).open()
    batch = await again.reader.read({"next_batch": "s9"}, None)
    async with again.keys.recording(batch):
        pass
    await again.reader.settle(batch)
    stands = await standing(again, berta)
    await again.close()

    assert stands == "changed"


async def test_a_person_is_asked_for_again_only_when_something_changed_also_over_a_restart(
    bot: Bot, anna: Person, server: Homeserver, tmp_path: Path
) -> None:
    await standing(bot, anna)
    again = await Bot(tmp_path / "bot.db", server).open()
    await standing(again, anna)
    unchanged = len(server.queries)
    await again.sync(device_lists=CHANGED)

    third = await Bot(tmp_path / "bot.db", server).open()
    await standing(third, anna)
    asked = len(server.queries)
    await third.reader.read({"next_batch": "s9"}, None)
    await standing(third, anna)
    await again.close()
    await third.close()

    assert (unchanged, asked, len(server.queries)) == (1, 2, 3)


async def test_a_change_announced_while_the_answer_was_under_way_is_asked_for_again(
    bot: Bot, anna: Person, server: Homeserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = server._query

    def overtaken(users: set[str]) -> dict[str, object]:
        bot.keys._marks.update(users)
        return query(users)

    monkeypatch.setattr(server, "_query", overtaken)
    await bot.keys.know([anna.user])
    monkeypatch.setattr(server, "_query", query)
    await bot.keys.know([anna.user])
    await bot.keys.know([anna.user])

    assert server.queries == [{ANNA}, {ANNA}]


async def test_who_leaves_our_sight_while_the_answer_is_under_way_is_asked_for_again(
    bot: Bot, anna: Person, server: Homeserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = server.call

    async def overtaken(method: str, where: str, body: Json | None = None, **more: object) -> Json:
        if where.endswith("/keys/query"):
            await bot.keys.observe({"device_lists": {"left": [ANNA]}}, initial=False)
        return await call(method, where, body, **more)

    monkeypatch.setattr(bot.keys._wire, "call", overtaken)
    await bot.keys.know([anna.user])
    monkeypatch.setattr(bot.keys._wire, "call", call)

    assert await bot.keys.doubtful([ANNA]) == {ANNA}


async def test_a_replay_after_a_restart_is_dropped(bot: Bot, anna: Person, server: Homeserver, tmp_path: Path) -> None:
    event = anna.say(text("ja tranan"))
    key = anna.room_key(bot.machine)
    again_said = anna.say(text("ja igen"))
    await bot.sync(event, again_said, to_device=(key,))

    again = await Bot(tmp_path / "bot.db", server).open()
    replayed = await again.sync({**again_said, "event_id": "$again"}, again_said)
    await again.close()

    assert [i.event_id for i in replayed.incoming] == [again_said["event_id"]]
    assert again.counters["replayed"] == 1


async def test_forwarded_keys_are_refused(bot: Bot, anna: Person) -> None:
    content: dict[str, object] = {
        **anna.machine.room_key(ROOM),
        "sender_key": "x",
        "sender_claimed_ed25519_key": "y",
        "forwarding_curve25519_key_chain": [],
    }

    batch = await bot.sync(anna.say(text("hej")), to_device=(anna.letter(bot.machine, "m.forwarded_room_key", content),))

    assert [i.kind for i in batch.incoming] == [Kind.UNDECRYPTABLE]
    assert bot.counters["forwarded_key"] == 1


async def test_a_known_key_is_not_replaced_by_somebody_elses_or_by_a_worse_one(bot: Bot, anna: Person, mallory: Person) -> None:
    first = anna.say(text("ett"))
    late, content = anna.room_key(bot.machine), anna.machine.room_key(ROOM)
    theirs = mallory.letter(bot.machine, "m.room_key", content)

    batch = await bot.sync(first, anna.say(text("två")), to_device=(late, theirs))
    worse = await bot.sync(to_device=(anna.letter(bot.machine, "m.room_key", anna.machine.room_key(ROOM)),))

    assert [(i.kind, i.trusted) for i in batch.incoming] == [(Kind.UNDECRYPTABLE, False), (Kind.MESSAGE, True)]
    assert (len(batch.sessions), worse.sessions) == (1, frozenset())
    assert bot.counters["bad_to_device"] == 0


async def test_a_better_key_of_the_same_owner_opens_what_came_before(bot: Bot, anna: Person) -> None:
    early = anna.letter(bot.machine, "m.room_key", anna.machine.room_key(ROOM))
    first = anna.say(text("ett"))
    late = anna.room_key(bot.machine)

    unread = await bot.sync(first, to_device=(late,))
    read = await bot.sync(to_device=(early,))

    assert [i.kind for i in unread.incoming] == [Kind.UNDECRYPTABLE]
    assert [i.body for i in read.incoming] == ["ett"]


@pytest.mark.parametrize(
    "change",
    [
        {"session_id": "another"},
        {"session_key": "AAAA"},
        {"session_key": 7},
        {"algorithm": "m.other"},
        {"room_id": 7},
        {"room_id": "!" + "x" * 300},
    ],
)
async def test_a_room_key_that_is_not_what_it_says_is_refused(bot: Bot, anna: Person, change: dict[str, object]) -> None:
    content: dict[str, object] = {**anna.machine.room_key(ROOM), **change}

    batch = await bot.sync(to_device=(anna.letter(bot.machine, "m.room_key", content), anna.room_key(bot.machine, OTHER_ROOM)))

    assert batch.sessions == {anna.machine.outbound(OTHER_ROOM).id}


async def test_a_letter_under_another_senders_name_is_refused(bot: Bot, anna: Person, mallory: Person) -> None:
    stolen = {**mallory.room_key(bot.machine), "sender": ANNA}

    batch = await bot.sync(to_device=(stolen,))

    assert batch.sessions == frozenset()
    assert bot.counters["bad_to_device"] == 1
    assert anna.user == ANNA


async def test_a_letter_meant_for_somebody_else_is_refused(bot: Bot, anna: Person) -> None:
    other = anna.machine.others(BOT)[BOT, "SAMRUM"]
    other.ed25519 = "another"

    assert (await bot.sync(to_device=(anna.room_key(bot.machine),))).sessions == frozenset()
    assert bot.counters["bad_to_device"] == 1


async def test_a_session_that_another_device_claims_belongs_to_nobody(bot: Bot, anna: Person, mallory: Person) -> None:
    await standing(bot, anna)
    session = anna.machine.outbound(ROOM).id
    persons = bot.machine.persons
    await persons.fetch([ANNA])
    event = anna.say(text("x"))
    await bot.machine.ears.fetch([ROOM], [session])
    said = bot.machine.ears.open(event, ROOM)
    assert said is not None
    (owner,) = said.owners

    assert persons.proof(ANNA, said).trusted
    assert persons.proof(ANNA, replace(said, owners=(replace(owner, ed25519="another"),))).standing == "unknown"
    assert persons.proof(ANNA, replace(said, owners=(replace(owner, user=mallory.user),))).standing == "unknown"
    assert persons.proof(BOT, said).standing == "unknown"


async def test_the_keys_of_a_room_that_was_left_are_gone(bot: Bot, anna: Person, server: Homeserver, tmp_path: Path) -> None:
    await standing(bot, anna)
    await bot.reader.settle(replace(await bot.sync(), left=frozenset({ROOM})))
    await bot.cabinet.flush()

    again = await Bot(tmp_path / "bot.db", server).open()
    batch = await again.sync(anna.say(text("efteråt")))
    await again.cabinet.fetch(Drawer.SEEN, [anna.machine.outbound(ROOM).id])
    await again.close()

    assert [i.kind for i in batch.incoming] == [Kind.UNDECRYPTABLE]
    assert again.cabinet.of(Drawer.SEEN, anna.machine.outbound(ROOM).id) == {}
