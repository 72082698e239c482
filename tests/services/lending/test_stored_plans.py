"""Plans in the database: what is read again is what was decided, whichever way the loan came there.

Found by the random lives over HTTP; the domain alone cannot see it.
"""

from datetime import timedelta

from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.services.lending import loans
from tests.services.conftest import START
from tests.services.lending_desk import LendingHelper

MADE = START.date()


async def test_a_run_that_is_late_plans_all_that_is_left(lending: LendingHelper) -> None:
    """The bill of day 30 is issued and closed by one run; what goes back is spread over all instalments left."""
    billed = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=MADE + timedelta(days=46))
    async with lending.uow_factory.open(SYSTEM) as uow:
        schedule = await loans.get_schedule(uow, billed)
    assert len(schedule.rows) == 12
    assert [row.principal_paise for row in schedule.rows][:3] == [1_500_00, 4_214_32, 4_257_94]
    assert sum(row.principal_paise for row in schedule.rows) == 50_000_00


async def test_a_loan_that_is_open_again_has_the_rows_of_its_cycles(lending: LendingHelper) -> None:
    """Prepaid, it had one row left and closed in its second cycle. The reversal bills the second and plans four."""
    loan = await lending.disburse(STANDARD_LOAN, amount=1_000, rate="48", instalments=6)
    await lending.set_date(MADE + timedelta(days=12))
    prepaid = await lending.pay(loan, amount=1_015_00, treat_as=TreatAs.SMALLER_EMI)
    await lending.run_billing(on=MADE + timedelta(days=40))
    async with lending.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
        assert view.next_due is not None
    assert (await lending.pay(loan, amount=view.next_due.amount_paise)).closed
    await lending.set_date(MADE + timedelta(days=63))
    await lending.reverse(prepaid.payment_id)
    async with lending.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
        schedule = await loans.get_schedule(uow, loan)
    position = view.position
    assert [row.number for row in schedule.rows] == [1, 2, 3, 4, 5, 6]
    assert (position.next_cycle, len(position.plan.due_on)) == (3, 4)
    assert sum(position.plan.principal_paise) == position.undemanded_principal_paise
