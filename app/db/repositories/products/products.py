"""Versions of products, and which of them are on offer.

Every payment and every range of a billing run needs a version of a product. A version never changes, so a process reads
it once for each database and then uses its cache. The version on offer may change and is always read.
"""

from collections.abc import MutableMapping
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import exists, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.errors import DatabaseFault, classify
from app.db.models import Product as ProductRow
from app.db.models import Scorecard as ScorecardRow
from app.db.session import Reader
from app.db.statements import Statement
from app.domain.credit.scoring import Scorecard
from app.domain.errors import NotFound
from app.domain.products.documents import parse_product, product_document
from app.domain.products.products import Product

_read: MutableMapping[object, dict[tuple[str, int], Product]] = WeakKeyDictionary()


class ProductNotFound(NotFound):
    """There is no such version of a product. Check the code and the version; a version on which a loan stands is never
    removed."""

    code = "product_not_found"


_TERMS = Statement("SELECT terms::text AS terms FROM products WHERE code = :code AND version = :version")


async def get_product(session: AsyncSession | Reader, code: str, version: int) -> Product:
    """One version of a product. Raises ProductNotFound, InvalidTerms."""
    known = _read.setdefault(session.engine.sync_engine if isinstance(session, Reader) else session.get_bind(), {})
    product = known.get((code, version))
    if product is None:
        row = await _TERMS.find(session, code=code, version=version)
        if row is None:
            raise ProductNotFound("there is no such version of the product", field="product")
        product = known[code, version] = parse_product(code, version, orjson.loads(row.terms))
    return product


async def list_current_products(session: AsyncSession, *, on: date) -> list[Product]:
    """The version of every product that is on offer on a day: the latest one with `offered_from` on or before it."""
    statement = (
        select(ProductRow.code, ProductRow.version, ProductRow.terms)
        .ext(distinct_on(ProductRow.code))
        .where(ProductRow.offered_from <= on)
        .order_by(ProductRow.code, ProductRow.version.desc())
    )
    return [parse_product(row.code, row.version, row.terms) for row in await session.execute(statement)]


_ON_OFFER = Statement(
    "SELECT version FROM products WHERE code = :code AND offered_from <= :on ORDER BY version DESC LIMIT 1"
)


async def find_current_product(session: AsyncSession, code: str, *, on: date) -> Product | None:
    """The version of a product that is on offer on a day, or None."""
    row = await _ON_OFFER.find(session, code=code, on=on)
    return None if row is None else await get_product(session, code, row.version)


async def add_product(
    session: AsyncSession, product: Product, *, offered_from: date, now: datetime, actor: str
) -> bool:
    """Writes a version of a product. If it exists already, returns False and changes nothing."""
    # The cache may hold what a rolled-back transaction wrote of this version.
    _read.setdefault(session.get_bind(), {}).pop((product.code, product.version), None)
    values = {
        "code": product.code,
        "version": product.version,
        "terms": product_document(product),
        "offered_from": offered_from,
        "created_at": now,
        "actor": actor,
    }
    return await _add_version(session, ProductRow, values)


async def add_scorecard(session: AsyncSession, card: Scorecard, *, now: datetime, actor: str) -> bool:
    """Writes a version of a scorecard. If it exists already, returns False and changes nothing."""
    values = {"code": card.code, "version": card.version, "parameters": dict(card.parameters)}
    return await _add_version(session, ScorecardRow, values | {"created_at": now, "actor": actor})


async def _add_version(
    session: AsyncSession, model: type[ProductRow] | type[ScorecardRow], values: dict[str, Any]
) -> bool:
    """Inserts a version, unless there is one. Every server of a cluster has these tables, and `ON CONFLICT` asks there
    for rights that the application does not have."""
    known = exists().where(model.code == values["code"], model.version == values["version"])
    if (await session.execute(select(known))).scalar_one():
        return False
    try:
        async with session.begin_nested():
            await session.execute(insert(model).values(**values))
    except DBAPIError as error:
        # Another transaction has added it at the same moment.
        if classify(error) is DatabaseFault.DUPLICATE:
            return False
        raise
    return True
