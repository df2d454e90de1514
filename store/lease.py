"""The lease by which one process works for an account on PostgreSQL (architecture 11, decision 0010).

All times are the database's: two machines share no other clock. Each lease has an epoch; whoever takes it over begins a new one, and what
the earlier holder still tries to write is refused (`Lease.require`). A take-over has the writer's lock, so it comes after a commit in
progress and before everything later.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, inspect, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store.database import ONE_WRITER, WRITER, Transaction
from store.tables import leases

VALID = timedelta(seconds=6)
"""How long a lease lasts without being renewed."""
STATEMENT_SECONDS = 2.0
"""How long the database may take for one statement about a lease."""
LOCKED = "55P03"
"""PostgreSQL's word for a lock that was not to be had in time (lock_not_available)."""
OVERDUE = text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = :first AND objid = :second AND objsubid = 2"
).bindparams(first=WRITER[0], second=WRITER[1])
"""Ends whoever holds the writer's lock; two-part advisory locks have objsubid 2."""


class Lost(Exception):  # noqa: N818 - says what happened; the process that lost its lease is not in error
    """The lease has run out, or another process has it: nothing may be written or sent any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one process to work for an account, during one epoch."""

    account: str
    epoch: int

    async def require(self, tx: Transaction) -> None:
        """Raise Lost unless the lease is in force; in a writing transaction it then is until the transaction ends."""
        if await tx.scalar(select(leases.c.epoch).where(_in_force(self))) is None:
            raise Lost


def _in_force(lease: Lease) -> ColumnElement[bool]:
    return (leases.c.account == lease.account) & (leases.c.epoch == lease.epoch) & (leases.c.until > func.clock_timestamp())


class Registry:
    """Takes, renews and gives back leases, over a connection of its own whose statements end within two seconds.

    Every method raises DBAPIError, OSError or TimeoutError while the database does not answer.
    """

    def __init__(self, url: str, account: str, holder: str) -> None:
        self._account = account
        self._holder = holder
        milliseconds = str(round(STATEMENT_SECONDS * 1000))
        server = {"lock_timeout": milliseconds, "idle_in_transaction_session_timeout": milliseconds}
        hasty = {"timeout": STATEMENT_SECONDS, "command_timeout": STATEMENT_SECONDS + 0.5, "server_settings": server}
        self._engine: AsyncEngine = create_async_engine(url, connect_args=hasty, pool_size=1, max_overflow=0)

    async def kept(self) -> bool:
        """Whether the database has leases at all; one that is not migrated yet has none."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(lambda sync: inspect(sync).has_table(leases.name))

    async def holder(self) -> str:
        """Return who has the account's lease, "" for nobody."""
        async with self._engine.connect() as connection:
            where = (leases.c.account == self._account) & (leases.c.until > func.clock_timestamp())
            return await connection.scalar(select(leases.c.holder).where(where)) or ""

    async def acquire(self) -> Lease | None:
        """Return the lease in a new epoch, None while somebody has it.

        A writer that stands in the way for two seconds after the lease ran out has stopped in the middle: its session is ended, and the
        lease is to be had at the next try.
        """
        if await self.holder():
            return None
        try:
            return await self._take_over()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != LOCKED:
                raise
        async with self._engine.begin() as tx:
            await tx.execute(OVERDUE)
        return None

    async def _take_over(self) -> Lease | None:
        until = func.clock_timestamp() + VALID
        first = insert(leases).values(account=self._account, epoch=1, holder=self._holder, until=until)
        taken = first.on_conflict_do_update(
            index_elements=[leases.c.account],
            set_={"epoch": leases.c.epoch + 1, "holder": self._holder, "until": until},
            where=leases.c.until <= func.clock_timestamp(),
        )
        async with self._engine.begin() as tx:
            await tx.execute(ONE_WRITER)
            epoch: int | None = await tx.scalar(taken.returning(leases.c.epoch))
        return Lease(self._account, epoch) if epoch else None

    async def renew(self, lease: Lease) -> None:
        """Make the lease last from now on again; raise Lost when it has run out or is another's."""
        await self._extend(lease, VALID)

    async def give_back(self, lease: Lease) -> None:
        """Let the next one have the lease at once; one that was lost already is left alone."""
        try:
            await self._extend(lease, timedelta())
        except Lost:
            return

    async def _extend(self, lease: Lease, how_long: timedelta) -> None:
        async with self._engine.begin() as tx:
            changed = await tx.execute(update(leases).where(_in_force(lease)).values(until=func.clock_timestamp() + how_long))
        if changed.rowcount == 0:
            raise Lost

    async def close(self) -> None:
        """Close the connection, without waiting for a server that does not answer."""
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                await self._engine.dispose()
        except TimeoutError:
            return
