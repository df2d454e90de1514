"""What an operator does to the store from the command line, and what it prints."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.app import rules
from bot.clock import MachineTime
from bot.config import Config, ConfigurationError
from bot.leadership import alone
from bot.performing import server
from bot.premises import opened
from care.expected import Rules
from care.people import Directory, Member
from store import directory, directory_file, heads, migrate
from store.rebuild import rebuild


async def bring_up_to_date(config: Config) -> None:
    """Migrate the database; raise ConfigurationError while the bot runs, or for a database of a newer release."""
    async with alone(config, MachineTime()):
        try:
            await migrate.upgrade(config.database_url)
        except ValueError as wrong:
            raise ConfigurationError(f"database: {wrong}") from None
    _say("the database is up to date")


async def import_directory(config: Config, environ: Mapping[str, str], file: Path) -> None:
    """Replace the directory; a running bot sees it within a minute. Administrators stay where the file names none."""
    try:
        read = directory_file.load(file, server(config.matrix.user))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror})") from None
    except directory_file.DirectoryFileError as wrong:
        raise ConfigurationError(*str(wrong).splitlines()) from None
    async with opened(config, environ, MachineTime()) as premises, premises.database.write() as tx:
        complete = _administered(read, await premises.roster.read(tx))
        await directory.save(tx, premises.vault, complete, premises.machine.utc())
    _say(f"{len(complete.units)} units and {len({member.user for member in complete.members})} people imported")


def _administered(read: Directory, present: Directory) -> Directory:
    if read.administrators():
        return read
    kept: tuple[Member, ...] = present.members_of("")
    return replace(read, members=(*read.members, *kept))


async def verify(config: Config, environ: Mapping[str, str], receipts: Iterable[str]) -> int:
    """Check rows, chains, heads and receipts; print what does not hold and return 1, else 0."""
    try:
        given = [heads.read_receipt(text) for text in receipts]
    except ValueError as wrong:
        raise ConfigurationError(f"--receipt: {wrong}") from None
    async with opened(config, environ, MachineTime()) as premises, premises.database.read() as tx:
        broken = await heads.verify(tx, given)
        noted = await heads.noted(tx)
    for each in broken:
        _say(f"BROKEN  {each.what}  case {each.case or '-'}  entry {each.seq}")
    if not broken:
        _say(f"every row, every chain, {len(noted)} heads and {len(given)} receipts hold")
    return 1 if broken else 0


async def rebuild_indexes(config: Config, environ: Mapping[str, str]) -> None:
    """Make the indexes anew; raise ConfigurationError while the bot runs."""
    async with alone(config, MachineTime()), opened(config, environ, MachineTime()) as premises, premises.database.write() as tx:
        in_force = Rules(rules(config), await premises.roster.read(tx))
        done = await rebuild(tx, premises.vault, in_force, premises.machine.utc())
    _say(f"{done.cases} cases indexed anew, {len(done.kept)} shredded ones left as they are")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
