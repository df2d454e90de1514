"""`samrum init`: from an empty folder and a fresh account to a bot that can run. Each step may be repeated."""

from collections.abc import Mapping
from secrets import token_hex

from bot.app import connected
from bot.clock import MachineTime
from bot.config import Config, ConfigurationError
from bot.credentials import make_kek, password
from bot.failures import Permanent, Temporary
from bot.household import Household
from bot.leadership import alone
from bot.matrix.errors import SignedOut
from bot.matrix.login import Credentials, login_once
from bot.premises import Premises, opened
from care.people import Member, Role
from store import account, directory, migrate
from store.account import Account


async def install(config: Config, environ: Mapping[str, str], admin: str, admin_token: str | None) -> None:
    """Make what is missing: folder, KEK, tables, sign-in, first administrator; raise ConfigurationError with what mends it.

    With an administrator's token of the homeserver, the bot's account is freed of its rate limits; the token is not kept.
    """
    async with alone(config, MachineTime()):
        _make_kek(config)
        await _make_tables(config)
        async with opened(config, environ, MachineTime()) as premises:
            household = Household(premises.database, premises.vault, premises.roster, premises.machine)
            await _sign_in(premises, household, environ)
            await _appoint(premises, admin)
            await household.keep()
            if admin_token:
                await _free(premises, household, admin_token)


async def _make_tables(config: Config) -> None:
    try:
        await migrate.upgrade(config.database_url)
    except ValueError as unfit:
        raise ConfigurationError(f"database: {unfit}") from None


def _make_kek(config: Config) -> None:
    config.installation.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if config.kek_file and not config.kek_file.exists():
        make_kek(config.kek_file)


async def _sign_in(premises: Premises, household: Household, environ: Mapping[str, str]) -> None:
    """Sign in once; a token that has died since is replaced, on the same device, so that transaction ids keep their meaning."""
    async with premises.database.read() as tx:
        known = await account.load(tx, premises.vault, premises.config.matrix.user)
    if known and await _alive(premises, household):
        return
    device, pickle_key = (known.device, known.pickle_key) if known else (f"SAMRUM{token_hex(4).upper()}", token_hex(32))
    fresh = await _fresh(premises, environ, device)
    async with premises.database.write() as tx:
        kept = Account(fresh.user_id, fresh.device_id, fresh.access_token, pickle_key)
        await account.keep(tx, premises.vault, kept, premises.machine.utc())


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


async def _appoint(premises: Premises, admin: str) -> None:
    async with premises.database.write() as tx:
        known = await premises.roster.read(tx)
        if admin not in known.administrators():
            member = Member(admin, "", frozenset({Role.SYSTEMFORVALTARE}))
            await directory.put_member(tx, premises.vault, member, premises.machine.utc())


async def _free(premises: Premises, household: Household, admin_token: str) -> None:
    edge, _ = await connected(premises, household)
    try:
        await edge.override_rate_limits(admin_token, premises.config.matrix.user)
    except (Temporary, Permanent) as refused:
        code = refused.code if isinstance(refused, Permanent) else "no answer"
        raise ConfigurationError(f"administrator token: the rate limits could not be lifted ({code}); the rest is done") from None
    finally:
        await edge.close()
