"""The tables, portable between SQLite and PostgreSQL. Content is sealed (LargeBinary); what stands in clear is said in architecture 4.

Instants are text of fixed width in UTC, so that they sort, compare and read the same on both databases.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def written(instant: datetime) -> str:
    """Return the form in which the database keeps an aware instant."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as text."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write the instant; a naive one is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant is aware")
        return written(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Read the instant."""
        return None if value is None else datetime.fromisoformat(value)


keys = Table(
    "keys",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("wrapped", LargeBinary),  # NULL once the key has been destroyed
    Column("kek", String(64), nullable=False),
    Column("made", Instant, nullable=False),
    Column("destroyed", Instant),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("codename", String(60), nullable=False),
    Column("codename_noun", String(40), nullable=False),
    Column("status", String(40), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("person", String(64)),  # keyed hash of the number
    Column("initiator", String(80), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("touched", Instant, nullable=False),
)
Index("uq_cases_open_person", cases.c.person, unique=True, sqlite_where=text("open"), postgresql_where=text("open"))
Index("uq_cases_open_codename", cases.c.codename, unique=True, sqlite_where=text("open"), postgresql_where=text("open"))

case_units = Table(
    "case_units",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("unit", String(80), primary_key=True),
    Column("standing", String(20), nullable=False),  # tillagd, deltar, tidigare
    Index("ix_case_units_unit", "unit"),
)

case_people = Table(
    "case_people",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("user", String(255), primary_key=True),
    Column("unit", String(80), nullable=False),
)

case_numbers = Table(
    "case_numbers",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("taken", Integer, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("case_id", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("step", Integer, nullable=False),  # seq of the first entry that was decided together with this one
    Column("kind", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("received", Instant, nullable=False),
    Column("decided", Instant, nullable=False),
    Column("unit", String(80), nullable=False),
    Column("user", String(255), nullable=False),
    Column("roles", Text, nullable=False),  # JSON list, then the profession
    Column("device", String(255), nullable=False),
    Column("source", String(20), nullable=False),
    Column("profile", String(80), nullable=False),
    Column("facts", Text, nullable=False),  # JSON object of codes
    Column("body", LargeBinary, nullable=False),  # sealed
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("case_id", "seq"),
)

heads = Table(
    "heads",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("made", Instant, nullable=False),
)

due = Table(
    "due",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("case_id", String(32), nullable=False),
    Column("unit", String(80), nullable=False),
    Column("object", String(20), nullable=False),
    Column("matter", String(40), nullable=False),
    Column("step", Integer, nullable=False),
    Column("due", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("settled", Instant),
    CheckConstraint("state IN ('open', 'said', 'cancelled')", name="state"),
    Index("ix_due_state_due", "state", "due"),
    Index("ix_due_case_id", "case_id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("unit", String(80), primary_key=True),
    Column("slot", Instant, primary_key=True),
    Column("state", String(12), nullable=False),  # said, folded, empty
    Column("rows", Text, nullable=False),  # JSON of what the digest shows: its rows, whether late, slots folded in, the rest
    Column("key", String(200), nullable=False),
    Column("reviewed", Instant),
    Column("reviewer", String(255)),
    Column("nudged", Instant),  # ladder step 3
    Column("raised", Instant),  # ladder step 4
    CheckConstraint("state IN ('said', 'folded', 'empty')", name="state"),
    Index("ix_reviews_key", "key"),
    Index("ix_reviews_reviewed_raised", "reviewed", "raised"),
    Index("ix_reviews_slot", "slot"),
)

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

rooms = Table(
    "rooms",
    metadata,
    Column("place", String(300), primary_key=True),
    Column("room", String(255), nullable=False, unique=True),
    Column("made", Instant, nullable=False),
)

lost_rooms = Table(
    "lost_rooms",
    metadata,
    Column("room", String(255), primary_key=True),
    Column("place", String(300), nullable=False),
    Column("fate", String(20), nullable=False),
    Column("lost", Instant, nullable=False),
    Index("ix_lost_rooms_place", "place"),
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

huvudman = Table(
    "huvudman",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("contact_unit", String(80)),
)

units = Table(
    "units",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("type", String(60), nullable=False),
    Column("huvudman", String(80), ForeignKey("huvudman.id"), nullable=False),
    Column("opens", String(5)),  # wall time; NULL round the clock
    Column("closes", String(5)),
    Column("on_call", String(200), nullable=False),
    Column("phone", String(60), nullable=False),
    Column("aliases", Text, nullable=False),  # JSON list
    Column("system", String(80), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("place", Integer, nullable=False),  # order of the directory
)

members = Table(
    "members",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("unit", String(80), primary_key=True),  # "" for a system role
    Column("roles", Text, nullable=False),  # JSON list
    Column("profession", String(60)),
    Column("name", LargeBinary, nullable=False),  # sealed under directory
    Column("on_duty", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
)

access = Table(
    "access",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("user", String(255), nullable=False),
    Column("unit", String(80), nullable=False),
    Column("case_id", String(32), nullable=False),
    Column("what", String(60), nullable=False),
    Column("why", String(200), nullable=False),
    Index("ix_access_case_id", "case_id"),
)

generations = Table(
    "generations",
    metadata,
    Column("what", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
)

counts = Table(
    "counts",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("what", String(60), primary_key=True),
    Column("number", Integer, nullable=False),
)

seats = Table(
    "seats",
    metadata,
    Column("place", String(300), primary_key=True),
    Column("user", String(255), primary_key=True),  # "" for the room itself
    Column("invited", Boolean, nullable=False),
    Column("turn", Integer, nullable=False),
)

room_names = Table(
    "room_names",
    metadata,
    Column("place", String(300), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("turn", Integer, nullable=False),
)

changed_identities = Table(
    "changed_identities",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("identity", String(255), nullable=False),  # the public master key that was told, "" for none
    Column("since", Instant, nullable=False),
    Column("vouching", Text, nullable=False),  # the public keys of the devices that vouch for it, with spaces between
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

accounts = Table(
    "accounts",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("secrets", LargeBinary, nullable=False),  # sealed under matrix
)

descriptions = Table(
    "descriptions",
    metadata,
    Column("room", String(255), primary_key=True),
    Column("digest", String(64), nullable=False),  # of what clients are told of the commands, "" for nothing
    Column("commands", Text, nullable=False),  # JSON list of names
    Column("turn", Integer, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("seeds", LargeBinary, nullable=False),  # sealed under matrix
)

matrix_keys = Table(
    "matrix_keys",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("drawer", String(20), primary_key=True),
    Column("owner", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("value", LargeBinary, nullable=False),  # sealed under matrix
    Column("changed", Instant, nullable=False),
    Index("ix_matrix_keys_drawer_changed", "account", "drawer", "changed"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("language", String(2), nullable=False),
    Column("changed", Instant, nullable=False),
)

snoozes = Table(
    "snoozes",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("subject", String(120), primary_key=True),  # what the person is reminded of, once
    Column("place", String(300), nullable=False),
    Column("case_id", String(32), nullable=False),  # "" for a review
    Column("object", String(20), nullable=False),
    Column("slot", Instant),  # of the review
    Column("message", String(255), nullable=False),
    Column("tap", String(255), nullable=False),  # "" where it was typed
    Column("at", Instant, nullable=False),
    Index("ix_snoozes_at", "at"),
)

leases = Table(
    "leases",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("holder", String(200), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),  # the database's own time: the only clock that two processes share
)
