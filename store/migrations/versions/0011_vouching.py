"""Which devices vouch for an identity that somebody changed to: their keys are what the person can read aloud.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table anew. What waits in it waits on without such keys: its own key is compared instead."""
    columns = ("user", "identity", "since")
    changed = sa.table("changed_identities", *(sa.column(name, sa.String) for name in columns))
    waiting = op.get_bind().execute(sa.select(changed)).all()
    op.drop_table("changed_identities")
    made = op.create_table(
        "changed_identities",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("identity", sa.String(255), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.Column("vouching", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_changed_identities")),
    )
    op.bulk_insert(made, [{**dict(zip(columns, row, strict=True)), "vouching": ""} for row in waiting])
