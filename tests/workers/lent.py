"""Loans for tests of workers."""

from datetime import date, timedelta

from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import LendingHelper


async def lend(uow_factory: UnitOfWorkFactory, *, loans: int) -> date:
    """Makes loans. Returns the day on which all of them are billed first."""
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        today = await uow.business_date()
    product = next(product for product in SEEDED_PRODUCTS if product.code == "CREDIT_CARD_LOAN")
    lending = LendingHelper(uow_factory)
    for _ in range(loans):
        await lending.disburse(product, amount=5_000, rate="12", instalments=12)
    return today + timedelta(days=30)
