"""The numbers of the versions of products."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Product


async def find_latest_version(session: AsyncSession, code: str) -> int:
    """The number of a product's latest version, offered already or not; 0 where there is no such product."""
    latest = select(func.coalesce(func.max(Product.version), 0)).where(Product.code == code)
    return int((await session.execute(latest)).scalar_one())
