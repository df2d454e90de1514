"""A bot as the control sees it: it looks at each new civil time, says what is due in a real database file, and delivers."""

import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from demo.clock import DemoClock
from store.tables import metadata, written

DUE = "INSERT INTO due (key, case_id, unit, object, matter, step, due, state) VALUES (?, 'c', 'u', 'F1', 'ANSWER', 3, ?, 'open')"
FORM = "INSERT INTO dialogues (id, user, place, root, kind, state, expires) VALUES (?, ?, 'p', '', 'k', x'00', ?)"
COMING = "INSERT INTO inbox (event, room, sender, sent, taken, scope) VALUES (?, 'r', 's', '', '', 'transit:1')"
GOING = (
    "INSERT INTO outbox (id, key, place, kind, case_id, about, target, scope, urgent, state, made, not_before, attempts)"
    " VALUES (?1, ?1, 'p', 'Say', 'c', '', '', 's', 0, ?2, '', '', 0)"
)


@cache
def _empty() -> bytes:
    with create_engine("sqlite://").connect() as connection:
        metadata.create_all(connection)
        made = connection.connection.driver_connection
        assert isinstance(made, sqlite3.Connection)
        return made.serialize()


@dataclass
class FakeBot:
    """Answers as healthy; `looks` are the civil times that it looked at, each seen only when it is asked a second time."""

    file: Path
    clock: DemoClock
    pid: int = 100
    running: bool = True
    heard: bool = True
    busy: bool = False
    looks: list[datetime] = field(default_factory=list[datetime])
    said: dict[str, datetime] = field(default_factory=dict[str, datetime])
    signals: list[signal.Signals] = field(default_factory=list[signal.Signals])
    dies_at: datetime | None = None
    stuck: bool = False
    _taken: datetime | None = None

    def __post_init__(self) -> None:
        self.file.write_bytes(_empty())

    async def start(self) -> None:
        """Live, with a new process id."""
        self.running = True
        self.pid += 1

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Live no more."""
        self.signals.append(how)
        self.running = False

    async def health(self) -> dict[str, object]:
        """Tell the last time looked at; a new one is looked at only afterwards, as a bot needs its while."""
        ticked = self.looks[-1].isoformat() if self.looks else None
        told = self.clock.newest.civil
        if self._taken != told:
            self._taken = told
        elif not self.looks or self.looks[-1] != told:
            self._look(told)
        age = 0.1 if self.heard else None
        return {"busy": self.busy, "clock": {"ticked": ticked}, "sync": {"age_seconds": age}}

    def _look(self, now: datetime) -> None:
        self.running = self.running and now != self.dies_at
        self.looks.append(now)
        with closing(sqlite3.connect(self.file)) as connection, connection:
            due = connection.execute("SELECT key FROM due WHERE state = 'open' AND due <= ?", (written(now),)).fetchall()
            self.said |= {key: now for (key,) in due}
            connection.execute("UPDATE due SET state = 'said' WHERE due <= ?", (written(now),))
            connection.execute("DELETE FROM dialogues WHERE expires <= ?", (written(now),))
            if not self.stuck:
                connection.execute("UPDATE outbox SET state = 'done' WHERE state = 'waiting'")
                connection.execute("UPDATE inbox SET done = '1' WHERE done IS NULL")

    def write(self, statement: str, *values: object) -> None:
        """Change the database."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)

    def falls_due(self, key: str, at: datetime) -> None:
        """Let an item fall due."""
        self.write(DUE, key, written(at))
