"""What the other tests rely on: the two roles, and a database that is reset between two tests."""

import pytest
from redis.asyncio import Redis
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from app.db.session import SessionFactory


@pytest.fixture
def two_roles(dsn: str, owner_dsn: str) -> None:
    if make_url(dsn).username == make_url(owner_dsn).username:
        pytest.skip("the given server has one role for both the owner and the application")


@pytest.mark.usefixtures("two_roles")
async def test_the_applications_role_has_no_special_rights(session_factory: SessionFactory) -> None:
    query = "SELECT usesuper OR usecreatedb FROM pg_user WHERE usename = current_user"
    async with session_factory() as session:
        assert await session.scalar(text(query)) is False


@pytest.mark.usefixtures("two_roles")
@pytest.mark.parametrize("statement", ["UPDATE transfers SET amount_paise = 1", "DELETE FROM transfers"])
async def test_transfers_cannot_be_rewritten(session_factory: SessionFactory, statement: str) -> None:
    async with session_factory() as session:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await session.execute(text(statement))


@pytest.mark.parametrize("attempt", [1, 2])
async def test_a_test_leaves_no_rows(session_factory: SessionFactory, redis: Redis, attempt: int) -> None:
    insert = (
        "INSERT INTO outbox (job, key, payload, created_at, due_at, attempts)"
        " VALUES ('trace', 'trace', '{}', '2026-01-01Z', '2026-01-01Z', :attempt) RETURNING id"
    )
    async with session_factory() as session, session.begin():
        assert await session.scalar(text("SELECT count(*) FROM outbox")) == 0
        assert await session.scalar(text(insert), {"attempt": attempt}) == 1
    assert await redis.get("trace") is None
    await redis.set("trace", attempt)
