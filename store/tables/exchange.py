"""What came in, what goes out, and what is half said."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from store.tables.base import Instant, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("event", String(255), nullable=False, unique=True),
    Column("room", String(255), nullable=False),
    Column("sender", String(255), nullable=False),
    Column("sent", Instant, nullable=False),
    Column("taken", Instant, nullable=False),
    Column("scope", String(200), nullable=False),
    Column("payload", LargeBinary),  # sealed; NULL once handled
    Column("done", Instant),
    Index("ix_inbox_done_room", "done", "room"),
)

sync = Table(
    "sync",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("token", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

unread = Table(
    "unread",
    metadata,
    Column("event", String(255), primary_key=True),
    Column("room", String(255), nullable=False),
    Column("sender", String(255), nullable=False),
    Column("session", String(255), nullable=False),  # of the room key that has not come
    Column("sent", Instant, nullable=False),
    Column("taken", Instant, nullable=False),
    Column("told", Instant),
    Index("ix_unread_session", "session"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),  # the Matrix transaction id
    Column("key", String(400), nullable=False, unique=True),
    Column("place", String(300), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("case_id", String(32), nullable=False),
    Column("about", String(20), nullable=False),
    Column("target", String(400), nullable=False),  # anchor key of a revision
    Column("scope", String(200), nullable=False),
    Column("payload", LargeBinary),  # sealed; NULL once confirmed
    Column("urgent", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("made", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("lease", Instant),
    Column("attempted", Instant),
    Column("attempts", Integer, nullable=False),
    Column("event", String(255)),
    Column("error", String(200)),
    Column("done", Instant),
    CheckConstraint("state IN ('waiting', 'done', 'parked', 'cancelled')", name="state"),
    Index("ix_outbox_state_place", "state", "place", "position"),
    Index("ix_outbox_event", "event"),
    Index("ix_outbox_case_id", "case_id"),
)

renewals = Table(
    "renewals",
    metadata,
    Column("id", String(36), primary_key=True),  # of the outbox row
    Column("turn", Integer, nullable=False),
    Column("since", Instant, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("filling", LargeBinary, nullable=False),
)

origins = Table(
    "origins",
    metadata,
    Column("event", String(255), primary_key=True),  # the command message
    Column("case_id", String(32), nullable=False),
    Column("object", String(20), nullable=False),
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user", String(255), nullable=False),
    Column("place", String(300), nullable=False),
    Column("root", String(255), nullable=False),  # thread root event id, "" in a direct room
    Column("kind", String(60), nullable=False),
    Column("state", LargeBinary, nullable=False),  # sealed under dialogue:<id>
    Column("expires", Instant, nullable=False),
    UniqueConstraint("user", "place", "root"),
)
