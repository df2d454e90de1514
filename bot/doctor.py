"""`samrum doctor`: each thing that would fail in operation, and how to mend it. It changes nothing and may run beside the bot."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import aiohttp

from bot import app, connections, own_identity
from bot.clock import MachineTime
from bot.config import Config, ConfigurationError
from bot.credentials import read_kek
from bot.findings import Finding, Mark
from bot.forecast import sentence
from bot.premises import Premises, opened
from care.people import Directory
from store import account, backlog
from store.account import Account
from store.sealing import Unopened

SECONDS = 10.0


async def examine(config: Config, environ: Mapping[str, str], admin_token: str | None) -> AsyncIterator[Finding]:
    """Yield the findings; what needs something that failed is left out."""
    for finding in _settings(config, environ):
        yield finding
    yield await _mail(config)
    yield await _homeserver(config)
    try:
        async with opened(config, environ, MachineTime()) as premises:
            yield Finding(Mark.OK, "database: there and up to date")
            async for finding in _inside(premises, admin_token):
                yield finding
    except ConfigurationError as wrong:
        yield Finding(Mark.FAIL, "database", str(wrong))


def _settings(config: Config, environ: Mapping[str, str]) -> Iterator[Finding]:
    checks: dict[str, Callable[[], object]] = {
        "key-encryption key": lambda: read_kek(config, environ),
        "rule profile": lambda: app.rules(config),
        "mail password": lambda: connections.post(config, environ),
    }
    for what, check in checks.items():
        try:
            check()
        except ConfigurationError as wrong:
            yield Finding(Mark.FAIL, what, str(wrong))
        else:
            yield Finding(Mark.OK, what)
    yield _folder(config.installation.data)
    if config.followed:
        yield Finding(Mark.FAIL, "clock: follows another one", 'set clock.source = "system": a followed clock is for the demo only')
    else:
        yield Finding(Mark.OK, "clock: the machine's")


def _folder(data: Path) -> Finding:
    if not data.is_dir():
        return Finding(Mark.FAIL, "data folder: there is none", "run samrum init, or set installation.data to the folder that it made")
    if data.stat().st_mode & 0o077:
        return Finding(Mark.FAIL, "data folder: others may read it", "chmod 700 it")
    return Finding(Mark.OK, "data folder")


async def _mail(config: Config) -> Finding:
    if config.mail is None:
        return Finding(Mark.NOTE, "mail: none configured, invitations stay in the rooms")
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(config.mail.host, config.mail.port)
            writer.close()
    except (OSError, TimeoutError):
        return Finding(Mark.FAIL, f"mail: {config.mail.host} port {config.mail.port} does not answer", "check [mail] and the firewall")
    return Finding(Mark.OK, "mail: the server answers")


async def _homeserver(config: Config) -> Finding:
    status = await _status(config, "/_matrix/client/versions", "")
    if status == HTTPStatus.OK:
        return Finding(Mark.OK, "homeserver: answers")
    return Finding(
        Mark.FAIL, f"homeserver: {config.matrix.homeserver} does not answer", "check matrix.homeserver, its certificate, the network"
    )


async def _inside(premises: Premises, admin_token: str | None) -> AsyncIterator[Finding]:
    async with premises.database.read() as tx:
        try:
            known = await account.load(tx, premises.vault, premises.config.matrix.user)
            directory = await premises.roster.read(tx)
        except Unopened:
            yield Finding(Mark.FAIL, "key-encryption key: does not open this database", "restore the key that the database was made with")
            return
        rows = await backlog.figures(tx)
    yield await _token(premises.config, known)
    if known:
        async for finding in own_identity.examined(premises):
            yield finding
    yield await _limits(premises.config, admin_token, len(directory.units))
    for finding in _staff(directory):
        yield finding
    if rows.parked:
        yield Finding(Mark.NOTE, f"outbox: {rows.parked} rows were given up", "look for outbox.parked in the log")


async def _token(config: Config, known: Account | None) -> Finding:
    if known is None:
        return Finding(Mark.FAIL, "sign-in: the bot's account is not signed in", "run samrum init")
    status = await _status(config, "/_matrix/client/v3/account/whoami", known.token)
    if status == HTTPStatus.OK:
        return Finding(Mark.OK, "sign-in: the token is valid")
    return Finding(Mark.FAIL, f"sign-in: the token is not accepted ({status})", "sign in anew: see the administrator's guide before you do")


async def _limits(config: Config, admin_token: str | None, units: int) -> Finding:
    if not admin_token:
        mend = "give --admin-token-env with a homeserver administrator's token"
        return Finding(Mark.NOTE, f"rate limits: not looked at; {sentence(units)}", mend)
    where = f"{config.matrix.homeserver}/_synapse/admin/v1/users/{config.matrix.user}/override_ratelimit"
    found: object = await _json(where, admin_token)
    if isinstance(found, dict) and found.get("messages_per_second") == 0:  # pyright: ignore[reportUnknownMemberType]
        return Finding(Mark.OK, "rate limits: lifted")
    return Finding(Mark.FAIL, f"rate limits: not lifted; {sentence(units)}", "run samrum init again with --admin-token-env")


def _staff(directory: Directory) -> Iterator[Finding]:
    if not directory.administrators():
        yield Finding(Mark.FAIL, "directory: nobody is systemforvaltare", "run samrum init --admin @user:server")
    if not directory.units:
        yield Finding(Mark.FAIL, "directory: holds no unit", "run samrum import-directory FILE")
    for unit in directory.units.values():
        if unit.open and not directory.staffed(unit.id):
            yield Finding(Mark.NOTE, f"unit {unit.id}: fewer than two people can act for it", "name at least two (S2-119)")


async def _status(config: Config, where: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS), headers=headers) as session,
            session.get(f"{config.matrix.homeserver}{where}") as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


async def _json(where: str, token: str) -> object:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS), headers=headers) as session,
            session.get(where) as answer,
        ):
            found: object = await answer.json()
            return found
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
