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


#: Loans 1 to 4 have an overdue bill, and 2 to 4 days of grace. Loan 3 has also an open bill, and the next event of
#: loan 4 is its next bill.
WAITING = """
INSERT INTO products (code, version, terms, offered_from, created_at, actor)
SELECT 'P', grace, jsonb_build_object('repayment', jsonb_build_object('late_charge',
    CASE WHEN grace > 0 THEN jsonb_build_object('grace_days', grace) END)), '2026-01-01', now(), 'test'
FROM unnest(ARRAY[0, 5]) AS of_product(grace);

INSERT INTO customers (customer_id, state, name, registered_on, created_at, actor)
VALUES (1, 'customer', 'Asha Rao', '2026-01-01', now(), 'test');

INSERT INTO loans (customer_id, id, product_code, product_version, status, disbursed_paise, annual_rate_percent,
    instalments, disbursed_on, schedule_version, next_cycle, cycle_began_on, next_billing_on, next_event_on,
    last_event_on, principal_paise, interest_paise, charges_paise, advance_paise, unbilled_interest_paise,
    advance_payment_ids, advance_part_paise, movement_dates, movement_paise, last_transfer, version, created_at, actor)
SELECT 1, n, 'P', CASE WHEN n > 1 THEN 5 ELSE 0 END, 'active', 5000000, 12, 12, '2026-01-01', 1, 2, '2026-11-01',
    '2027-01-01', next_on, '2026-11-01', 4000000, 0, 0, 0, 0, '{}', '{}', '{}', '{}', 1, 1, now(), 'test'
FROM unnest(ARRAY[DATE '2027-01-01', '2026-12-07', '2026-12-07', '2027-01-01', '2027-01-01'])
    WITH ORDINALITY AS made(next_on, n);

INSERT INTO bills (customer_id, loan_id, cycle, from_on, billed_on, due_on, booked_on, opening_principal_paise,
    interest_paise, principal_due_paise, past_due_paise, total_due_paise, minimum_due_paise, schedule_version,
    unpaid_charges_paise, unpaid_interest_paise, unpaid_principal_paise, returned_paise, closed_on)
SELECT 1, loan, cycle, '2026-10-01', '2026-11-01', due_on, '2026-11-01', 5000000, 100, 100, 0, 200, 200, 1, 0, 100,
    100, 0, closed_on
FROM (VALUES (1, 1, DATE '2026-12-01', DATE '2026-12-02'), (2, 1, '2026-12-01', '2026-12-02'),
    (3, 1, '2026-12-01', '2026-12-02'), (3, 2, '2026-12-16', NULL), (4, 1, '2026-11-01', '2026-11-02'))
    AS made(loan, cycle, due_on, closed_on)
"""


async def test_loans_that_wait_for_a_late_charge_are_filled(empty_database: str) -> None:
    await migrate.run(empty_database, revision="0035")
    engine = create_async_engine(empty_database)
    async with engine.begin() as connection:
        for statement in WAITING.split(";"):
            await connection.execute(text(statement))
    await migrate.run(empty_database)
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT id, due_event_on FROM loans ORDER BY id"))
        found = [row.due_event_on for row in rows]
    await engine.dispose()
    assert found == [None, date(2027, 1, 1), date(2026, 12, 17), None, None]
