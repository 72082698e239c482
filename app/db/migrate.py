"""Migrates the database's schema to the version that this code needs.

Migrations run as the owner of the schema, never as the application's role. The old version of the service may still
run meanwhile, so a migration that waits too long for a lock stops, instead of blocking the service. Of two programs
that migrate at the same time, the second waits and then finds nothing to do.
"""

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

PROJECT = Path(__file__).resolve().parents[2]
LOCK_TIMEOUT = "5s"
# An arbitrary number that nothing else in the database uses.
MIGRATION_LOCK = 0x6B697374


class SchemaUnknown(Exception):
    """The schema has a revision that this version of the code does not know: a newer version made it."""


def alembic_config() -> Config:
    """Alembic's configuration, from `alembic.ini`."""
    config = Config(str(PROJECT / "alembic.ini"))
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    return config


async def run(owner_dsn: str, *, revision: str = "head", downgrade: bool = False) -> None:
    """Upgrade (or downgrade) to a revision, inside a running event loop. Raises SchemaUnknown."""
    engine = create_async_engine(owner_dsn, poolclass=NullPool, connect_args=connect_arguments())
    try:
        async with engine.connect() as connection:
            # The session holds this lock, so it stays while each migration has a transaction of its own.
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            await connection.commit()
            await connection.run_sync(_migrate, revision=revision, downgrade=downgrade)
            await connection.commit()
    finally:
        await engine.dispose()


def upgrade(owner_dsn: str, *, revision: str = "head") -> None:
    """Upgrade to a revision. For programs without an event loop."""
    asyncio.run(run(owner_dsn, revision=revision))


def downgrade(owner_dsn: str, *, revision: str) -> None:
    """Downgrade to a revision; "base" removes everything. For tests and emergencies."""
    asyncio.run(run(owner_dsn, revision=revision, downgrade=True))


def knows_revision(revision: str) -> bool:
    """Whether this version of the code can migrate a schema of this revision."""
    return revision in {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def newest_revision() -> str:
    """The revision of the schema that this version of the code needs."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


async def find_revision(connection: AsyncConnection) -> str | None:
    """The revision of a database's schema. None if it has none."""

    def read(synchronous: Connection) -> str | None:
        return MigrationContext.configure(synchronous).get_current_revision()

    return await connection.run_sync(read)


async def find_revisions(dsn: str) -> tuple[str | None, str]:
    """The revision of the schema (None without one), and the one that this version of the code needs."""
    engine = create_async_engine(dsn, poolclass=NullPool, connect_args=connect_arguments())
    try:
        async with engine.connect() as connection:
            return await find_revision(connection), newest_revision()
    finally:
        await engine.dispose()


def connect_arguments() -> dict[str, Any]:
    """The server settings of a migration: it waits only briefly for locks, and its statements have no time limit."""
    return {"server_settings": {"timezone": "UTC", "lock_timeout": LOCK_TIMEOUT, "statement_timeout": "0"}}


def _migrate(connection: Connection, *, revision: str, downgrade: bool) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    # Alembic begins a transaction for each migration by itself.
    connection.rollback()
    if found is not None and not knows_revision(found):
        raise SchemaUnknown(f"the schema is at revision {found}, which a newer version of Kist made: use that version")
    config = alembic_config()
    config.attributes["connection"] = connection
    (command.downgrade if downgrade else command.upgrade)(config, revision)
