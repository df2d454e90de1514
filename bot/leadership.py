"""One live process per bot account: on SQLite by a file lock, on PostgreSQL by a lease that others may wait for (decision 0010).

Who has lost the lease ends at once and hard: nothing may be written, sent or tidied up any more, for another process has begun. That is
looked at from three sides: the database refuses its writes, nothing leaves unless the lease was renewed lately by the machine's own time
(`Leadership.fence`), and an alarm ends a process that could not renew in time.
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import NoReturn

from sqlalchemy.exc import DBAPIError

from bot.config import Config, ConfigurationError
from bot.log import logger
from bot.premises import NO_DRIVER, Premises, check, locked
from care.clock import MachineClock
from store.database import Transaction
from store.lease import VALID, Lease, Lost, Registry

DEPOSED = 3
"""The exit code of a process that lost its lease."""
RENEW_SECONDS = 2.0
RETRY_SECONDS = 0.25
LOOK_SECONDS = 1.0
"""How often one that waits looks whether the lease is to be had."""
SAFE_SECONDS = VALID.total_seconds() - 1.0
"""How long after the beginning of the last renewal something may still be sent; a request begun later could arrive after a take-over."""
AWAY = (DBAPIError, OSError, TimeoutError)

log = logger("bot.leadership")


def end_process() -> NoReturn:
    """End without any tidying up, since all that it could do is another's now."""
    os._exit(DEPOSED)


class Leadership:
    """A lease that is held. `fence` goes before everything that leaves, `require` into every writing transaction."""

    def __init__(
        self, registry: Registry, lease: Lease, machine: MachineClock, began: float, end: Callable[[], NoReturn] = end_process
    ) -> None:
        self._registry = registry
        self._lease = lease
        self._machine = machine
        self._renewed = began
        self._end = end
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def _left(self) -> float:
        return self._renewed + SAFE_SECONDS - self._machine.monotonic()

    def fence(self) -> None:
        """End the process unless the lease was renewed lately enough for a request to arrive in time."""
        if self._left <= 0:
            self._deposed("late")

    async def require(self, tx: Transaction) -> None:
        """End the process unless the database says that the lease is in force."""
        try:
            await self._lease.require(tx)
        except Lost:
            self._deposed("lost")

    async def keep(self) -> NoReturn:
        """Renew until cancelled, and end the process when that does not succeed in time."""
        self._watch()
        try:
            while True:
                rest = RENEW_SECONDS if await self._renew() else RETRY_SECONDS
                await asyncio.sleep(rest)
        finally:
            if self._alarm:
                self._alarm.cancel()

    def _watch(self) -> None:
        """Look by a timer of the loop itself: after a freeze it rings before any task goes on."""
        self.fence()
        self._alarm = asyncio.get_running_loop().call_later(self._left, self._watch)

    async def _renew(self) -> bool:
        began = self._machine.monotonic()
        try:
            await self._registry.renew(self._lease)
        except Lost:
            self._deposed("lost")
        except AWAY as error:
            log.warning("leadership.not_renewed", reason=type(error).__name__)
            return False
        self._renewed = began
        return True

    async def give_back(self) -> None:
        """Let the next process begin at once; where the database does not answer, the lease runs out by itself."""
        with suppress(*AWAY):
            await self._registry.give_back(self._lease)

    def _deposed(self, why: str) -> NoReturn:
        log.critical("leadership.deposed", reason=why, code=DEPOSED)
        self._end()


@asynccontextmanager
async def leading(premises: Premises, stop: asyncio.Event) -> AsyncGenerator[Callable[[], None] | None]:
    """Give what goes before everything that leaves, as soon as this process may work; None when `stop` is set before.

    On SQLite that is at once: the file lock is held. Raises ConfigurationError when the database was migrated while this one waited.
    """
    if premises.database.sqlite:
        yield _unfenced
        return
    async with _registry(premises.config) as registry:
        lead = await _won(registry, premises.machine, stop)
        if lead is None:
            yield None
            return
        premises.database.fence(lead.require)
        async with _kept(lead):
            await check(premises.config)
            yield lead.fence


def _unfenced() -> None:
    """Let everything pass: nobody else can work while this process lives."""


@asynccontextmanager
async def alone(config: Config, machine: MachineClock) -> AsyncGenerator[None]:
    """Hold the installation while an operator's command works on it; raise ConfigurationError while another process does."""
    async with AsyncExitStack() as stack:
        if config.on_sqlite:
            stack.enter_context(locked(config))
        else:
            registry = await stack.enter_async_context(_registry(config))
            if lead := await _claimed(registry, machine):
                await stack.enter_async_context(_kept(lead))
        yield


async def _claimed(registry: Registry, machine: MachineClock) -> Leadership | None:
    """Return the leadership; None over a database without tables, which nobody can work with."""
    try:
        if not await registry.kept():
            return None
        began = machine.monotonic()
        if lease := await registry.acquire():
            return Leadership(registry, lease, machine, began)
        holder = await registry.holder()
    except AWAY as error:
        raise ConfigurationError(f"database.url: the database does not answer ({type(error).__name__})") from None
    raise ConfigurationError(f"another samrum process ({holder or 'that just ended'}) works on this installation; stop it first")


async def _won(registry: Registry, machine: MachineClock, stop: asyncio.Event) -> Leadership | None:
    told = False
    while not stop.is_set():
        began = machine.monotonic()
        if lease := await _tried(registry):
            log.info("leadership.won", revision=lease.epoch)
            return Leadership(registry, lease, machine, began)
        if not told:
            log.info("leadership.standby")
            told = True
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await stop.wait()
    return None


async def _tried(registry: Registry) -> Lease | None:
    try:
        return await registry.acquire()
    except AWAY as error:
        log.warning("leadership.no_answer", reason=type(error).__name__)
        return None


@asynccontextmanager
async def _registry(config: Config) -> AsyncGenerator[Registry]:
    try:
        registry = Registry(config.database_url, config.matrix.user, f"{socket.gethostname()}:{os.getpid()}")
    except ModuleNotFoundError:
        raise ConfigurationError(NO_DRIVER) from None
    try:
        yield registry
    finally:
        await registry.close()


@asynccontextmanager
async def _kept(lead: Leadership) -> AsyncGenerator[None]:
    keeping = asyncio.create_task(lead.keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await lead.give_back()
