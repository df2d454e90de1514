"""Rooms that were lost: a place whose room was lost gets another with another alias, and forgets the messages of the old one.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "lost_rooms",
        sa.Column("room", sa.String(255), nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("fate", sa.String(20), nullable=False),
        sa.Column("lost", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_lost_rooms")),
    )
    op.create_index("ix_lost_rooms_place", "lost_rooms", ["place"])
