"""How much there is, for the health page."""

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Customer


async def ping(session: AsyncSession) -> None:
    await session.execute(select(literal(1)))


async def count_customers(session: AsyncSession) -> int:
    """Registered customers; people of whom only transactions are known are not counted."""
    statement = select(func.count()).select_from(Customer).where(Customer.state == "customer")
    return int((await session.execute(statement)).scalar_one())
