"""Who has put off a mention until the next review slot (commands 4).

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "snoozes",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("object", sa.String(20), nullable=False),
        sa.Column("slot", sa.String(27)),
        sa.Column("message", sa.String(255), nullable=False),
        sa.Column("tap", sa.String(255), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("user", "subject", name=op.f("pk_snoozes")),
    )
    op.create_index("ix_snoozes_at", "snoozes", ["at"])
