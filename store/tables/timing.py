"""What falls due, and the reviews of the units."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text

from store.tables.base import Instant, metadata

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
