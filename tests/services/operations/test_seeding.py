"""Seeding adds what a new installation needs, and seeding again changes nothing."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select

from app.db.models import Product as ProductRow
from app.db.models import Scorecard as ScorecardRow
from app.db.models import UserAccount
from app.db.repositories.products.products import ProductNotFound, add_product, get_product
from app.domain.lender.profiles import parse_profile, profile_document
from app.domain.lender.samples import SAMPLE_LENDER, is_sample
from app.domain.lending.positions import Position
from app.domain.people.access import SYSTEM
from app.domain.products.documents import product_document
from app.domain.products.samples import SAMPLE_PRODUCTS
from app.domain.products.seeded import (
    CREDIT_CARD,
    PERSONAL_LOAN,
    PERSONAL_LOAN_1,
    SEEDED_PRODUCTS,
)
from app.domain.public_ids import LoanReference
from app.services.lender.profiles import add_version, find_profile
from app.services.lending import loans
from app.services.operations.seeding import OFFERED_FROM, SeedReport, seed
from app.services.people.passwords import Passwords
from app.services.products import calendars
from app.services.products.products import ProductUnknown, get_current_product, list_products
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import OFFICER, LendingHelper

CODES = ("CREDIT_CARD", "CREDIT_CARD_LOAN", "PERSONAL_LOAN", "REVOLVING_CARD", "STANDARD_LOAN")


@pytest_asyncio.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def run_seed(uow_factory: UnitOfWorkFactory, passwords: Passwords) -> SeedReport:
    return await seed(
        uow_factory, passwords=passwords, admin_email="Boss@kist.example", admin_password="a password for tests"
    )


async def rows(uow_factory: UnitOfWorkFactory) -> list[int]:
    async with uow_factory.open(SYSTEM) as uow:
        return [
            (await uow.session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (ProductRow, ScorecardRow, UserAccount)
        ]


async def test_seeding_adds_everything_once(uow_factory: UnitOfWorkFactory, passwords: Passwords) -> None:
    first = await run_seed(uow_factory, passwords)
    after_first = await rows(uow_factory)
    second = await run_seed(uow_factory, passwords)

    assert first == SeedReport(products=CODES, scorecards=("bank_balance", "loan_history"), admin_created=True)
    assert second == SeedReport(products=(), scorecards=(), admin_created=False)
    # The five products, and the superseded version of one of them.
    assert after_first == await rows(uow_factory) == [6, 2, 1]


async def test_what_is_stored_is_what_was_seeded(uow_factory: UnitOfWorkFactory, passwords: Passwords) -> None:
    await run_seed(uow_factory, passwords)
    await seed(
        uow_factory, passwords=passwords, admin_email="boss@kist.example", admin_password=None, with_samples=True
    )

    async with uow_factory.open(SYSTEM) as uow:
        assert await list_products(uow) == sorted(
            (*SEEDED_PRODUCTS, *SAMPLE_PRODUCTS), key=lambda product: product.code
        )
        assert await get_product(uow.session, "CREDIT_CARD", 1) == CREDIT_CARD
        # The second read comes from the cache of the process.
        assert await get_product(uow.session, "CREDIT_CARD", 1) is await get_product(uow.session, "CREDIT_CARD", 1)


async def test_a_sample_lender_is_added_once_and_never_beside_a_real_one(
    uow_factory: UnitOfWorkFactory, passwords: Passwords
) -> None:
    login: dict[str, Any] = {"passwords": passwords, "admin_email": "boss@kist.example", "admin_password": None}
    assert not (await seed(uow_factory, **login)).sample_lender_added
    async with uow_factory.open(SYSTEM) as uow:
        assert await find_profile(uow) is None
    added = await seed(uow_factory, with_samples=True, **login)
    assert (added.sample_lender_added, added.products) == (True, ("HOME_IMPROVEMENT_LOAN", "WEEKLY_LOAN"))
    assert not (await seed(uow_factory, with_samples=True, **login)).sample_lender_added
    async with uow_factory.open(SYSTEM) as uow:
        found = await find_profile(uow)
        assert found is not None
        assert (found.version, found.profile, is_sample(found.profile)) == (1, SAMPLE_LENDER, True)
        # It keeps every rule of a profile, and the real lender is the next version.
        assert parse_profile(profile_document(SAMPLE_LENDER)) == SAMPLE_LENDER
        own = profile_document(SAMPLE_LENDER) | {"name": "Saral Finance"}
        made = await add_version(uow, document=own, effective_from=await uow.business_date(), logo=None)
        assert (made.version, is_sample(made.profile)) == (2, False)


async def test_rates_of_a_benchmark_that_somebody_keeps_are_left_alone(
    uow_factory: UnitOfWorkFactory, passwords: Passwords
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await calendars.add_benchmark(uow, "REPO", from_on=date(2026, 1, 1), rate_percent=Decimal("7.75"))
    await seed(
        uow_factory, passwords=passwords, admin_email="boss@kist.example", admin_password=None, with_samples=True
    )
    async with uow_factory.open(SYSTEM) as uow:
        assert [(row.from_on, row.rate_percent) for row in await calendars.list_benchmarks(uow)] == [
            (date(2026, 1, 1), Decimal("7.75"))
        ]


async def test_a_product_that_is_not_there_is_named(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        with pytest.raises(ProductUnknown):
            await get_current_product(uow, "MOON_LOAN")
        with pytest.raises(ProductNotFound):
            await get_product(uow.session, "MOON_LOAN", 1)


async def test_a_version_is_on_offer_from_its_day(uow_factory: UnitOfWorkFactory, passwords: Passwords) -> None:
    await run_seed(uow_factory, passwords)
    async with uow_factory.open(SYSTEM) as uow:
        today = await uow.business_date()
        later = type(CREDIT_CARD)(
            code="CREDIT_CARD",
            version=2,
            name="Better card",
            offer=CREDIT_CARD.offer,
            repayment=CREDIT_CARD.repayment,
        )
        tomorrow = today.fromordinal(today.toordinal() + 1)
        assert await add_product(uow.session, later, offered_from=tomorrow, now=uow.now, actor="system")
        assert not await add_product(uow.session, later, offered_from=OFFERED_FROM, now=uow.now, actor="system")
        assert (await get_current_product(uow, "CREDIT_CARD")).version == 1
        await uow.set_business_date(tomorrow)
        assert (await get_current_product(uow, "CREDIT_CARD")).version == 2


async def store_as_the_release_before(uow_factory: UnitOfWorkFactory) -> None:
    """Stores version 1 of the personal loan as older installations have it: without `odd_first_period`."""
    document = product_document(PERSONAL_LOAN_1)
    del document["repayment"]["odd_first_period"]
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(ProductRow).values(
                code="PERSONAL_LOAN",
                version=1,
                terms=document,
                offered_from=OFFERED_FROM,
                created_at=uow.now,
                actor="system",
            )
        )


async def position_of(lending: LendingHelper, loan: LoanReference) -> Position:
    async with lending.uow_factory.open(OFFICER) as uow:
        return (await loans.find_position(uow, loan))[0]


async def test_a_new_version_is_taken_by_new_loans_and_old_loans_keep_theirs(
    uow_factory: UnitOfWorkFactory, passwords: Passwords
) -> None:
    lending = LendingHelper(uow_factory)
    await store_as_the_release_before(uow_factory)
    async with uow_factory.open(SYSTEM) as uow:
        before = await get_current_product(uow, "PERSONAL_LOAN")
    await lending.set_date(date(2026, 11, 30))
    old = await lending.disburse(before, amount=500_000, rate="8.8", instalments=24)

    assert (await run_seed(uow_factory, passwords)).products == CODES
    async with uow_factory.open(SYSTEM) as uow:
        after = await get_current_product(uow, "PERSONAL_LOAN")
        assert await get_product(uow.session, "PERSONAL_LOAN", 1) == before == PERSONAL_LOAN_1
    assert after == PERSONAL_LOAN
    new = await lending.disburse(after, amount=500_000, rate="8.8", instalments=24)

    found = [await position_of(lending, loan) for loan in (old, new)]
    assert [loan.plan.interest_paise[0] for loan in found] == [3_667_00, 602_74]
    assert [loan.emi_paise for loan in found] == [24_500_00, 24_500_00]
    # Both are billed, paid with an earlier value date, and replayed under the terms they were made with.
    await lending.run_billing(on=date(2026, 12, 10))
    for loan, amount in ((old, 24_500_00), (new, 21_435_74)):
        await lending.pay(loan, amount=amount, value_date=date(2026, 12, 5))
    assert [(await position_of(lending, loan)).principal_paise for loan in (old, new)] == [479_167_00, 479_167_00]
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()
