"""`samrum identity`: what an operator does about the bot's identity, beside `samrum init`, which makes it."""

import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import MachineTime
from bot.config import Config, ConfigurationError
from bot.failures import Permanent, Temporary
from bot.matrix.crypto.identity import NONE_YET, Shown, Signers, shown
from bot.matrix.crypto.storage import SecretStorage, fitting
from bot.matrix.login import reached
from bot.matrix.wire import Wire
from bot.premises import Premises, locked, opened
from bot.seeds import SealedSeeds
from store import account
from store.account import Account
from store.identities import Seeds


@dataclass(frozen=True, slots=True)
class Reached:
    """The signed-in account, and a connection to its homeserver."""

    account: Account
    wire: Wire
    seeds: SealedSeeds

    @property
    def storage(self) -> SecretStorage:
        """The account's secret storage."""
        return SecretStorage(self.wire, self.account.user)

    async def shown(self) -> Shown:
        """Return what the homeserver shows of the account."""
        return await shown(self.wire, self.account.user, self.account.device)


async def show(config: Config, environ: Mapping[str, str]) -> int:
    """Print the public keys and whether all is in order; return 1 if not. It may run beside the bot."""
    async with opened(config, environ, MachineTime()) as premises, at_homeserver(premises) as there:
        seen, seeds = await there.shown(), await there.seeds.load()
        stored = await there.storage.prepared()
    checks = tuple(_checks(there.account, seen, seeds, stored=stored))
    for good, line in checks:
        sys.stdout.write(f"{'ok' if good else 'FAIL':4}  {line}\n")
    return 0 if all(good for good, _ in checks) else 1


async def restore(config: Config, environ: Mapping[str, str], words: str) -> None:
    """Fetch the seeds that the recovery key opens, and keep them; raise Unusable if they are not those of the shown identity."""
    with locked(config):
        async with opened(config, environ, MachineTime()) as premises, at_homeserver(premises) as there:
            seeds = fitting(await there.storage.restored(words), (await there.shown()).public)
            await there.seeds.keep(seeds)
    sys.stdout.write("the identity is restored; run samrum init, which signs the bot's device with it\n")


async def new_recovery_key(config: Config, environ: Mapping[str, str]) -> None:
    """Print a new recovery key; the one before opens nothing more. It may run beside the bot."""
    async with opened(config, environ, MachineTime()) as premises:
        await tell_recovery_key(premises)


async def tell_recovery_key(premises: Premises, *, unless_prepared: bool = False) -> None:
    """Store the seeds in the account's secret storage and print the recovery key, this once."""
    async with at_homeserver(premises) as there:
        seeds = await there.seeds.load()
        if seeds is None:
            raise ConfigurationError(f"matrix.user: {NONE_YET}")
        fitting(seeds, (await there.shown()).public)
        if unless_prepared and await there.storage.prepared():
            return
        key = await there.storage.store(seeds)
    sys.stdout.write(
        f"Recovery key of the bot's identity:\n\n    {key}\n\n"
        "It is shown this once and kept nowhere. Write it down and lock it away, apart from the backups:\n"
        "with it, samrum identity restore gets the identity back if the database is lost.\n"
    )


@asynccontextmanager
async def at_homeserver(premises: Premises) -> AsyncGenerator[Reached]:
    """Give the account and a connection; raise ConfigurationError without a sign-in, or where the homeserver does not do as asked."""
    matrix = premises.config.matrix
    async with premises.database.read() as tx:
        known = await account.load(tx, premises.vault, matrix.user)
    if known is None:
        raise ConfigurationError(f"matrix.user: {matrix.user} has not been signed in; run samrum init")
    try:
        async with reached(matrix.homeserver, premises.machine, known.token) as wire:
            yield Reached(known, wire, SealedSeeds(premises, matrix.user))
    except Temporary:
        raise ConfigurationError(f"matrix.homeserver: {matrix.homeserver} does not answer") from None
    except Permanent as refused:
        raise ConfigurationError(f"matrix.homeserver: {matrix.homeserver} refuses a request ({refused.code})") from None


def _checks(known: Account, seen: Shown, seeds: Seeds | None, *, stored: bool) -> Iterator[tuple[bool, str]]:
    own: Mapping[str, str] = Signers.of(seeds).public if seeds else {}
    yield seeds is not None, f"account {known.user}: {'its seeds are in the database' if seeds else 'there are no seeds in the database'}"
    for usage, public in seen.public.items():
        good = bool(public) and public == own.get(usage)
        remark = "" if good else f", in the database: {own.get(usage, 'none')}"
        yield good, f"{usage.replace('_', '-')} key: {public or 'none'}{remark}"
    signed = seen.signed(known.user)
    yield signed, f"device {known.device}: {'signed' if signed else 'not signed'} by the self-signing key"
    yield stored, f"secret storage: {'holds the keys' if stored else 'lacks them; run samrum identity new-recovery-key'}"
