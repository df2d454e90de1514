"""`samrum init`: from an empty folder and a fresh account to a bot that can run. Each step may be repeated."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex

from bot.clock import MachineTime
from bot.config import Config, ConfigurationError
from bot.connections import connected
from bot.credentials import make_kek, password
from bot.failures import Permanent, Temporary
from bot.forecast import sentence
from bot.household import Household
from bot.identity import tell_recovery_key
from bot.leadership import alone
from bot.matrix.errors import SignedOut
from bot.matrix.login import Credentials, login_once, logout
from bot.premises import Premises, opened
from care.people import Member, Role
from store import account, directory, migrate
from store.account import Account


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is made: with `new_device` and `new_identity` even in the place of what there is.

    With an administrator's token of the homeserver, the bot's account is freed of its rate limits; the token is not kept.
    Without one, it is said what the limits would mean.
    """

    admin: str
    admin_token: str | None = None
    new_device: bool = False
    new_identity: bool = False


async def install(config: Config, environ: Mapping[str, str], wanted: Wanted) -> None:
    """Make what is missing: folder, KEK, tables, sign-in, identity, first administrator.

    Raises ConfigurationError with what mends it, and Unusable where an identity or device must first be restored or made anew.
    """
    async with alone(config, MachineTime()):
        _make_kek(config)
        await _make_tables(config)
        async with opened(config, environ, MachineTime()) as premises:
            household = Household(premises.database, premises.vault, premises.roster, premises.machine)
            await _sign_in(premises, household, environ, anew=wanted.new_device)
            await _identify(premises, household, environ, anew=wanted.new_identity)
            await _appoint(premises, wanted.admin)
            await household.keep()
            if wanted.admin_token:
                await _free(premises, household, wanted.admin_token)
            else:
                await _foretell(premises)


async def _make_tables(config: Config) -> None:
    try:
        await migrate.upgrade(config.database_url)
    except ValueError as unfit:
        raise ConfigurationError(f"database: {unfit}") from None


def _make_kek(config: Config) -> None:
    config.installation.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if config.kek_file and not config.kek_file.exists():
        make_kek(config.kek_file)


async def _sign_in(premises: Premises, household: Household, environ: Mapping[str, str], *, anew: bool) -> None:
    """Sign in once; a token that has died since is replaced, on the same device, so that transaction ids keep their meaning."""
    matrix = premises.config.matrix
    async with premises.database.read() as tx:
        known = await account.load(tx, premises.vault, matrix.user)
    if known and not anew and await _alive(premises, household):
        return
    device = known.device if known and not anew else f"SAMRUM{token_hex(4).upper()}"
    fresh = await _fresh(premises, environ, device)
    async with premises.database.write() as tx:
        signed_in = Account(fresh.user_id, fresh.device_id, fresh.access_token)
        await account.keep(tx, premises.vault, signed_in, premises.machine.utc())
    if known and anew:
        # One that is already gone, or cannot be reached now, does no harm: its keys are lost.
        with suppress(Temporary, Permanent, SignedOut):
            await logout(matrix.homeserver, known.token, clock=premises.machine)


async def _alive(premises: Premises, household: Household) -> bool:
    edge, _ = await connected(premises, household)
    try:
        await edge.whoami()
    except SignedOut:
        return False
    except (Temporary, Permanent):
        raise ConfigurationError(f"matrix.homeserver: {premises.config.matrix.homeserver} does not answer") from None
    finally:
        await edge.close()
    return True


async def _fresh(premises: Premises, environ: Mapping[str, str], device: str) -> Credentials:
    matrix = premises.config.matrix
    secret = password(matrix, environ)
    if not secret:
        raise ConfigurationError("matrix.password_file: give the account's password in a file or an environment variable, once")
    try:
        fresh = await login_once(matrix.homeserver, matrix.user, secret, device, clock=premises.machine, name=matrix.device)
    except Temporary:
        raise ConfigurationError(f"matrix.homeserver: {matrix.homeserver} does not answer") from None
    except Permanent as refused:
        raise ConfigurationError(f"matrix.user: {matrix.homeserver} refuses the sign-in ({refused.code})") from None
    if fresh.user_id != matrix.user:
        raise ConfigurationError(f"matrix.user: the homeserver calls this account {fresh.user_id}")
    return fresh


async def _identify(premises: Premises, household: Household, environ: Mapping[str, str], *, anew: bool) -> None:
    """Make the account's identity before there is any room: what was said before would stay unreadable (matrix 11.C)."""
    edge, _ = await connected(premises, household, password=_asked(premises, environ))
    try:
        made = await edge.make_identity(anew=anew)
        await edge.start()
    except Temporary:
        raise ConfigurationError(f"matrix.homeserver: {premises.config.matrix.homeserver} does not answer; run samrum init again") from None
    except Permanent as refused:
        raise ConfigurationError(f"matrix.homeserver: refuses the keys of the bot's identity ({refused.code})") from None
    finally:
        await edge.close()
    await tell_recovery_key(premises, unless_prepared=not made)


def _asked(premises: Premises, environ: Mapping[str, str]) -> Callable[[], str]:
    return lambda: password(premises.config.matrix, environ) or ""


async def _appoint(premises: Premises, admin: str) -> None:
    async with premises.database.write() as tx:
        known = await premises.roster.read(tx)
        if admin not in known.administrators():
            member = Member(admin, "", frozenset({Role.SYSTEMFORVALTARE}))
            await directory.put_member(tx, premises.vault, member, premises.machine.utc())


async def _foretell(premises: Premises) -> None:
    async with premises.database.read() as tx:
        units = len((await premises.roster.read(tx)).units)
    sys.stdout.write(f"unless the bot's rate limits are lifted (--admin-token-env): {sentence(units)}\n")


async def _free(premises: Premises, household: Household, admin_token: str) -> None:
    edge, _ = await connected(premises, household)
    try:
        await edge.override_rate_limits(admin_token, premises.config.matrix.user)
    except (Temporary, Permanent) as refused:
        code = refused.code if isinstance(refused, Permanent) else "no answer"
        raise ConfigurationError(f"administrator token: the rate limits could not be lifted ({code}); the rest is done") from None
    finally:
        await edge.close()
