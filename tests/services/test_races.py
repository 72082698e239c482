"""Many at once on one loan: real connections, real locks; after each race the books are reconciled by the fixture."""

import asyncio
from datetime import date

from app.domain.access import SYSTEM
from app.domain.errors import DomainError
from app.domain.seeded_products import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.services import billing, loans
from tests.services.lending import FAR, OFFICER, LendingDesk


async def test_identical_payments_are_one_payment(lending: LendingDesk) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    receipts = await asyncio.gather(*(lending.pay(loan, amount=1_000_00, reference="same") for _ in range(40)))
    assert len({receipt.payment_id for receipt in receipts}) == 1
    assert sum(not receipt.replayed for receipt in receipts) == 1
    async with lending.desk.open(SYSTEM) as work:
        assert (await loans.view_loan(work, loan)).position.advance_paise == 1_000_00


async def test_different_payments_all_count(lending: LendingDesk) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await asyncio.gather(*(lending.pay(loan, amount=100_01, reference=str(one)) for one in range(40)))
    async with lending.desk.open(SYSTEM) as work:
        assert (await loans.view_loan(work, loan)).position.advance_paise == 40 * 100_01


async def test_payments_race_two_runs_for_one_date(lending: LendingDesk) -> None:
    made = [await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12) for _ in range(12)]
    await lending.set_date(date(2027, 1, 25))
    async with lending.desk.open(OFFICER) as work:
        run_id = await billing.start_run(work)
    workers = [
        billing.run_billing(lending.desk, run_id=run_id, worker=f"worker {number}", until=FAR) for number in range(3)
    ]
    payments = [lending.pay(loan, amount=500_00, reference="race") for loan in made]
    await asyncio.gather(*workers, *payments)
    async with lending.desk.open(SYSTEM) as work:
        for loan in made:
            position = (await loans.view_loan(work, loan)).position
            assert position.next_cycle == 3
            # 435.00 + 65.00 of the first bill, whichever came first.
            assert position.principal_paise == 50_000_00 - 65_00


async def test_a_reversal_races_a_payment(lending: LendingDesk) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await lending.run_billing(on=date(2026, 12, 21))
    first = await lending.pay(loan, amount=9_091_13, reference="bounces")
    outcomes = await asyncio.gather(
        lending.reverse(first.payment_id),
        lending.reverse(first.payment_id),
        lending.pay(loan, amount=9_091_13, reference="stays"),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert [error.code for error in refused] == ["payment_reversed"]
    async with lending.desk.open(SYSTEM) as work:
        position = (await loans.view_loan(work, loan)).position
    assert (position.open_bills, position.advance_paise) == ([], 0)
