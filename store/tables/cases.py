"""The cases, the journal that all of them are made of, and who looked."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from store.tables.base import Instant, metadata

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
