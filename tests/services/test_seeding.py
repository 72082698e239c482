"""What a new installation starts with, and that starting again changes nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from app.db.models import Principal
from app.db.models import Product as ProductRow
from app.db.models import Scorecard as ScorecardRow
from app.db.repositories.products import ProductNotFound, add_product, get_product
from app.domain.access import SYSTEM
from app.domain.seeded_products import CREDIT_CARD, SEEDED_PRODUCTS
from app.services.passwords import Passwords
from app.services.products import ProductUnknown, get_current_product, list_products
from app.services.seeding import OFFERED_FROM, SeedReport, seed
from app.services.work import Desk

CODES = ("CREDIT_CARD", "CREDIT_CARD_LOAN", "PERSONAL_LOAN", "STANDARD_LOAN")


@pytest_asyncio.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def run_seed(desk: Desk, passwords: Passwords) -> SeedReport:
    return await seed(desk, passwords=passwords, admin_email="Boss@kist.example", admin_password="a password for tests")


async def rows(desk: Desk) -> list[int]:
    async with desk.open(SYSTEM) as work:
        return [
            (await work.session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (ProductRow, ScorecardRow, Principal)
        ]


async def test_seeding_adds_everything_once(desk: Desk, passwords: Passwords) -> None:
    first = await run_seed(desk, passwords)
    after_first = await rows(desk)
    second = await run_seed(desk, passwords)

    assert first == SeedReport(products=CODES, scorecards=("bank_balance", "loan_history"), admin_created=True)
    assert second == SeedReport(products=(), scorecards=(), admin_created=False)
    assert after_first == await rows(desk) == [4, 2, 1]


async def test_what_is_stored_is_what_was_seeded(desk: Desk, passwords: Passwords) -> None:
    await run_seed(desk, passwords)

    async with desk.open(SYSTEM) as work:
        assert await list_products(work) == sorted(SEEDED_PRODUCTS, key=lambda product: product.code)
        assert await get_product(work.session, "CREDIT_CARD", 1) == CREDIT_CARD
        # The second time it comes from the process's own memory.
        assert await get_product(work.session, "CREDIT_CARD", 1) is await get_product(work.session, "CREDIT_CARD", 1)


async def test_a_product_that_is_not_there_is_named(desk: Desk) -> None:
    async with desk.open(SYSTEM) as work:
        with pytest.raises(ProductUnknown):
            await get_current_product(work, "MOON_LOAN")
        with pytest.raises(ProductNotFound):
            await get_product(work.session, "MOON_LOAN", 1)


async def test_a_version_is_on_offer_from_its_day(desk: Desk, passwords: Passwords) -> None:
    await run_seed(desk, passwords)
    async with desk.open(SYSTEM) as work:
        today = await work.business_date()
        later = type(CREDIT_CARD)(
            code="CREDIT_CARD",
            version=2,
            name="Better card",
            offer=CREDIT_CARD.offer,
            repayment=CREDIT_CARD.repayment,
        )
        tomorrow = today.fromordinal(today.toordinal() + 1)
        assert await add_product(work.session, later, offered_from=tomorrow, now=work.now, actor="system")
        assert not await add_product(work.session, later, offered_from=OFFERED_FROM, now=work.now, actor="system")
        assert (await get_current_product(work, "CREDIT_CARD")).version == 1
        await work.set_business_date(tomorrow)
        assert (await get_current_product(work, "CREDIT_CARD")).version == 2
