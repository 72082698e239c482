"""What a new installation starts with, and that starting again changes nothing."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select

from app.db.models import Principal
from app.db.models import Product as ProductRow
from app.db.models import Scorecard as ScorecardRow
from app.db.repositories.products.products import ProductNotFound, add_product, get_product
from app.domain.lending.positions import Position
from app.domain.people.access import SYSTEM
from app.domain.products.documents import product_document
from app.domain.products.seeded import CREDIT_CARD, PERSONAL_LOAN, PERSONAL_LOAN_1, SEEDED_PRODUCTS
from app.domain.public_ids import LoanReference
from app.services.lending import loans
from app.services.operations.seeding import OFFERED_FROM, SeedReport, seed
from app.services.people.passwords import Passwords
from app.services.products.products import ProductUnknown, get_current_product, list_products
from app.services.reporting.reconciliation import reconcile_all
from app.services.work import Desk
from tests.services.lending_desk import OFFICER, LendingDesk

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
    # Four products, and the first version of one of them.
    assert after_first == await rows(desk) == [5, 2, 1]


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


async def store_as_the_release_before(desk: Desk) -> None:
    """Version 1 of the personal loan as installations have it: nothing is said about an odd first period."""
    document = product_document(PERSONAL_LOAN_1)
    del document["repayment"]["odd_first_period"]
    async with desk.open(SYSTEM) as work:
        await work.session.execute(
            insert(ProductRow).values(
                code="PERSONAL_LOAN",
                version=1,
                terms=document,
                offered_from=OFFERED_FROM,
                created_at=work.now,
                actor="system",
            )
        )


async def position_of(lending: LendingDesk, loan: LoanReference) -> Position:
    async with lending.desk.open(OFFICER) as work:
        return (await loans.find_position(work, loan))[0]


async def test_a_new_version_is_taken_by_new_loans_and_old_loans_keep_theirs(desk: Desk, passwords: Passwords) -> None:
    lending = LendingDesk(desk)
    await store_as_the_release_before(desk)
    async with desk.open(SYSTEM) as work:
        before = await get_current_product(work, "PERSONAL_LOAN")
    await lending.set_date(date(2026, 11, 30))
    old = await lending.disburse(before, amount=500_000, rate="8.8", instalments=24)

    assert (await run_seed(desk, passwords)).products == CODES
    async with desk.open(SYSTEM) as work:
        after = await get_current_product(work, "PERSONAL_LOAN")
        assert await get_product(work.session, "PERSONAL_LOAN", 1) == before == PERSONAL_LOAN_1
    assert after == PERSONAL_LOAN
    new = await lending.disburse(after, amount=500_000, rate="8.8", instalments=24)

    found = [await position_of(lending, loan) for loan in (old, new)]
    assert [loan.plan.interest_paise[0] for loan in found] == [3_667_00, 602_74]
    assert [loan.emi_paise for loan in found] == [24_500_00, 24_500_00]
    # Both are billed, paid late and lived again under the terms they were made with.
    await lending.run_billing(on=date(2026, 12, 10))
    for loan, amount in ((old, 24_500_00), (new, 21_435_74)):
        await lending.pay(loan, amount=amount, value_date=date(2026, 12, 5))
    assert [(await position_of(lending, loan)).principal_paise for loan in (old, new)] == [479_167_00, 479_167_00]
    async for page in reconcile_all(desk):
        assert page.differences == ()
