"""Who has another identity than the pinned one, and what still waits for its room key.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "changed_identities",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_changed_identities")),
    )
    op.create_table(
        "unread",
        sa.Column("event", sa.String(255), nullable=False),
        sa.Column("room", sa.String(255), nullable=False),
        sa.Column("sender", sa.String(255), nullable=False),
        sa.Column("session", sa.String(255), nullable=False),
        sa.Column("sent", sa.String(27), nullable=False),
        sa.Column("taken", sa.String(27), nullable=False),
        sa.Column("told", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_unread")),
    )
    op.create_index("ix_unread_session", "unread", ["session"])
