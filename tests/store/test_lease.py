"""The lease, on a real PostgreSQL: who has it, for how long, and what one who stopped in the middle cannot do any more."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from store.database import ONE_WRITER, Database
from store.lease import Lease, Lost, Registry
from store.tables import counts, leases
from tests import databases

pytestmark = pytest.mark.postgres

BOT = "@samrum:almfors.test"
COUNT = {"day": "2026-09-01", "what": "protected", "number": 1}


@pytest.fixture
def url() -> Iterator[str]:
    with databases.on_postgres() as made:
        yield made


@pytest_asyncio.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    await opened.close()


@asynccontextmanager
async def registry(url: str, holder: str = "one", account: str = BOT) -> AsyncGenerator[Registry]:
    made = Registry(url, account, holder)
    yield made
    await made.close()


async def run_out(database: Database) -> None:
    """Let the lease run out, without waiting for whoever writes."""
    async with database.engine.begin() as tx:
        await tx.execute(update(leases).values(until=func.clock_timestamp() - timedelta(milliseconds=1)))


async def counted(database: Database) -> int:
    async with database.read() as tx:
        return await tx.scalar(select(func.count()).select_from(counts)) or 0


async def test_the_first_who_asks_has_the_lease_and_nobody_else_gets_it_while_it_lasts(url: str) -> None:
    async with registry(url, "one") as one, registry(url, "two") as two:
        lease = await one.acquire()

        assert lease == Lease(BOT, 1)
        assert await two.acquire() is None
        assert await one.acquire() is None
        assert await two.holder() == "one"


async def test_two_who_ask_at_once_do_not_both_get_it(url: str) -> None:
    async with registry(url, "one") as one, registry(url, "two") as two:
        found = await asyncio.gather(one.acquire(), two.acquire())

    assert sorted(lease is None for lease in found) == [False, True]


async def test_each_account_has_a_lease_of_its_own(url: str) -> None:
    async with registry(url) as one, registry(url, account="@other:almfors.test") as other:
        assert await one.acquire()
        assert await other.acquire()


async def test_what_ran_out_goes_to_the_next_in_a_new_epoch_and_the_earlier_one_is_lost(url: str, database: Database) -> None:
    async with registry(url, "one") as one, registry(url, "two") as two:
        first = await one.acquire()
        assert first
        await run_out(database)
        with pytest.raises(Lost):
            await one.renew(first)

        second = await two.acquire()

        assert second == Lease(BOT, 2)
        with pytest.raises(Lost):
            await one.renew(first)
        await one.give_back(first)
        assert await one.holder() == "two"


async def test_a_renewal_makes_it_last_for_six_seconds_of_the_databases_time(url: str, database: Database) -> None:
    async with registry(url) as one:
        lease = await one.acquire()
        assert lease
        async with database.write() as tx:
            await tx.execute(update(leases).values(until=func.clock_timestamp() + timedelta(seconds=1)))

        await one.renew(lease)

        async with database.read() as tx:
            left = await tx.scalar(select(leases.c.until - func.clock_timestamp()))
        assert left is not None
        assert timedelta(seconds=4) < left <= timedelta(seconds=6)


async def test_one_that_is_given_back_is_free_at_once(url: str) -> None:
    async with registry(url, "one") as one, registry(url, "two") as two:
        lease = await one.acquire()
        assert lease
        await one.give_back(lease)

        assert await two.acquire() == Lease(BOT, 2)


async def test_a_write_without_the_lease_in_force_is_refused_and_leaves_nothing(url: str, database: Database) -> None:
    other = Database(url)
    async with registry(url) as one:
        lease = await one.acquire()
        assert lease
        database.fence(lease.require)
        async with database.write() as tx:
            await tx.execute(insert(counts).values(COUNT))
        await run_out(other)

        with pytest.raises(Lost):
            async with database.write() as tx:
                await tx.execute(insert(counts).values(COUNT | {"day": "2026-09-02"}))

    assert await counted(database) == 1
    await other.close()


async def test_a_renewal_does_not_wait_for_a_long_write(url: str, database: Database) -> None:
    async with registry(url) as one:
        lease = await one.acquire()
        assert lease
        async with database.write():
            async with asyncio.timeout(1):
                await one.renew(lease)


async def test_a_take_over_waits_for_a_commit_in_progress(url: str, database: Database) -> None:
    async with registry(url, "one") as one, registry(url, "two") as two:
        lease = await one.acquire()
        assert lease
        database.fence(lease.require)
        writing, other = asyncio.Event(), Database(url)

        async def slowly() -> None:
            async with database.write() as tx:
                writing.set()
                await asyncio.sleep(0.5)
                await tx.execute(insert(counts).values(COUNT))

        async def overtaking() -> int:
            await writing.wait()
            await asyncio.sleep(0.1)
            await run_out(other)
            assert await two.acquire() == Lease(BOT, 2)
            return await counted(other)

        _, seen = await asyncio.gather(slowly(), overtaking())

        assert seen == 1
        await other.close()


async def test_a_writer_that_stops_in_the_middle_is_ended_by_the_server_and_keeps_nothing(url: str, database: Database) -> None:
    other = Database(url)
    async with registry(url) as one:
        lease = await one.acquire()
        assert lease
        database.fence(lease.require)

    async def stops() -> None:
        async with database.write() as tx:
            await tx.execute(insert(counts).values(COUNT))
            async with asyncio.timeout(4), other.write() as second:
                await second.execute(insert(counts).values(COUNT | {"day": "2026-09-02"}))
            await tx.execute(insert(counts).values(COUNT | {"day": "2026-09-03"}))

    with pytest.raises(DBAPIError):
        await stops()

    assert await counted(other) == 1
    await other.close()


async def test_a_stopped_writer_whom_the_server_does_not_end_is_ended_by_who_takes_over(url: str) -> None:
    async with registry(url, "one") as one:
        lease = await one.acquire()
        assert lease
        engine, database = create_async_engine(url), Database(url)
        await run_out(database)
        async with engine.connect() as frozen:
            await frozen.execute(ONE_WRITER)
            await frozen.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            async with registry(url, "two") as two:
                assert await two.acquire() is None
                assert await two.acquire() == Lease(BOT, 2)
            with pytest.raises(DBAPIError):
                await frozen.execute(text("SELECT 1"))
        await engine.dispose()
        await database.close()


async def test_a_database_that_is_not_migrated_has_no_leases() -> None:
    with databases.server().database("template0") as url:
        async with registry(url) as one:
            assert not await one.kept()
    with databases.on_postgres() as url:
        async with registry(url) as one:
            assert await one.kept()


async def test_two_processes_that_write_at_once_take_turns(url: str, database: Database) -> None:
    other = Database(url)

    async def taking(through: Database) -> None:
        for _ in range(20):
            async with through.write() as tx:
                taken = await tx.scalar(select(func.count()).select_from(counts)) or 0
                await tx.execute(insert(counts).values(COUNT | {"what": str(taken)}))

    await asyncio.gather(taking(database), taking(other))

    assert await counted(database) == 40
    await other.close()


async def test_what_is_read_in_one_transaction_is_of_one_moment(url: str, database: Database) -> None:
    other = Database(url)
    async with database.read() as tx:
        before = await tx.scalar(select(func.count()).select_from(counts))
        async with other.write() as writing:
            await writing.execute(insert(counts).values(COUNT))
        after = await tx.scalar(select(func.count()).select_from(counts))

    assert (before, after) == (0, 0)
    await other.close()
