"""Who may say whose a room key is: several devices can claim one, and none of them in another's place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.matrix.crypto.identities import Policy
from bot.matrix.incoming import Batch, Kind
from bot.matrix.wire import Json
from tests.bot.matrix.counterparts import ANNA, BOT, MALLORY, ROOM, Bot, Homeserver, Person, text

ORDERS = pytest.mark.parametrize("attacker_first", [True, False])


def key_of(owner: Person) -> Json:
    """What the owner's client gives to all devices in the room, the colleague's too."""
    return owner.machine.room_key(ROOM)


def claim(bot: Bot, claiming: Person, key: Json) -> Json:
    return claiming.letter(bot.machine, "m.room_key", key)


def copied(event: Json, sender: str, number: int = 1) -> Json:
    return {**event, "sender": sender, "event_id": f"$copy{number}"}


def read(batch: Batch) -> list[tuple[str, str, str, bool]]:
    return [(i.kind, i.sender, i.body, i.trusted) for i in batch.incoming]


@ORDERS
async def test_whoever_claims_a_session_first_what_its_maker_says_counts(
    bot: Bot, anna: Person, mallory: Person, *, attacker_first: bool
) -> None:
    key = key_of(anna)
    claims = [claim(bot, mallory, key), claim(bot, anna, key)]
    for each in claims if attacker_first else reversed(claims):
        await bot.sync(to_device=(each,))

    batch = await bot.sync(anna.say(text("!hjälp")))

    assert read(batch) == [(Kind.MESSAGE, ANNA, "!hjälp", True)]
    assert bot.counters["bad_to_device"] == 0


async def test_what_only_somebody_else_claims_waits_for_the_claim_of_its_writer(bot: Bot, anna: Person, mallory: Person) -> None:
    key = key_of(anna)
    early = await bot.sync(anna.say(text("!hjälp")), to_device=(claim(bot, mallory, key),))

    late = await bot.sync(to_device=(claim(bot, anna, key),))

    assert [i.kind for i in early.incoming] == [Kind.UNDECRYPTABLE]
    assert read(late) == [(Kind.MESSAGE, ANNA, "!hjälp", True)]


@ORDERS
@pytest.mark.parametrize("claimed", [True, False])
async def test_a_colleague_who_copies_a_message_that_is_late_does_not_use_it_up(
    bot: Bot, anna: Person, mallory: Person, *, attacker_first: bool, claimed: bool
) -> None:
    key, event = key_of(anna), anna.say(text("ja tranan"))
    claims = [claim(bot, mallory, key), claim(bot, anna, key)] if claimed else [claim(bot, anna, key)]
    await bot.sync(to_device=tuple(claims if attacker_first else reversed(claims)))

    await bot.sync(copied(event, MALLORY))
    original = await bot.sync(event)
    again = await bot.sync(copied(event, ANNA, 2))

    assert read(original) == [(Kind.MESSAGE, ANNA, "ja tranan", True)]
    assert again.incoming == ()
    assert bot.counters["replayed"] == 1


async def test_a_copied_message_is_never_its_writers(bot: Bot, anna: Person, mallory: Person) -> None:
    key, event = key_of(anna), anna.say(text("ja tranan"))
    await bot.sync(to_device=(claim(bot, anna, key),))

    unclaimed = await bot.sync(copied(event, MALLORY))
    claimed = await bot.sync(to_device=(claim(bot, mallory, key),))
    again = await bot.sync(copied(event, MALLORY, 2))

    assert [(i.kind, i.sender) for i in unclaimed.incoming] == [(Kind.UNDECRYPTABLE, MALLORY)]
    assert read(claimed) == [(Kind.MESSAGE, MALLORY, "ja tranan", True)]
    assert again.incoming == ()


@pytest.mark.parametrize("sender_key", ["", "stolen", None, 7])
async def test_what_an_event_says_of_its_device_plays_no_part(bot: Bot, anna: Person, mallory: Person, sender_key: object) -> None:
    key, event = key_of(anna), anna.say(text("hej"))
    named = mallory.machine.identity["curve25519"] if sender_key == "stolen" else sender_key
    content = {**event["content"], "sender_key": named, "device_id": mallory.machine.device}

    batch = await bot.sync({**event, "content": content}, to_device=(claim(bot, mallory, key), claim(bot, anna, key)))

    assert [(i.body, i.trusted, i.device) for i in batch.incoming] == [("hej", True, anna.machine.device)]


@pytest_asyncio.fixture
async def strict(tmp_path: Path, server: Homeserver) -> AsyncIterator[Bot]:
    made = await Bot(tmp_path / "strict.db", server, Policy.CROSS_SIGNED).open()
    yield made
    await made.close()


@ORDERS
async def test_an_unsigned_device_of_the_same_person_cannot_take_the_sessions_of_a_signed_one_nor_its_name(
    strict: Bot, server: Homeserver, tmp_path: Path, *, attacker_first: bool
) -> None:
    signed, unsigned = Person(tmp_path / "signed", ANNA), Person(tmp_path / "unsigned", ANNA, "STOLEN")
    for each in (signed, unsigned):
        each.meet(strict.machine)
    server.identify(signed)
    server.devices[ANNA]["STOLEN"] = unsigned.machine.keys()
    key, own = key_of(signed), key_of(unsigned)
    claims = [claim(strict, unsigned, key), claim(strict, unsigned, own), claim(strict, signed, key)]

    event, forged = signed.say(text("hej")), unsigned.say(text("!ärende avsluta"))
    batch = await strict.sync(event, forged, to_device=tuple(claims if attacker_first else reversed(claims)))
    for each in (signed, unsigned):
        each.machine.close()

    assert [(i.body, i.trusted, i.device) for i in batch.incoming] == [("hej", True, "ANNA1"), ("!ärende avsluta", False, "STOLEN")]


async def test_a_key_in_the_name_of_the_bot_is_refused(bot: Bot, anna: Person, tmp_path: Path) -> None:
    other = Person(tmp_path / "other", BOT, "OTHER")
    other.meet(bot.machine)

    batch = await bot.sync(anna.say(text("hej")), other.say(text("eko")), to_device=(other.room_key(bot.machine),))
    other.machine.close()

    assert batch.sessions == frozenset()
    assert {i.kind for i in batch.incoming} == {Kind.UNDECRYPTABLE}


async def test_a_claim_of_a_later_message_proves_no_earlier_one(bot: Bot, anna: Person, mallory: Person) -> None:
    key, first = key_of(anna), anna.say(text("ett"))
    second = anna.say(text("två"))
    late = key_of(anna)

    batch = await bot.sync(
        copied(first, MALLORY, 1), copied(second, MALLORY, 2), first, to_device=(claim(bot, mallory, late), claim(bot, anna, key))
    )

    assert [(i.kind, i.sender) for i in batch.incoming] == [
        (Kind.UNDECRYPTABLE, MALLORY),
        (Kind.UNDECRYPTABLE, MALLORY),
        (Kind.MESSAGE, ANNA),
    ]
