"""Run by Alembic inside the transaction that `store.migrate` has opened; nothing is read from files or the environment."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

from store.tables import metadata

connection = cast("Connection", context.config.attributes["connection"])
# SQLite cannot change a table in place: Alembic copies it (batch).
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
