"""The bot's Matrix keys move into the database, so that they are committed together with what they opened.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "matrix_keys",
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("drawer", sa.String(20), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("changed", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("account", "drawer", "owner", "name", name=op.f("pk_matrix_keys")),
    )
    op.create_index("ix_matrix_keys_drawer_changed", "matrix_keys", ["account", "drawer", "changed"])
