"""The installation's data, opened: file lock, key-encryption key, database. One process at a time works on it (`bot.leadership`)."""

import fcntl
import os
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Config, ConfigurationError
from bot.credentials import read_kek
from care.clock import MachineClock
from care.language import Language
from store import schema, sealing
from store.database import Database
from store.directory import Roster
from store.keys import Vault

NO_DRIVER = "database.url: the driver of PostgreSQL is not installed; install samrum[postgres]"


@dataclass(frozen=True, slots=True)
class Premises:
    """The open store of an installation."""

    config: Config
    database: Database
    vault: Vault
    roster: Roster
    machine: MachineClock


@asynccontextmanager
async def opened(config: Config, environ: Mapping[str, str], machine: MachineClock) -> AsyncGenerator[Premises]:
    """Open what is there; raise ConfigurationError, with what mends it, for a store that is missing or of another release."""
    await check(config)
    vault = Vault(sealing.Keyring(sealing.kek(read_kek(config, environ))))
    database = Database(config.database_url)
    try:
        yield Premises(config, database, vault, Roster(vault, Language(config.installation.language)), machine)
    finally:
        await database.close()


@contextmanager
def locked(config: Config) -> Generator[None]:
    """Hold an SQLite file for this process; raise ConfigurationError while another one holds it. It ends with the process."""
    path = Path(f"{database_file(config)}.lock")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise ConfigurationError(f"{path}: another samrum process (pid {holder}) works on this installation; stop it first") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def database_file(config: Config) -> Path:
    """Return the file of the database; raise ConfigurationError for one that is not a file."""
    name = make_url(config.database_url).database
    if not name or not config.on_sqlite:
        raise ConfigurationError("database.url: names no file of SQLite")
    return Path(name)


async def check(config: Config) -> None:
    """Raise ConfigurationError, with what mends it, for a database that is missing or of another release."""
    where = config.database_url
    if config.on_sqlite:
        where = str(database_file(config))
        if not database_file(config).exists():
            raise ConfigurationError(f"{where}: there is no database; run samrum init")
    try:
        late = await schema.behind(config.database_url)
    except ValueError as wrong:
        raise ConfigurationError(f"{where}: {wrong}") from None
    except ModuleNotFoundError:
        raise ConfigurationError(NO_DRIVER) from None
    except (SQLAlchemyError, OSError) as error:
        raise ConfigurationError(f"{where}: cannot be opened ({type(error).__name__}); see the database's own log") from None
    if late:
        raise ConfigurationError(f"{where}: is empty or of an older release; run samrum init, or make a backup and run samrum migrate")
