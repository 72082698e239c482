"""The numbers of the versions of products, which of them are offered, and the open loans of each."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Product


class ProductVersion(NamedTuple):
    """A version of a product, and whether it can be applied for on a day or later."""

    code: str
    version: int
    offered_from: date
    is_offered: bool


class OpenLoans(NamedTuple):
    """The active loans of a version that were disbursed on one day, and the number of the first of them."""

    code: str
    version: int
    disbursed_on: date
    loans: int
    first_loan: int


async def find_latest_version(session: AsyncSession, code: str) -> int:
    """The number of a product's latest version, even if it is not on offer yet; 0 if there is no such product."""
    latest = select(func.coalesce(func.max(Product.version), 0)).where(Product.code == code)
    return int((await session.execute(latest)).scalar_one())


_VERSIONS = text(
    """
SELECT p.code, p.version, p.offered_from,
       NOT EXISTS (SELECT FROM products AS later WHERE later.code = p.code AND later.version > p.version
                   AND later.offered_from <= greatest(p.offered_from, CAST(:on AS date))) AS is_offered
FROM products AS p ORDER BY p.code, p.version
"""
)
_OPEN_LOANS = text(
    """
SELECT product_code, product_version, disbursed_on, count(*), min(id)
FROM loans WHERE status = 'active' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
)


async def list_versions(session: AsyncSession, *, on: date) -> list[ProductVersion]:
    """Every version of every product. One that is offered later counts as offered."""
    return [ProductVersion(*row) for row in await session.execute(_VERSIONS, {"on": on})]


async def count_open_loans(session: AsyncSession) -> list[OpenLoans]:
    """The active loans, counted by product version and day of disbursal."""
    return [OpenLoans(*row) for row in await session.execute(_OPEN_LOANS)]
