"""The rooms, who sits in them, and what they are told."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from store.tables.base import Instant, metadata

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

descriptions = Table(
    "descriptions",
    metadata,
    Column("room", String(255), primary_key=True),
    Column("digest", String(64), nullable=False),  # of what clients are told of the commands, "" for nothing
    Column("commands", Text, nullable=False),  # JSON list of names
    Column("turn", Integer, nullable=False),
)
