import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from store.database import Database
from store.migrate import _config, _transaction, upgrade
from store.schema import behind, migrations
from store.tables import metadata


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def shape(path: Path) -> dict[str, str | None]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name != 'alembic_version'").fetchall()
    connection.close()
    return dict(found)


def differences(connection: Connection) -> list[object]:
    found: list[object] = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    return found


async def test_a_fresh_upgrade_gives_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    migrated, made = tmp_path / "migrated.db", tmp_path / "made.db"

    await upgrade(url_of(migrated))
    database = Database(url_of(made))
    async with database.write() as tx:
        await tx.run_sync(metadata.create_all)
    await database.close()
    database = Database(url_of(migrated))
    async with database.read() as tx:
        found = await tx.run_sync(differences)
    await database.close()

    assert found == []
    assert shape(migrated) == shape(made)


async def test_a_database_is_behind_until_it_is_upgraded(path: Path) -> None:
    before = await behind(url_of(path))
    await upgrade(url_of(path))

    assert before
    assert not await behind(url_of(path))


def test_the_files_of_the_migrations_are_named_after_their_revisions() -> None:
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    revisions = ScriptDirectory.from_config(config).walk_revisions()

    assert migrations() == tuple(reversed([script.revision for script in revisions]))


async def test_an_identity_that_waited_before_its_key_was_kept_waits_on_without_one(path: Path) -> None:
    async with _transaction(url_of(path)) as tx:
        await tx.run_sync(lambda connection: command.upgrade(_config(connection), "0008"))
        await tx.execute(text("INSERT INTO changed_identities VALUES ('@anna:x', '2026-09-01T08:00:00.000000Z')"))

    await upgrade(url_of(path))

    async with _transaction(url_of(path)) as tx:
        assert (await tx.execute(text("SELECT * FROM changed_identities"))).all() == [("@anna:x", "", "2026-09-01T08:00:00.000000Z", "")]


async def test_an_identity_that_waited_before_its_devices_were_kept_waits_on(path: Path) -> None:
    async with _transaction(url_of(path)) as tx:
        await tx.run_sync(lambda connection: command.upgrade(_config(connection), "0010"))
        await tx.execute(text("INSERT INTO changed_identities VALUES ('@anna:x', 'master', '2026-09-01T08:00:00.000000Z')"))

    await upgrade(url_of(path))

    async with _transaction(url_of(path)) as tx:
        assert (await tx.execute(text("SELECT * FROM changed_identities"))).all() == [
            ("@anna:x", "master", "2026-09-01T08:00:00.000000Z", "")
        ]


async def test_upgrading_twice_changes_nothing(path: Path) -> None:
    await upgrade(url_of(path))
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO counts VALUES ('2026-09-01', 'protected', 1)")
    connection.close()
    once = shape(path)

    await upgrade(url_of(path))

    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT number FROM counts").fetchall() == [(1,)]
    connection.close()
    assert shape(path) == once


async def test_a_database_of_a_newer_release_is_refused(path: Path) -> None:
    await upgrade(url_of(path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(ValueError, match="newer release"):
        await behind(url_of(path))
    with pytest.raises(ValueError, match="newer release"):
        await upgrade(url_of(path))
