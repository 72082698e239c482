"""The portfolio of a few loans, compared with sums made by hand.

The loans are standard loans of 1,20,000 at 12 % over 12 months. The EMI is 10,661.85; its first parts of principal are
9,461.85, 9,556.47 and 9,652.03. They are lent on days that put them into different classes of days past due.
"""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CreditScore
from app.db.repositories.products.products import add_scorecard
from app.db.repositories.reporting import portfolio as repository
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.payments.changes import ChangeKind
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.domain.public_ids import LoanReference
from app.services.lending import loans
from app.services.payments import changes
from app.services.payments.changes import ChangeRequest
from app.services.reporting.portfolio import Portfolio, PortfolioCache, PortfolioTooLarge, view_portfolio
from tests.services.lending_desk import OFFICER, LendingHelper

STANDARD = next(product for product in SEEDED_PRODUCTS if product.code == "STANDARD_LOAN")
EMI = 1_066_185


async def reading(lending: LendingHelper, *, cache: PortfolioCache | None = None) -> Portfolio:
    async with lending.uow_factory.open(OFFICER) as uow:
        return await view_portfolio(uow, cache=cache)


async def lend(lending: LendingHelper, *, on: date) -> LoanReference:
    await lending.set_date(on)
    return await lending.disburse(STANDARD, amount=120_000, rate="12", instalments=12)


async def test_empty_books(lending: LendingHelper) -> None:
    seen = await reading(lending)
    assert (seen.loans, seen.principal_paise, seen.overdue_paise, seen.late_loans) == (0, 0, 0, 0)
    assert [(age.name, age.loans) for age in seen.ages] == [
        ("0", 0), ("1-30", 0), ("31-60", 0), ("61-90", 0), ("90+", 0),
    ]  # fmt: skip
    assert (len(seen.months), seen.scores, seen.runs) == (12, {}, [])


async def test_every_figure(lending: LendingHelper) -> None:
    """Three loans on 14 April: one never paid, one never paid from a month later on, one paid on every day."""
    first = await lend(lending, on=date(2026, 11, 21))  # bills of 21 Dec, Jan, Feb and Mar: 114 days late
    await lend(lending, on=date(2026, 12, 20))  # bills of 20 Jan, Feb and Mar: 84 days late
    paid = await lend(lending, on=date(2027, 1, 5))
    for day in (date(2027, 2, 5), date(2027, 3, 5), date(2027, 4, 5)):
        await lending.run_billing(on=day)
        await lending.pay(paid, amount=EMI)
    reversed_payment = await lending.pay(first, amount=EMI)
    await lending.reverse(reversed_payment.payment_id)
    await lending.run_billing(on=date(2027, 4, 14))

    seen = await reading(lending)
    assert seen.on == date(2027, 4, 14)
    assert [(sums.product, sums.loans, sums.principal_paise) for sums in seen.products] == [
        ("STANDARD_LOAN", 3, 3 * 12_000_000 - (946_185 + 955_647 + 965_203)),
    ]
    assert {age.name: (age.loans, age.overdue_paise) for age in seen.ages if age.loans} == {
        "0": (1, 0), "61-90": (1, 3 * EMI), "90+": (1, 4 * EMI),
    }  # fmt: skip
    assert seen.overdue_paise == 7 * EMI
    assert seen.late_loans == 2
    assert sum(age.principal_paise for age in seen.ages) == seen.principal_paise
    moved = {f"{month.month:%b}": (month.disbursed_paise, month.collected_paise) for month in seen.months}
    assert {month: sums for month, sums in moved.items() if any(sums)} == {
        "Nov": (12_000_000, 0), "Dec": (12_000_000, 0), "Jan": (12_000_000, 0),
        "Feb": (0, EMI), "Mar": (0, EMI), "Apr": (0, EMI),
    }  # fmt: skip
    assert (seen.runs[0].business_date, seen.runs[0].status) == (date(2027, 4, 14), "finished")


async def test_a_top_up_is_lent_in_its_month(lending: LendingHelper) -> None:
    """1,20,000 in November; in December 30,000 more, and 5,000 that were undone."""
    loan = await lend(lending, on=date(2026, 11, 21))
    await lending.set_date(date(2026, 12, 5))
    for paise, stands in ((30_000_00, True), (5_000_00, False)):
        async with lending.uow_factory.open(OFFICER) as uow:
            request = ChangeRequest(kind=ChangeKind.TOP_UP, amount_paise=paise)
            made = await changes.make(uow, await loans.find_key(uow, loan), request)
        if not stands:
            async with lending.uow_factory.open(OFFICER) as uow:
                await changes.undo(uow, loan, made.change.number, reason="another loan was meant")
    seen = await reading(lending)
    lent = {f"{month.month:%b}": month.disbursed_paise for month in seen.months if month.disbursed_paise}
    assert lent == {"Nov": 120_000_00, "Dec": 30_000_00}
    assert seen.principal_paise == 150_000_00


@pytest.mark.parametrize(
    "on, age",
    [
        (date(2026, 12, 21), "0"),  # the last day to pay
        (date(2026, 12, 22), "1-30"),
        (date(2027, 1, 20), "1-30"),  # 30 days
        (date(2027, 1, 21), "31-60"),
        (date(2027, 2, 19), "31-60"),  # 60 days
        (date(2027, 2, 20), "61-90"),
        (date(2027, 3, 21), "61-90"),  # 90 days
        (date(2027, 3, 22), "90+"),
    ],
)
async def test_the_bounds_of_the_ages(lending: LendingHelper, on: date, age: str) -> None:
    await lend(lending, on=date(2026, 11, 21))
    await lending.run_billing(on=on)
    seen = await reading(lending)
    assert [each.name for each in seen.ages if each.loans] == [age]


async def test_only_the_latest_score_of_a_customer_counts(lending: LendingHelper) -> None:
    customers = [await lending.add_customer() for _ in range(2)]
    async with lending.uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
        rows = [(customers[0], 1, 410), (customers[0], 2, 520), (customers[1], 3, 470)]
        for customer_id, number, score in rows:
            await uow.session.execute(
                insert(CreditScore).values(
                    customer_id=customer_id, id=number, scorecard_code="bank_balance", scorecard_version=1,
                    score=Decimal(score), facts={}, factors={}, reasons=[], as_of=date(2026, 11, 21),
                    computed_at=uow.now,
                )
            )  # fmt: skip
    seen = await reading(lending)
    assert {band.low: band.customers for band in seen.scores["bank_balance"] if band.customers} == {450: 1, 500: 1}


async def test_a_process_caches_its_figures_for_a_while(lending: LendingHelper) -> None:
    cache = PortfolioCache()
    before = await reading(lending, cache=cache)
    await lend(lending, on=date(2026, 11, 21))
    assert await reading(lending, cache=cache) is before
    cache.good_until -= 60
    assert (await reading(lending, cache=cache)).loans == 1


async def test_a_new_business_date_is_never_answered_from_the_day_before(lending: LendingHelper) -> None:
    cache = PortfolioCache()
    before = await reading(lending, cache=cache)
    await lending.set_date(date(2026, 11, 22))
    assert (await reading(lending, cache=cache)).on > before.on


async def test_it_is_for_staff(lending: LendingHelper) -> None:
    async with lending.uow_factory.open(Actor(role=Role.CUSTOMER, user_account_id=2, customer_id=1001)) as uow:
        with pytest.raises(Forbidden):
            await view_portfolio(uow)


async def test_a_book_that_is_too_large_is_said_so_and_left_alone_for_an_hour(
    lending: LendingHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def read_slowly(session: AsyncSession, **_: object) -> None:
        asked.append(1)
        await session.execute(text("SET LOCAL statement_timeout = 50"))
        await session.execute(text("SELECT pg_sleep(20)"))

    monkeypatch.setattr(repository, "sum_collected", read_slowly)
    cache = PortfolioCache()
    for _ in range(2):
        with pytest.raises(PortfolioTooLarge):
            await reading(lending, cache=cache)
    assert len(asked) == 1
    monkeypatch.undo()
    cache.too_large_until -= 3_600
    assert (await reading(lending, cache=cache)).loans == 0
