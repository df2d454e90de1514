"""The command line: `samrum`, or `python -m bot`.

Exit codes: 0 done, 1 something broke (the log has the trace), 2 an operator must do something first (the message says what), 3 the lease
was lost to a standby, or could not be renewed (`bot.leadership`).
"""

# ruff: noqa: E402 - the search for garbage begins after the imports

import gc

gc.disable()  # they leave none, and a fifth of their time went into looking for it

import argparse
import asyncio
import getpass
import os
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from bot import app, identity, upkeep
from bot.clock import MachineTime
from bot.config import Config, ConfigurationError, load
from bot.credentials import variable
from bot.doctor import examine
from bot.findings import Mark
from bot.installing import Wanted, install
from bot.log import configure, logger, stream
from bot.matrix.errors import SignedOut, Unusable

gc.freeze()
gc.enable()

DONE, BROKEN, MENDABLE = 0, 1, 2
PRIVATE = 0o077
"""What is taken from the mode of every file that is made: only the bot's account may open it."""

log = logger("bot")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    os.umask(PRIVATE)
    options = _parser().parse_args(arguments)
    try:
        config = load(options.config, os.environ)
        configure(config.logging.level, MachineTime(), stream(config.logging.file))
        return asyncio.run(_command(options, config, os.environ))
    except ConfigurationError as wrong:
        return _told(*wrong.problems)
    except (SignedOut, Unusable) as away:
        return _told(str(away))
    except Exception as error:  # noqa: BLE001 - the named guard: whatever ends the process leaves a trace without content
        return _ended(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="samrum", description="Matrix bot for coordinated care planning.")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help="configuration file (default: config.toml)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    init = commands.add_parser("init", parents=[common], help="sign in and make what is missing")
    init.add_argument("--admin", required=True, metavar="@USER:SERVER", help="Matrix id of the first administrator")
    init.add_argument("--new-device", action="store_true", help="sign in as a new device: the old one's keys are lost")
    init.add_argument("--new-identity", action="store_true", help="make a new identity: the old one and its recovery key are lost")
    run = commands.add_parser("run", parents=[common], help="run the bot until it is stopped")
    run.set_defaults(admin_token_env=None)
    commands.add_parser("migrate", parents=[common], help="bring the database to this release (make a backup first)")
    directory = commands.add_parser("import-directory", parents=[common], help="replace the directory by that of a file")
    directory.add_argument("file", type=Path, metavar="FILE")
    audit = commands.add_parser("audit", parents=[common], help="check the journal")
    audit.add_argument("what", choices=["verify"])
    audit.add_argument("--receipt", action="append", default=[], metavar="TEXT", help="a posted head (SAMRUM-HEAD …), may be repeated")
    own = commands.add_parser("identity", parents=[common], help="show or restore the bot's identity, or make a new recovery key")
    own.add_argument("what", choices=["show", "restore", "new-recovery-key"])
    own.add_argument("--recovery-key-env", metavar="NAME", help="environment variable with the recovery key, for restore")
    commands.add_parser("rebuild", parents=[common], help="make the indexes anew from the journal")
    doctor = commands.add_parser("doctor", parents=[common], help="name what would fail in operation")
    for command in (init, doctor):
        command.add_argument("--admin-token-env", metavar="NAME", help="environment variable with a homeserver administrator's token")
    return parser


async def _command(options: argparse.Namespace, config: Config, environ: Mapping[str, str]) -> int:
    work: Coroutine[Any, Any, int | None]
    match options.command:
        case "init":
            token = _admin_token(options, environ, ask=True)
            work = install(config, environ, Wanted(options.admin, token, options.new_device, options.new_identity))
        case "run":
            work = _run(config, environ)
        case "migrate":
            work = upkeep.bring_up_to_date(config)
        case "import-directory":
            work = upkeep.import_directory(config, environ, options.file)
        case "audit":
            work = upkeep.verify(config, environ, options.receipt)
        case "identity" if options.what == "show":
            work = identity.show(config, environ)
        case "identity" if options.what == "restore":
            work = identity.restore(config, environ, _recovery_key(options, environ))
        case "identity":
            work = identity.new_recovery_key(config, environ)
        case "rebuild":
            work = upkeep.rebuild_indexes(config, environ)
        case _:
            work = _doctor(config, environ, _admin_token(options, environ, ask=False))
    return await work or DONE


async def _run(config: Config, environ: Mapping[str, str]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    await app.run(config, environ, stop)


async def _doctor(config: Config, environ: Mapping[str, str], admin_token: str | None) -> int:
    failed = False
    async for finding in examine(config, environ, admin_token):
        failed |= finding.mark is Mark.FAIL
        sys.stdout.write(f"{finding.mark.value:4}  {finding.what}{f': {finding.mend}' if finding.mend else ''}\n")
    return BROKEN if failed else DONE


def _admin_token(options: argparse.Namespace, environ: Mapping[str, str], *, ask: bool) -> str | None:
    if options.admin_token_env:
        return variable(options.admin_token_env, environ)
    if ask and sys.stdin.isatty():
        return getpass.getpass("Token of a homeserver administrator, to lift the bot's rate limits (empty: leave them): ").strip() or None
    return None


def _recovery_key(options: argparse.Namespace, environ: Mapping[str, str]) -> str:
    if options.recovery_key_env:
        return variable(options.recovery_key_env, environ)
    if sys.stdin.isatty():
        return getpass.getpass("Recovery key: ")
    raise ConfigurationError("the recovery key: give --recovery-key-env NAME, or run this at a terminal")


def _told(*problems: str) -> int:
    for problem in problems:
        sys.stderr.write(f"samrum: {problem}\n")
    return MENDABLE


def _ended(error: Exception) -> int:
    """Tell what ended the process: a sign-out that an operator must mend, or a bug."""
    for cause in _leaves(error):
        if isinstance(cause, SignedOut | Unusable):
            return _told(str(cause))
    log.critical("bot.broken", exc_info=error)
    sys.stderr.write("samrum: stopped by an unexpected error; the log has its trace (bot.broken)\n")
    return BROKEN


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return [leaf for each in group.exceptions for leaf in _leaves(each)]
    return [error]


if __name__ == "__main__":
    sys.exit(main())
