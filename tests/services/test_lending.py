"""A loan in the database: disbursed, billed by runs, paid, and stated; each step in figures."""

from datetime import date

from app.domain.access import SYSTEM
from app.domain.seeded_products import CREDIT_CARD_LOAN
from app.domain.statements import InstalmentStatus
from app.services import loans, statements
from tests.services.lending import LendingDesk


async def test_a_loan_is_disbursed_billed_and_paid(lending: LendingDesk) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    async with lending.desk.open(SYSTEM) as work:
        view = await loans.view_loan(work, loan)
        assert view.next_due is not None
        assert (view.next_due.amount_paise, view.position.next_cycle) == (4_406_04, 2)
    receipt = await lending.pay(loan, amount=4_406_04, reference="first")
    assert (receipt.interest_paise, receipt.principal_paise) == (435_00, 3_971_04)
    again = await lending.pay(loan, amount=4_406_04, reference="first")
    assert (again.payment_id, again.replayed) == (receipt.payment_id, True)
    async with lending.desk.open(SYSTEM) as work:
        statement = (await statements.get_statement(work, loan)).statement
    assert (statement.principal_paid_paise, statement.interest_paid_paise) == (3_971_04, 435_00)
    assert statement.outstanding_paise == 46_028_96
    assert [line.status for line in statement.lines[:2]] == [InstalmentStatus.PAID, InstalmentStatus.UPCOMING]


async def test_a_run_of_many_loans_bills_each_once(lending: LendingDesk) -> None:
    for _ in range(5):
        await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    run = await lending.run_billing(on=date(2026, 12, 21))
    assert (run.status, run.loans, run.bills, run.demanded_paise, run.parked) == ("finished", 5, 5, 5 * 4_406_04, 0)
    again = await lending.run_billing(on=date(2026, 12, 21))
    assert (again.loans, again.bills) == (0, 0)


async def test_a_late_payment_closes_missed_cycles_first(lending: LendingDesk) -> None:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.set_date(date(2027, 2, 1))
    receipt = await lending.pay(loan, amount=1_935_00, reference="late")
    assert (receipt.interest_paise, receipt.principal_paise) == (435_00, 1_500_00)
    async with lending.desk.open(SYSTEM) as work:
        view = await loans.view_loan(work, loan)
    assert view.position.next_cycle == 3
    assert [bill.cycle for bill in view.position.open_bills] == [2]
    run = await lending.run_billing(on=date(2027, 2, 1))
    assert run.bills == 0
