"""What the errors of a cluster mean. Only their SQLSTATE is read; a COPY that a shard refuses has none of its own."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.db.copying import copy_rows
from app.db.errors import DatabaseFault, classify
from app.db.repositories.unit_of_work import find_clock
from app.db.session import SessionFactory


def refusal(text: str, *, sqlstate: str) -> asyncpg.PostgresError:
    error = asyncpg.PostgresError.new({"C": sqlstate, "M": text, "S": "ERROR"})
    assert error.sqlstate == sqlstate
    return error


@pytest.mark.parametrize("suffix", ["", "_102040"])
def test_a_duplicate_is_one_whatever_the_constraint_is_called(suffix: str) -> None:
    text = f'duplicate key value violates unique constraint "uq_payments_reference{suffix}"'
    error = refusal(text, sqlstate="23505")
    assert classify(IntegrityError("INSERT", None, error)) is DatabaseFault.DUPLICATE


def test_a_copy_that_a_shard_refuses_is_refused_by_the_table() -> None:
    error = refusal("failure on connection marked as essential: 102040", sqlstate="XX000")
    assert classify(DBAPIError("COPY bills", None, error)) is DatabaseFault.REFUSED
    assert classify(DBAPIError("SELECT 1", None, error)) is None
    assert classify(error) is None


async def test_a_copy_that_a_server_refuses_says_why(session_factory: SessionFactory) -> None:
    async with session_factory() as session, session.begin():
        await find_clock(session)
        columns = ("customer_id", "import_id", "first_on", "last_on")
        with pytest.raises(DBAPIError) as refused:
            await copy_rows(session, "bank_statements", columns=columns, records=[(1, 1, None, None)])
    assert refused.value.statement == "COPY bank_statements"
    assert classify(refused.value) is None, "a missing value is a bug of ours"
