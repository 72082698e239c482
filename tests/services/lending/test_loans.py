"""Loans in the database are disbursed, billed by runs and paid, with the figures of each step."""

from datetime import date

import pytest

from app.domain.payments.amounts import AmountBeyondPayoff
from app.domain.payments.payments import LoanNotActive, TreatAs
from app.domain.payments.replayed_loan import LaterPaymentsConflict
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.reporting.statements import InstalmentStatus
from app.services.billing import runs
from app.services.lending import loans
from app.services.payments import reversals
from app.services.payments.receipts import ReferenceReused
from app.services.reporting import statements
from tests import databases
from tests.services.lending_desk import FAR, OFFICER, LendingHelper


async def test_a_loan_is_disbursed_billed_and_paid(lending: LendingHelper) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    async with lending.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
        assert view.next_due is not None
        assert (view.next_due.amount_paise, view.position.next_cycle) == (4_406_04, 2)
    receipt = await lending.pay(loan, amount=4_406_04, reference="first")
    assert (receipt.interest_paise, receipt.principal_paise) == (435_00, 3_971_04)
    again = await lending.pay(loan, amount=4_406_04, reference="first")
    assert (again.payment_id, again.replayed) == (receipt.payment_id, True)
    async with lending.uow_factory.open(SYSTEM) as uow:
        statement = (await statements.get_statement(uow, loan)).statement
    assert (statement.principal_paid_paise, statement.interest_paid_paise) == (3_971_04, 435_00)
    assert statement.outstanding_paise == 46_028_96
    assert [line.status for line in statement.lines[:2]] == [InstalmentStatus.PAID, InstalmentStatus.UPCOMING]


async def test_a_run_of_many_loans_bills_each_once(lending: LendingHelper) -> None:
    for _ in range(5):
        await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    run = await lending.run_billing(on=date(2026, 12, 21))
    assert (run.status, run.loans, run.bills, run.demanded_paise, run.parked) == ("finished", 5, 5, 5 * 4_406_04, 0)
    again = await lending.run_billing(on=date(2026, 12, 21))
    assert (again.loans, again.bills) == (0, 0)


async def test_a_payment_closes_missed_cycles_first(lending: LendingHelper) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.set_date(date(2027, 2, 1))
    receipt = await lending.pay(loan, amount=1_935_00, reference="late")
    assert (receipt.interest_paise, receipt.principal_paise) == (435_00, 1_500_00)
    async with lending.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
    assert view.position.next_cycle == 3
    assert [bill.cycle for bill in view.position.open_bills] == [2]
    run = await lending.run_billing(on=date(2027, 2, 1))
    assert run.bills == 0


async def test_a_bounced_payment_is_reversed(lending: LendingHelper) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    receipt = await lending.pay(loan, amount=4_406_04, reference="cheque 1")
    await lending.run_billing(on=date(2027, 1, 20))
    reversal = await lending.reverse(receipt.payment_id)
    assert reversal.outstanding_paise == 50_000_00
    async with lending.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
    # The second bill has interest of 400.45 on 46,028.96; without the payment, 435.00 accrued on 50,000.00.
    assert view.position.unbilled_interest_paise == 435_00 - 400_45
    assert [bill.cycle for bill in view.position.open_bills] == [1, 2]
    with pytest.raises(reversals.PaymentReversed):
        await lending.reverse(receipt.payment_id)


async def test_reversing_the_closing_payment_reopens_the_loan(lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    receipt = await lending.pay(loan, amount=200_000_00, reference="all of it")
    assert receipt.closed
    with pytest.raises(LoanNotActive):
        await lending.pay(loan, amount=1_00)
    await lending.set_date(date(2027, 2, 1))
    reversal = await lending.reverse(receipt.payment_id)
    assert reversal.loan_status == "active"
    async with lending.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
    assert [bill.cycle for bill in view.position.open_bills] == [1, 2]


async def test_a_backdated_payment_lowers_the_interest_since_then(lending: LendingHelper) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2027, 1, 20))
    receipt = await lending.pay(loan, amount=4_406_04, reference="found", value_date=date(2026, 12, 21))
    assert (receipt.interest_paise, receipt.principal_paise) == (435_00, 3_971_04)
    async with lending.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
    # The second bill of 435.00 never changes; the interest above the correct amount is no longer due.
    (left,) = view.position.open_bills
    assert (left.cycle, left.unpaid_interest_paise, view.position.unbilled_interest_paise) == (2, 400_45, 0)


async def test_refusals_leave_no_trace(lending: LendingHelper) -> None:
    loan = await lending.disburse(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24)
    await lending.pay(loan, amount=24_500_00, reference="one")
    with pytest.raises(ReferenceReused):
        await lending.pay(loan, amount=1_00, reference="one")
    with pytest.raises(AmountBeyondPayoff):
        await lending.pay(loan, amount=10**11, reference="two")
    await lending.run_billing(on=date(2026, 12, 5))
    with pytest.raises(LaterPaymentsConflict):
        await lending.pay(loan, amount=10**11, reference="three", value_date=date(2026, 11, 30))
    async with lending.uow_factory.open(OFFICER) as uow:
        statement = (await statements.get_statement(uow, loan)).statement
    assert [payment.amount_paise for payment in statement.payments] == [24_500_00]


async def test_a_prepayment_replans_in_the_database(lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await lending.pay(loan, amount=50_000_00, reference="early", treat_as=TreatAs.EARLIER_END)
    async with lending.uow_factory.open(SYSTEM) as uow:
        schedule = await loans.get_schedule(uow, loan)
    assert (schedule.version, schedule.emi_paise, len(schedule.rows)) == (2, 9_091_13, 18)
    assert sum(principal for _, _, principal, _ in schedule.rows) == 150_000_00


async def test_a_card_is_billed_and_paid_to_the_end(lending: LendingHelper) -> None:
    loan = await lending.disburse(CREDIT_CARD, amount=5_000, rate="14", instalments=12)
    closed = []
    for month in range(1, 13):
        await lending.run_billing(on=date(2026 + (10 + month) // 12, (10 + month) % 12 + 1, 21))
        receipt = await lending.pay(loan, amount=448_94 if month < 12 else 448_88, reference=f"month {month}")
        assert receipt.interest_paise + receipt.principal_paise == receipt.amount_paise
        closed.append(receipt.closed)
    assert closed == [False] * 11 + [True]
    async with lending.uow_factory.open(SYSTEM) as uow:
        statement = (await statements.get_statement(uow, loan)).statement
    assert (statement.interest_paid_paise, statement.principal_paid_paise) == (387_22, 5_000_00)
    assert {line.status for line in statement.lines} == {InstalmentStatus.PAID}


async def test_a_run_is_paused_resumed_and_cancelled(lending: LendingHelper) -> None:
    await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.set_date(date(2026, 12, 21))
    async with lending.uow_factory.open(OFFICER) as uow:
        run_id = await runs.start_run(uow)
        paused = await runs.pause_run(uow, run_id)
        with pytest.raises(runs.RunNotInState):
            await runs.pause_run(uow, run_id)
    assert paused.status == "paused"
    assert await runs.run_billing(lending.uow_factory, run_id=run_id, worker="test", until=FAR)
    async with lending.uow_factory.open(OFFICER) as uow:
        assert (await runs.get_run(uow, run_id)).bills == 0
        await runs.resume_run(uow, run_id)
        cancelled = await runs.cancel_run(uow, run_id)
        assert (cancelled.status, cancelled.bills) == ("cancelled", 0)
        with pytest.raises(runs.RunNotInState):
            await runs.resume_run(uow, run_id)
        again = await runs.retry_parked(uow, run_id)
    assert again.run_id != run_id
    assert await runs.run_billing(lending.uow_factory, run_id=again.run_id, worker="test", until=FAR)
    async with lending.uow_factory.open(OFFICER) as uow:
        assert (await runs.get_run(uow, again.run_id)).bills == 1


async def test_a_preview_counts_and_writes_nothing(lending: LendingHelper) -> None:
    for _ in range(3):
        await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    for _ in range(2):
        totals = await runs.preview_run(lending.uow_factory, business_date=date(2026, 12, 21))
        assert (totals.loans, totals.bills, totals.demanded_paise) == (3, 3, 3 * 4_406_04)
    assert (await lending.run_billing(on=date(2026, 12, 21))).bills == 3


async def test_a_broken_loan_is_parked_and_the_others_go_on(lending: LendingHelper, owner_dsn: str) -> None:
    _, _, broken = [
        await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12) for _ in range(3)
    ]
    damage = f"UPDATE loans SET annual_rate_percent = -1 WHERE id = {broken.number}"
    async with databases.connection(owner_dsn) as owner:
        await owner.execute(damage)
    run = await lending.run_billing(on=date(2026, 12, 21))
    assert (run.status, run.bills, run.parked) == ("finished", 2, 1)
    async with lending.uow_factory.open(OFFICER) as uow:
        (parked,) = await runs.list_parked(uow, run.run_id, limit=10)
        assert (parked.loan_id, parked.code) == (broken.number, "rate_invalid")
    async with databases.connection(owner_dsn) as owner:
        await owner.execute(damage.replace("-1", "10.5"))
    async with lending.uow_factory.open(OFFICER) as uow:
        again = await runs.retry_parked(uow, run.run_id)
    assert await runs.run_billing(lending.uow_factory, run_id=again.run_id, worker="test", until=FAR)
    async with lending.uow_factory.open(OFFICER) as uow:
        assert (await runs.get_run(uow, again.run_id)).bills == 1
        assert await runs.list_parked(uow, run.run_id, limit=10) == []


@pytest.mark.parametrize("product", [CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN])
async def test_a_payoff_that_bounces_months_later_reopens_the_loan(lending: LendingHelper, product: Product) -> None:
    loan = await lending.disburse(product, amount=20_000, rate="12", instalments=6)
    await lending.set_date(date(2026, 11, 25))
    async with lending.uow_factory.open(SYSTEM) as uow:
        closing = (await loans.view_loan(uow, loan)).payoff.total_paise
    receipt = await lending.pay(loan, amount=closing, reference="cheque")
    assert receipt.closed
    await lending.set_date(date(2027, 2, 10))
    reversal = await lending.reverse(receipt.payment_id)
    assert (reversal.loan_status, reversal.outstanding_paise) == ("active", 20_000_00)
    async with lending.uow_factory.open(SYSTEM) as uow:
        position = (await loans.view_loan(uow, loan)).position
    assert len(position.open_bills) == position.next_cycle - 1 >= 2
    later = await lending.pay(loan, amount=position.open_bills[0].unpaid_paise, reference="transfer")
    assert later.interest_paise > 0
