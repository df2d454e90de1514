"""Which identity somebody changed to: that one may be accepted, and no later one.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table anew. What waits in it waits on, as an identity that nobody has: who accepts it is told which one it is."""
    changed = sa.table("changed_identities", sa.column("user", sa.String), sa.column("since", sa.String))
    waiting = op.get_bind().execute(sa.select(changed.c.user, changed.c.since)).all()
    op.drop_table("changed_identities")
    made = op.create_table(
        "changed_identities",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("identity", sa.String(255), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_changed_identities")),
    )
    op.bulk_insert(made, [{"user": row.user, "identity": "", "since": row.since} for row in waiting])
