"""What the bot still has to do, read from its database without touching it.

The demo looks from outside, as an operator's tool would: a connection that can only read, closed after each look.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from care.effects import Place
from store.tables import written

LOOK = """
SELECT (SELECT count(*) FROM inbox WHERE done IS NULL),
       (SELECT count(*) FROM outbox WHERE state = 'waiting'),
       (SELECT count(*) FROM outbox WHERE state = 'parked'),
       (SELECT coalesce(max(position), 0) FROM inbox) + (SELECT coalesce(max(position), 0) FROM outbox)
"""
NEXT = """
SELECT min(at) FROM (
  SELECT min(due) AS at FROM due WHERE state = 'open' AND due > :now UNION ALL SELECT min(expires) FROM dialogues WHERE expires > :now
) AS moments
"""
ROOMS = "SELECT substr(place, 7), room FROM rooms WHERE place LIKE 'inbox:%'"

NO_TABLE = "42P01"
"""What PostgreSQL says of a table that is not there yet."""
TRACES = """
SELECT (SELECT count(*) FROM cases) + (SELECT count(*) FROM journal) + (SELECT count(*) FROM dialogues)
     + (SELECT count(*) FROM keys WHERE scope LIKE 'dialogue:%' OR scope LIKE 'case:%' OR scope = 'person-hash')
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much came in and is not handled, waits to go out, and was given up; `mark` grows with all that comes and goes."""

    inbox: int
    pending: int
    failed: int
    mark: int


class Ledger:
    """The bot's database: a file of SQLite, or the URL of one of PostgreSQL. One that has no tables yet holds nothing."""

    def __init__(self, where: Path | str) -> None:
        self.where = str(where)
        self._file = where if isinstance(where, Path) else None

    def rows(self, query: str, **values: str) -> Sequence[Sequence[Any]]:
        """Return what a question gives, none while there are no tables; it may block for some milliseconds."""
        if self._file is None:
            # The driver has no other way of waiting than an event loop, and the caller's may be running.
            with ThreadPoolExecutor(1) as aside:
                return aside.submit(asyncio.run, _asked(self.where, query, values)).result()
        if not self._file.exists():
            return ()
        with closing(sqlite3.connect(f"{self._file.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def backlog(self) -> Backlog:
        """Return what is on its way."""
        found = self.rows(LOOK)
        return Backlog(*found[0]) if found else Backlog(0, 0, 0, 0)

    def next_moment(self, now: datetime) -> datetime | None:
        """Return the first civil instant after `now` at which an item falls due or a form expires, None without any."""
        found = next((at for (at,) in self.rows(NEXT, now=written(now))), None)
        return datetime.fromisoformat(found) if found else None

    def inboxes(self) -> dict[str, str]:
        """Return the room of each unit's inbox."""
        return {str(unit): str(room) for unit, room in self.rows(ROOMS)}

    def room(self, where: Place) -> str:
        """Return the room of a place; raise LookupError while it has none."""
        found = self.rows("SELECT room FROM rooms WHERE place = :place", place=str(where))
        if not found:
            raise LookupError(str(where))
        return str(found[0][0])

    def heard(self, event: str) -> bool:
        """Whether the bot has taken in a person's event."""
        return bool(self.rows("SELECT 1 FROM inbox WHERE event = :event", event=event))

    def traces(self) -> int:
        """Return how many traces of a person there are: cases, journal rows, forms in progress, and keys of forms."""
        return sum(int(count) for (count,) in self.rows(TRACES))


async def _asked(url: str, query: str, values: dict[str, str]) -> Sequence[Sequence[Any]]:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return (await connection.execute(text(query), values)).all()
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != NO_TABLE:
            raise
        return ()
    finally:
        await engine.dispose()
