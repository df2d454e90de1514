"""Room keys between their letter and the batch that names them: whatever breaks off, none is lost and none unsaid."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.inbound import Ears
from bot.matrix.errors import Temporary
from store.database import Database, Transaction
from tests.bot.matrix.counterparts import ROOM, Bot, Homeserver, Person, text

Transacting = Callable[[Database], AbstractAsyncContextManager[Transaction]]


class Away(Exception):  # noqa: N818 - names the state
    """Stands for a database that does not answer."""


@pytest_asyncio.fixture
async def listening(bot: Bot, anna: Person) -> Bot:
    """A bot that has heard of Anna's device, and of no room key yet."""
    await bot.sync(to_device=(anna.letter(bot.machine, "m.dummy", {}),))
    return bot


@asynccontextmanager
async def restarted(tmp_path: Path, server: Homeserver) -> AsyncGenerator[Bot]:
    """The bot as it is after a kill: what was not committed is gone."""
    again = await Bot(tmp_path / "bot.db", server).open()
    yield again
    await again.close()


def session_of(person: Person) -> str:
    return str(person.machine.outbound(ROOM).id)


async def broken_off(bot: Bot, key: dict[str, object]) -> None:
    """Read a sync whose letter is opened and whose room cannot be looked up then."""

    def read(_database: Database) -> None:
        raise Away

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(bot.database), "read", read)
        with pytest.raises(Away):
            await bot.read(to_device=(key,))


async def test_a_key_whose_room_could_not_be_looked_up_is_taken_by_the_next_sync(listening: Bot, anna: Person) -> None:
    key = anna.room_key(listening.machine)
    await broken_off(listening, key)
    await listening.cabinet.flush()

    batch = await listening.sync(anna.say(text("hej")))

    assert [i.body for i in batch.incoming] == ["hej"]
    assert batch.sessions == {session_of(anna)}


async def test_a_key_whose_taking_was_cancelled_is_taken_by_the_next_sync(
    listening: Bot, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, fetching = anna.room_key(listening.machine), asyncio.Event()

    async def fetch(_ears: Ears, *_asked: object) -> None:
        fetching.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Ears, "fetch", fetch)
        reading = asyncio.create_task(listening.read(to_device=(key,)))
        await fetching.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    await listening.cabinet.flush()

    assert [i.body for i in (await listening.sync(anna.say(text("hej")))).incoming] == ["hej"]


@pytest.mark.parametrize("told_again", [True, False])
async def test_a_kill_between_the_ratchet_and_the_key_that_came_through_it_loses_nothing(
    listening: Bot, anna: Person, server: Homeserver, tmp_path: Path, *, told_again: bool
) -> None:
    key = anna.room_key(listening.machine)
    await broken_off(listening, key)
    await listening.cabinet.flush()

    async with restarted(tmp_path, server) as again:
        batch = await again.sync(anna.say(text("hej")), to_device=(key,) if told_again else ())

    assert [i.body for i in batch.incoming] == ["hej"]
    assert batch.sessions == {session_of(anna)}


async def test_a_letter_that_is_told_again_is_neither_bad_nor_a_sign_that_its_device_is_out_of_step(
    listening: Bot, anna: Person, server: Homeserver, tmp_path: Path
) -> None:
    key = anna.room_key(listening.machine)
    await broken_off(listening, key)
    await listening.sync(to_device=(key, key))
    other = anna.room_key(listening.machine)
    await listening.read(to_device=(other,))
    await listening.cabinet.flush()

    async with restarted(tmp_path, server) as again:
        await again.sync(to_device=(other,))

    for each in (listening, again):
        assert each.machine.out_of_step() == frozenset()
        assert each.counters["bad_to_device"] == 0


async def test_a_key_that_was_committed_before_its_batch_is_named_by_the_first_batch_after_a_kill(
    bot: Bot, anna: Person, server: Homeserver, tmp_path: Path
) -> None:
    await bot.read(to_device=(anna.room_key(bot.machine),))
    await bot.cabinet.flush()

    async with restarted(tmp_path, server) as again:
        unrecorded = await again.read()
        first, second = await again.sync(), await again.sync()
    async with restarted(tmp_path, server) as later:
        third = await later.sync()

    assert unrecorded.sessions == first.sessions == {session_of(anna)}
    assert second.sessions == third.sessions == frozenset()


async def test_nothing_is_left_of_a_key_that_was_named(bot: Bot, anna: Person, server: Homeserver, tmp_path: Path) -> None:
    for committed_before in (True, False):
        await bot.read(to_device=(anna.room_key(bot.machine), anna.letter(bot.machine, "m.dummy", {})))
        if committed_before:
            await bot.cabinet.flush()
        await bot.sync()

        async with restarted(tmp_path, server) as again:
            await again.cabinet.fetch(Drawer.ARRIVAL, ["SAMRUM"])
            assert again.cabinet.of(Drawer.ARRIVAL, "SAMRUM") == {} == bot.cabinet.of(Drawer.ARRIVAL, "SAMRUM")


async def test_a_key_is_named_until_a_batch_is_recorded(bot: Bot, anna: Person, server: Homeserver) -> None:
    key = anna.room_key(bot.machine)
    server.away = True
    with pytest.raises(Temporary):
        await bot.sync(anna.say(text("hej")), to_device=(key,))
    server.away = False

    named = [(await bot.read()).sessions, (await bot.sync()).sessions, (await bot.sync()).sessions]

    assert named == [{session_of(anna)}, {session_of(anna)}, frozenset()]


async def test_wherever_the_database_fails_no_key_is_lost_and_none_unsaid(
    bot: Bot, anna: Person, server: Homeserver, tmp_path: Path
) -> None:
    known: frozenset[str] = frozenset()
    calls, failed = 0, True
    while failed:
        anna.machine.forget_outbound(ROOM)
        key, event = anna.room_key(bot.machine), anna.say(text(f"hej {calls}"))
        async with restarted(tmp_path, server) as one, restarted(tmp_path, server) as other:
            failed = await failing(one, calls, event, key)
            await one.cabinet.flush()
            batch = await other.sync(event, to_device=(key,))

        assert [i.body for i in batch.incoming] == [f"hej {calls}"]
        assert batch.sessions - known == ({session_of(anna)} if failed else frozenset())
        known |= {session_of(anna)}
        calls += 1

    assert calls > 5


async def failing(bot: Bot, calls: int, event: dict[str, object], key: dict[str, object]) -> bool:
    """Sync with a database that fails after so many transactions; return whether it did."""
    left = iter(range(calls))

    def counted(transaction: Transacting) -> Transacting:
        def begin(database: Database) -> AbstractAsyncContextManager[Transaction]:
            if next(left, None) is None:
                raise Away
            return transaction(database)

        return begin

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "read", counted(Database.read))
        patch.setattr(Database, "write", counted(Database.write))
        try:
            await bot.sync(event, to_device=(key,))
        except Away:
            return True
    return False


@pytest.mark.parametrize("depth", [600, 800])
async def test_a_letter_nested_as_deep_as_can_be_is_taken_like_any_other(bot: Bot, anna: Person, depth: int) -> None:
    nested: object = "x"
    for _ in range(depth):
        nested = [nested]
    key = anna.machine.room_key(ROOM)
    letter = anna.letter(bot.machine, "m.room_key", {**key, "more": nested})

    batch = await bot.sync(anna.say(text("hej")), to_device=(letter,))

    assert batch.sessions == {key["session_id"]}
    assert [each.body for each in batch.incoming] == ["hej"]
