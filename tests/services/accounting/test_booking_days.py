"""Every transfer is booked on the business date on which it is written, also by a run of an earlier date."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD, STANDARD_LOAN
from app.services.billing import runs
from app.services.cards import movements, opening
from app.services.cards import runs as card_runs
from app.services.cards.movements import MoneyRequest
from tests.services.lending_desk import FAR, OFFICER, LendingHelper

DUE = date(2026, 12, 21)
LATER = date(2027, 1, 2)


async def rows(lending: LendingHelper, statement: str) -> list[tuple[Any, ...]]:
    async with lending.uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        return [tuple(row) for row in await uow.session.execute(text(statement))]


async def test_a_run_of_an_earlier_date_books_on_the_day_on_which_it_writes(lending: LendingHelper) -> None:
    """As a run that goes on past midnight, or that a manager starts for a date that was missed."""
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    async with lending.uow_factory.open(OFFICER) as uow:
        account = await opening.open_with_card(
            uow, customer_id=1001, product=REVOLVING_CARD, limit_paise=50_000_00, statement_day=20
        )
        bought = MoneyRequest(paise=9_000_00, reference="P1")
        await movements.clear(uow, account.account_id, bought, is_cash=True)
    await lending.set_date(LATER)
    async with lending.uow_factory.open(OFFICER) as uow:
        run_id = await runs.start_run(uow, business_date=DUE)
    assert await card_runs.run_day(lending.uow_factory, run_id=run_id, worker="test", until=FAR)
    assert await rows(lending, "SELECT kind, value_date, booked_on, amount_paise FROM transfers ORDER BY number") == [
        ("disbursal", date(2026, 11, 21), date(2026, 11, 21), 120_000_00),
        ("interest", DUE, LATER, 1_200_00),
    ]
    assert await rows(lending, "SELECT billed_on, booked_on FROM bills") == [(DUE, LATER)]
    # The statement of 20 December has the interest of 30 days; it is dated as ever.
    transfers = await rows(lending, "SELECT value_on, booked_on FROM card_transfers ORDER BY number")
    assert transfers[0] == (date(2026, 11, 21), date(2026, 11, 21))
    assert {booked_on for _, booked_on in transfers if booked_on != date(2026, 11, 21)} == {LATER}
    assert {value_on for value_on, _ in transfers} == {date(2026, 11, 21), DUE - timedelta(days=1)}
    assert await rows(lending, "SELECT issued_on, booked_on FROM card_statements") == [(DUE - timedelta(days=1), LATER)]


async def test_a_backdated_payment_books_its_difference_today(lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await lending.run_billing(on=DUE)
    await lending.set_date(LATER)
    await lending.pay(loan, amount=20_000_00, value_date=date(2026, 12, 1))
    found = await rows(lending, "SELECT kind, value_date, booked_on FROM transfers ORDER BY number")
    assert found[:2] == [
        ("disbursal", date(2026, 11, 21), date(2026, 11, 21)),
        ("interest", DUE, DUE),
    ]
    assert {booked_on for _, _, booked_on in found[2:]} == {LATER}
    assert min(value_date for _, value_date, _ in found[2:]) == date(2026, 12, 1)
