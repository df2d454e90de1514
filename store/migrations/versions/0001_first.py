"""The first tables. Instants are text of fixed width in UTC (see `store.tables`).

There is no way down: a journal is not thrown away by a release. Whoever must go back restores the backup made before.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    _journal()
    _cases()
    _traffic()
    _directory()
    _household()


def _journal() -> None:
    op.create_table(
        "keys",
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("kek", sa.String(64), nullable=False),
        sa.Column("made", sa.String(27), nullable=False),
        sa.Column("destroyed", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_keys")),
    )
    op.create_table(
        "journal",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received", sa.String(27), nullable=False),
        sa.Column("decided", sa.String(27), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("device", sa.String(255), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("profile", sa.String(80), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_journal")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_journal_case_id_seq")),
    )
    op.create_table(
        "heads",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("made", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_heads")),
    )
    op.create_table(
        "access",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_access")),
    )
    op.create_index("ix_access_case_id", "access", ["case_id"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("codename", sa.String(60), nullable=False),
        sa.Column("codename_noun", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("person", sa.String(64), nullable=True),
        sa.Column("initiator", sa.String(80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("touched", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index(
        "uq_cases_open_codename", "cases", ["codename"], unique=True, sqlite_where=sa.text("open"), postgresql_where=sa.text("open")
    )
    op.create_index(
        "uq_cases_open_person", "cases", ["person"], unique=True, sqlite_where=sa.text("open"), postgresql_where=sa.text("open")
    )
    op.create_table(
        "case_units",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_units_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "unit", name=op.f("pk_case_units")),
    )
    op.create_index("ix_case_units_unit", "case_units", ["unit"])
    op.create_table(
        "case_people",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_people_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "user", name=op.f("pk_case_people")),
    )
    op.create_table(
        "case_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_case_numbers")),
    )
    op.create_table(
        "due",
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("object", sa.String(20), nullable=False),
        sa.Column("matter", sa.String(40), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due", sa.String(27), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("settled", sa.String(27), nullable=True),
        sa.CheckConstraint("state IN ('open', 'said', 'cancelled')", name=op.f("ck_due_state")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_due")),
    )
    op.create_index("ix_due_case_id", "due", ["case_id"])
    op.create_index("ix_due_state_due", "due", ["state", "due"])
    op.create_table(
        "reviews",
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("slot", sa.String(27), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("reviewed", sa.String(27), nullable=True),
        sa.Column("reviewer", sa.String(255), nullable=True),
        sa.Column("nudged", sa.String(27), nullable=True),
        sa.Column("raised", sa.String(27), nullable=True),
        sa.CheckConstraint("state IN ('said', 'folded', 'empty')", name=op.f("ck_reviews_state")),
        sa.PrimaryKeyConstraint("unit", "slot", name=op.f("pk_reviews")),
    )
    op.create_index("ix_reviews_key", "reviews", ["key"])
    op.create_index("ix_reviews_reviewed_raised", "reviews", ["reviewed", "raised"])
    op.create_index("ix_reviews_slot", "reviews", ["slot"])


def _traffic() -> None:
    op.create_table(
        "inbox",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("event", sa.String(255), nullable=False),
        sa.Column("room", sa.String(255), nullable=False),
        sa.Column("sender", sa.String(255), nullable=False),
        sa.Column("sent", sa.String(27), nullable=False),
        sa.Column("taken", sa.String(27), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_inbox")),
        sa.UniqueConstraint("event", name=op.f("uq_inbox_event")),
    )
    op.create_index("ix_inbox_done_room", "inbox", ["done", "room"])
    op.create_table(
        "sync",
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_sync")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("about", sa.String(20), nullable=False),
        sa.Column("target", sa.String(400), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("made", sa.String(27), nullable=False),
        sa.Column("not_before", sa.String(27), nullable=False),
        sa.Column("lease", sa.String(27), nullable=True),
        sa.Column("attempted", sa.String(27), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(255), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("done", sa.String(27), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'parked', 'cancelled')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_case_id", "outbox", ["case_id"])
    op.create_index("ix_outbox_event", "outbox", ["event"])
    op.create_index("ix_outbox_state_place", "outbox", ["state", "place", "position"])
    op.create_table(
        "rooms",
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("room", sa.String(255), nullable=False),
        sa.Column("made", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_rooms")),
        sa.UniqueConstraint("room", name=op.f("uq_rooms_room")),
    )
    op.create_table(
        "origins",
        sa.Column("event", sa.String(255), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("object", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_origins")),
    )
    op.create_table(
        "dialogues",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("root", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialogues")),
        sa.UniqueConstraint("user", "place", "root", name=op.f("uq_dialogues_user_place_root")),
    )


def _directory() -> None:
    op.create_table(
        "huvudman",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("contact_unit", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_huvudman")),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("type", sa.String(60), nullable=False),
        sa.Column("huvudman", sa.String(80), nullable=False),
        sa.Column("opens", sa.String(5), nullable=True),
        sa.Column("closes", sa.String(5), nullable=True),
        sa.Column("on_call", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(60), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("system", sa.String(80), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["huvudman"], ["huvudman.id"], name=op.f("fk_units_huvudman_huvudman")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    op.create_table(
        "members",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("profession", sa.String(60), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user", "unit", name=op.f("pk_members")),
    )
    op.create_table(
        "generations",
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_generations")),
    )
    op.create_table(
        "counts",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "what", name=op.f("pk_counts")),
    )


def _household() -> None:
    op.create_table(
        "seats",
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "user", name=op.f("pk_seats")),
    )
    op.create_table(
        "accounts",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_accounts")),
    )
