"""Migrations run up, down and up again on a separate database, and agree with the models."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, make_url, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.db import migrate
from app.db.models import Base, CardAccount
from app.db.repositories.cards.accounts import state_columns
from app.db.repositories.cards.states import kept_of, state_of
from tests.domain.cards.book import SEEDED, comparable
from tests.services.cards.test_states import lived

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


async def test_states_of_card_accounts_go_back_and_forth(empty_database: str) -> None:
    """The version before 0034 reads what the newer one wrote, and the newer one what the older one left."""
    state = lived().state
    columns = state_columns(state, next_event_on=None, ended_on=None)
    await migrate.run(empty_database)
    engine = create_async_engine(empty_database)
    async with engine.begin() as connection:
        for constraint in ("customer_id", "product_code_product_version"):
            # Neither its customer nor its product matters here.
            await connection.execute(text(f"ALTER TABLE card_accounts DROP CONSTRAINT fk_card_accounts_{constraint}"))
        account = {
            "customer_id": 1, "id": 1, "product_code": "C", "product_version": 1, "opened_on": state.opened_on,
            "opening_limit_paise": 1, "opening_statement_day": 15, "held_paise": 0, "cash_held_paise": 0,
            "last_transfer": 0, "version": 1, "created_at": datetime.now(UTC), "actor": "system",
        }  # fmt: skip
        await connection.execute(insert(CardAccount).values(**account, **columns))
    await migrate.run(empty_database, revision="0033", downgrade=True)
    async with engine.begin() as connection:
        before = (await connection.execute(text("SELECT * FROM card_accounts"))).one()
        assert "kept" not in before._fields
        day = date(2026, 3, 18).toordinal()
        (billed_by, numbers) = before.state["bought"][0]
        assert (billed_by, len(numbers), numbers[1:4]) == (None, 16, [day, day, 1_000_18])
        assert before.state["moved"] is True
        assert before.state["moves"] == 0
    await migrate.run(empty_database)
    async with engine.begin() as connection:
        row = (await connection.execute(select(CardAccount.__table__))).one()
    await engine.dispose()
    assert (row.kept, row.untouched) == (None, None)
    assert comparable(state_of(row, kept_of(row), {1: SEEDED})) == comparable(state)
