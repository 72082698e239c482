"""Migrations run up, down and up again on a separate database, and agree with the models."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.db import migrate
from app.db.models import Base

NAME = "kist_migrations"


@pytest_asyncio.fixture
async def empty_database(owner_dsn: str) -> AsyncIterator[str]:
    """A database with nothing in it, dropped afterwards."""
    administration = create_async_engine(owner_dsn, isolation_level="AUTOCOMMIT")
    name = f"{NAME}_{make_url(owner_dsn).database}"
    async with administration.connect() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(owner_dsn).set(database=name).render_as_string(hide_password=False)
    async with administration.connect() as connection:
        await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await administration.dispose()


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [one for one in compare_metadata(context, Base.metadata) if one[0] != "remove_table"]


async def test_up_down_up_without_drift(empty_database: str) -> None:
    await migrate.run(empty_database)
    await migrate.run(empty_database, revision="base", downgrade=True)
    engine = create_async_engine(empty_database)
    async with engine.connect() as connection:
        left = await connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r','S','v')"
            )
        )
        assert set(left) <= {"alembic_version"}
    await migrate.run(empty_database)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_schema_of_a_newer_version_is_left_as_it_is(empty_database: str) -> None:
    await migrate.run(empty_database)
    engine = create_async_engine(empty_database)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.SchemaUnknown, match="revision 9999, which a newer version of Kist made"):
        await migrate.run(empty_database)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    await engine.dispose()
