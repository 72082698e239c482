"""How much there is, for the health page."""

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import BusinessClock, Customer


async def ping(session: AsyncSession) -> None:
    await session.execute(select(literal(1)))


async def try_to_write(session: AsyncSession) -> None:
    """Locks a row, which only a server that can write does: a standby and a read-only one refuse it, and the log that
    the lock and the commit are written to needs its place on the disk. Nothing changes and nobody is waited for."""
    await session.execute(select(BusinessClock.id).with_for_update(skip_locked=True, key_share=True))


async def count_customers(session: AsyncSession) -> int:
    """Registered customers; people of whom only transactions are known are not counted."""
    statement = select(func.count()).select_from(Customer).where(Customer.state == "customer")
    return int((await session.execute(statement)).scalar_one())
