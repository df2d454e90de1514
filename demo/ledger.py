"""What the bot still has to do, read from its database file without touching it.

The demo looks from outside, as an operator's tool would: a connection that can only read, closed after each look.
"""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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
)
"""
ROOMS = "SELECT substr(place, 7), room FROM rooms WHERE place LIKE 'inbox:%'"

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
    """The bot's database file; one that is not there yet holds nothing."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def backlog(self) -> Backlog:
        """Return what is on its way."""
        with self._open() as connection:
            return Backlog(*connection.execute(LOOK).fetchone()) if connection else Backlog(0, 0, 0, 0)

    def next_moment(self, now: datetime) -> datetime | None:
        """Return the first civil instant after `now` at which an item falls due or a form expires, None without any."""
        with self._open() as connection:
            found: str | None = connection.execute(NEXT, {"now": written(now)}).fetchone()[0] if connection else None
        return datetime.fromisoformat(found) if found else None

    def inboxes(self) -> dict[str, str]:
        """Return the room of each unit's inbox."""
        with self._open() as connection:
            return dict(connection.execute(ROOMS).fetchall()) if connection else {}

    def room(self, where: Place) -> str:
        """Return the room of a place; raise LookupError while it has none."""
        with self._open() as connection:
            found = connection.execute("SELECT room FROM rooms WHERE place = ?", (str(where),)).fetchone() if connection else None
        if found is None:
            raise LookupError(str(where))
        return str(found[0])

    def heard(self, event: str) -> bool:
        """Whether the bot has taken in a person's event."""
        with self._open() as connection:
            return bool(connection and connection.execute("SELECT 1 FROM inbox WHERE event = ?", (event,)).fetchone())

    def traces(self) -> int:
        """Return how many traces of a person there are: cases, journal rows, forms in progress, and keys of forms."""
        with self._open() as connection:
            return int(connection.execute(TRACES).fetchone()[0]) if connection else 0

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection | None]:
        if not self.file.exists():
            yield None
            return
        with closing(sqlite3.connect(f"{self.file.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            yield connection
