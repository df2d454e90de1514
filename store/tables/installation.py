"""What the installation keeps of itself: keys, its account, its lease, its counts."""

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, String, Table

from store.tables.base import Instant, metadata

keys = Table(
    "keys",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("wrapped", LargeBinary),  # NULL once the key has been destroyed
    Column("kek", String(64), nullable=False),
    Column("made", Instant, nullable=False),
    Column("destroyed", Instant),
)

accounts = Table(
    "accounts",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("secrets", LargeBinary, nullable=False),  # sealed under matrix
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

leases = Table(
    "leases",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("holder", String(200), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),  # the database's own time: the only clock that two processes share
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
