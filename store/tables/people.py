"""The directory, and what is kept of each person."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from store.tables.base import Instant, metadata

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

preferences = Table(
    "preferences",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("language", String(2), nullable=False),
    Column("changed", Instant, nullable=False),
)

changed_identities = Table(
    "changed_identities",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("identity", String(255), nullable=False),  # the public master key that was told, "" for none
    Column("since", Instant, nullable=False),
    Column("vouching", Text, nullable=False),  # the public keys of the devices that vouch for it, with spaces between
)
