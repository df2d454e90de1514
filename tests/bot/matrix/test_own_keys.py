"""The keys that others begin a session with: none is lost to a crash, and one that was handed out opens what was begun with it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.matrix.crypto.account import CURVE
from bot.matrix.wire import Json
from tests.bot.matrix.counterparts import ANNA, BOT, MALLORY, Bot, Homeserver, Person, text
from tests.bot.shelves import TestClock

FULL = {CURVE: 50}


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2026, 9, 1, tzinfo=UTC))


@pytest_asyncio.fixture
async def bot(tmp_path: Path, server: Homeserver, clock: TestClock) -> AsyncIterator[Bot]:
    made = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    yield made
    await made.close()


@pytest_asyncio.fixture
async def people(tmp_path: Path, server: Homeserver) -> AsyncIterator[tuple[Person, Person]]:
    """Two who have not met the bot yet."""
    made = Person(tmp_path / "anna", ANNA), Person(tmp_path / "mallory", MALLORY)
    for each in made:
        server.knows(each)
    yield made
    for each in made:
        each.machine.close()


def offered(bot: Bot, kind: str) -> dict[str, Any]:
    """Upload what is to be uploaded, and return one of the keys of a kind, if there were any."""
    content: Json = bot.machine.account.unpublished()
    if content:
        bot.machine.account.published({"one_time_key_counts": {CURVE: 50}})
    return one(content.get(kind, {}))


def one(keys: dict[str, Any]) -> dict[str, Any]:
    return dict(list(keys.items())[:1])


def begun(person: Person, bot: Bot, key: dict[str, Any]) -> Json:
    """Return the first message of a session that a person begins with a key of the bot: a room key."""
    person.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})
    person.machine.meet(BOT, "SAMRUM", key)
    return person.room_key(bot.machine)


async def test_a_used_fallback_key_is_replaced_after_a_week_and_opens_what_was_begun_with_it_until_it_is_replaced_again(
    bot: Bot, people: tuple[Person, Person], server: Homeserver, clock: TestClock, tmp_path: Path
) -> None:
    first = offered(bot, "fallback_keys")
    letters = [begun(person, bot, first) for person in people]

    renewed: list[bool] = []
    for days in (6, 1, 6):
        clock.forward(days=days)
        await bot.sync(device_one_time_keys_count=FULL)
        renewed.append(bool(offered(bot, "fallback_keys")))
    await bot.cabinet.flush()
    again = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    timely = await again.sync(to_device=(letters[0],))
    clock.forward(days=1)
    await again.sync(device_one_time_keys_count=FULL)
    offered(again, "fallback_keys")
    late = await again.sync(to_device=(letters[1],))
    await again.close()

    assert renewed == [False, True, False]
    assert (len(timely.sessions), len(late.sessions)) == (1, 0)
    assert {user for user, _ in again.machine.out_of_step()} == {MALLORY}


async def test_an_unused_fallback_key_is_not_replaced(bot: Bot, clock: TestClock) -> None:
    offered(bot, "fallback_keys")
    clock.forward(days=100)

    await bot.sync(device_one_time_keys_count=FULL, device_unused_fallback_key_types=[CURVE])

    assert bot.machine.account.unpublished() == {}


@pytest.mark.parametrize("kind", ["one_time_keys", "fallback_keys"])
@pytest.mark.parametrize("committed", [False, True])
async def test_a_kill_after_a_key_was_used_loses_nothing_whether_its_use_was_committed_or_not(
    bot: Bot, people: tuple[Person, Person], server: Homeserver, clock: TestClock, tmp_path: Path, kind: str, committed: bool
) -> None:
    anna, _ = people
    key = offered(bot, kind)
    await bot.cabinet.flush()
    letter = begun(anna, bot, key)
    said = anna.say(text("hej"))
    await bot.read(said, to_device=(letter,))
    if committed:
        await bot.cabinet.flush()

    again = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    batch = await again.sync(said, to_device=(letter,))
    await again.close()

    assert [i.body for i in batch.incoming] == ["hej"]


async def test_a_kill_between_the_offer_and_its_receipt_leaves_keys_that_open_what_was_begun_with_them(
    bot: Bot, people: tuple[Person, Person], server: Homeserver, clock: TestClock, tmp_path: Path
) -> None:
    offer = bot.machine.account.unpublished()
    await bot.cabinet.flush()  # as before each request; the answer is lost with the process

    again = await Bot(tmp_path / "bot.db", server, clock=clock).open()
    repeated = again.machine.account.unpublished()
    again.machine.account.published({"one_time_key_counts": {CURVE: 50}})
    kinds = ("one_time_keys", "fallback_keys")
    letters = [begun(person, again, one(offer[kind])) for person, kind in zip(people, kinds, strict=True)]
    batch = await again.sync(to_device=tuple(letters))
    await again.close()

    assert repeated == offer
    assert len(batch.sessions) == 2
