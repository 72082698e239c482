"""Calls and counts for the health routes."""

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import BusinessClock, Customer


async def ping(session: AsyncSession) -> None:
    await session.execute(select(literal(1)))


async def try_to_write(session: AsyncSession) -> None:
    """Checks that the server can write, by locking a row. A standby and a read-only server refuse it, and a full disk
    does too, because the lock is written to the log. It changes no data and does not wait for other locks."""
    await session.execute(select(BusinessClock.id).with_for_update(skip_locked=True, key_share=True))


async def count_customers(session: AsyncSession) -> int:
    """The number of registered customers. Prospects are not counted."""
    statement = select(func.count()).select_from(Customer).where(Customer.state == "customer")
    return int((await session.execute(statement)).scalar_one())
