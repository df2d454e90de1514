"""A new database for each test: an SQLite file, or with SAMRUM_TEST_DATABASE=postgres one of a throw-away PostgreSQL.

A migrated one is a copy of a template that is migrated once per test process. Making one is synchronous, so that fixtures, ordinary
functions and examples of hypothesis can all do it: what has to be awaited runs on a thread of its own.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store.migrate import upgrade
from tests import postgres

POSTGRES = os.environ.get("SAMRUM_TEST_DATABASE", "sqlite") == "postgres"
about_sqlite = pytest.mark.skipif(POSTGRES, reason="about the files of SQLite")
TEMPLATE = "template_samrum"
NAME = "samrum.db"

T = TypeVar("T")
_numbers = count(1)


def file_url(path: Path) -> str:
    """Return the URL of an SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def empty(folder: Path) -> Generator[str]:
    """Give the URL of a database without tables."""
    if not POSTGRES:
        yield file_url(folder / NAME)
        return
    with server().database("template0") as url:
        yield url


@contextmanager
def migrated(folder: Path) -> Generator[str]:
    """Give the URL of a database that is migrated as an installation's is."""
    if not POSTGRES:
        shutil.copy(_file(), folder / NAME)
        yield file_url(folder / NAME)
        return
    with on_postgres() as url:
        yield url


@contextmanager
def on_postgres() -> Generator[str]:
    """Give the URL of a migrated database of PostgreSQL, whatever the other tests run on."""
    with server().database(_template()) as url:
        yield url


def files() -> tuple[Path, ...]:
    """Return the files in which the throw-away PostgreSQL keeps all that it was told, written out; none on SQLite."""
    return server().files() if POSTGRES else ()


class Server:
    """The PostgreSQL of this test process, and what makes databases in it."""

    def __init__(self) -> None:
        self.cluster = postgres.start()
        self._engine: AsyncEngine = create_async_engine(self.cluster.url("postgres"), isolation_level="AUTOCOMMIT")

    @contextmanager
    def database(self, template: str) -> Generator[str]:
        name = f"test{next(_numbers)}"
        self.make(name, template)
        yield self.cluster.url(name)
        _awaited(self._execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def make(self, name: str, template: str) -> None:
        _awaited(self._execute(f"CREATE DATABASE {name} TEMPLATE {template}"))

    def files(self) -> tuple[Path, ...]:
        _awaited(self._execute("CHECKPOINT"))
        return tuple(file for file in sorted(self.cluster.folder.rglob("*")) if file.is_file())

    def stop(self) -> None:
        _awaited(self._engine.dispose())
        self.cluster.stop()

    async def _execute(self, statement: str) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(text(statement))


@cache
def server() -> Server:
    """Return the server, started when it is first needed."""
    return Server()


def end() -> None:
    """End what was started for the tests of this process."""
    if server.cache_info().currsize:
        server().stop()
    if _file.cache_info().currsize:
        shutil.rmtree(_file().parent)
    if _aside.cache_info().currsize:
        thread, runner = _aside()
        thread.submit(runner.close).result()
        thread.shutdown()


@cache
def _file() -> Path:
    path = Path(tempfile.mkdtemp(prefix="samrum-template-")) / NAME
    _awaited(upgrade(file_url(path)))
    return path


@cache
def _template() -> str:
    server().make(TEMPLATE, "template0")
    _awaited(upgrade(server().cluster.url(TEMPLATE)))
    return TEMPLATE


@cache
def _aside() -> tuple[ThreadPoolExecutor, asyncio.Runner]:
    return ThreadPoolExecutor(1), asyncio.Runner()


def _awaited(work: Coroutine[None, None, T]) -> T:
    thread, runner = _aside()
    return thread.submit(runner.run, work).result()
