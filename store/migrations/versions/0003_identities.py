"""The bot's own identity on the homeserver: the secret seeds of its cross-signing keys, sealed.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "identities",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("seeds", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_identities")),
    )
