"""Billing runs on the real database: late runs, rows that a table refuses, and other writers at the same time."""

from datetime import date, timedelta

from sqlalchemy import select

from app.api.v1.billing.runs import present_run
from app.db.models import Bill, Loan
from app.db.repositories.billing import due_loans
from app.db.repositories.billing.runs import RunProgress
from app.db.repositories.lending import positions
from app.db.repositories.lending.loans import LoanKey
from app.domain.billing.cycles import bring_up
from app.domain.payments.changes import ChangeKind
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.domain.public_ids import LoanReference
from app.domain.schedules.terms import Moratorium, MoratoriumOf
from app.services.billing import runs
from app.services.payments import changes
from app.services.payments.changes import ChangeRequest
from tests import databases
from tests.services.conftest import START
from tests.services.lending_desk import FAR, OFFICER, LendingHelper

FIRST_DAY = START.date()
DAYS = 80
BOOKS = ((50_000, "10.5"), (20_000, "24"), (7_000, "12"))


async def test_a_run_after_many_missed_days_bills_what_daily_runs_billed(lending: LendingHelper) -> None:
    """The cycles of this product have thirty days, so equal loans made a hundred days later get equal bills."""
    early = [await lend(lending, amount=amount, rate=rate) for amount, rate in BOOKS]
    for day in range(1, DAYS + 1):
        await lending.run_billing(on=FIRST_DAY + timedelta(days=day))
    later = FIRST_DAY + timedelta(days=100)
    await lending.set_date(later)
    late = [await lend(lending, amount=amount, rate=rate) for amount, rate in BOOKS]
    await lending.run_billing(on=later + timedelta(days=DAYS))
    daily = [await bills_of(lending, loan, since=FIRST_DAY, days=DAYS) for loan in early]
    at_once = [await bills_of(lending, loan, since=later, days=DAYS) for loan in late]
    assert daily == at_once
    assert [len(bills) for bills in daily] == [2, 2, 2]


async def test_a_loan_whose_bill_the_table_refuses_is_parked_alone(unreconciled: LendingHelper, owner_dsn: str) -> None:
    made = [await lend(unreconciled, amount=50_000, rate="10.5") for _ in range(3)]
    async with databases.connection(owner_dsn) as owner:
        await owner.execute("ALTER TABLE bills ADD CONSTRAINT refused CHECK (loan_id <> " + f"{made[1].loan_id})")
        try:
            run = await unreconciled.run_billing(on=FIRST_DAY + timedelta(days=30))
        finally:
            await owner.execute("ALTER TABLE bills DROP CONSTRAINT refused")
    assert (run.status, run.loans, run.bills, run.parked) == ("finished", 2, 2, 1)
    assert run.demanded_paise == 2 * 4_406_04
    async with unreconciled.uow_factory.open(OFFICER) as uow:
        (parked,) = await runs.list_parked(uow, run.run_id, limit=10)
        assert (parked.loan_id, parked.code, parked.message) == (
            made[1].loan_id, "refused_by_database", "a table refuses the rows of this loan",
        )  # fmt: skip
        untouched = await uow.session.get_one(Loan, made[1])
        assert (untouched.version, untouched.next_cycle, untouched.interest_paise) == (1, 1, 0)
        again = await runs.retry_parked(uow, run.run_id)
    assert await runs.run_billing(unreconciled.uow_factory, run_id=again.run_id, worker="test", until=FAR)
    async with unreconciled.uow_factory.open(OFFICER) as uow:
        assert (await runs.get_run(uow, again.run_id)).bills == 1
        assert await runs.list_parked(uow, run.run_id, limit=10) == []


async def test_only_loans_with_an_unchanged_version_are_updated(lending: LendingHelper) -> None:
    keys = [await lend(lending, amount=50_000, rate="10.5") for _ in range(2)]
    async with lending.uow_factory.open(SYSTEM) as uow:
        stored = [await positions.get_stored_loan(uow.session, key) for key in keys]
        found = [positions.position_of(one.row, CREDIT_CARD_LOAN.repayment) for one in stored]
        found[1].version += 1
        await due_loans.make_room(uow.session)
        assert await due_loans.update_loans(uow.session, found) == {keys[0]}
        # A second time in the same transaction: the version has changed, and rows staged before have no effect.
        assert await due_loans.update_loans(uow.session, found[:1]) == set()
        assert [(await uow.session.get_one(Loan, key)).version for key in keys] == [2, 1]


async def test_runs_and_payments_read_the_same_position(lending: LendingHelper) -> None:
    """A billed and partly prepaid loan has the same position when read by both queries."""
    key = await lend(lending, amount=50_000, rate="10.5")
    await lending.run_billing(on=FIRST_DAY + timedelta(days=30))
    async with lending.uow_factory.open(SYSTEM) as uow:
        through = FIRST_DAY + timedelta(days=60)
        (due,) = await due_loans.list_due_loans(
            uow.session, from_customer_id=key.customer_id, to_customer_id=key.customer_id, through=through
        )
        one = await positions.get_stored_loan(uow.session, key)
        assert (due.key, due.product) == (key, one.product)
        both = [positions.position_of(stored.row, CREDIT_CARD_LOAN.repayment) for stored in (due, one)]
        assert both[0] == both[1]
        assert bring_up(both[0], through=through) == bring_up(both[1], through=through)


async def test_a_run_on_the_day_defers_a_bill_of_a_moratorium_as_the_schedule_shows(lending: LendingHelper) -> None:
    """50,000.00 x 0.029 % x 30 days = 435.00 a cycle. Three wait for the fourth, and its days to pay, as shown. Those
    that are paid early leave the loan without an open bill, on which a run reads no more than it needs."""
    key = await lend(lending, amount=50_000, rate="10.5")
    loan, wait = LoanReference(number=key.loan_id, year=None), Moratorium(instalments=3, of=MoratoriumOf.BOTH)
    async with lending.uow_factory.open(OFFICER) as uow:
        await changes.make(uow, key, ChangeRequest(kind=ChangeKind.RESTRUCTURE, moratorium=wait))
    pay_by = FIRST_DAY + timedelta(days=4 * 30 + 15)
    for number in (1, 2, 3):
        await lending.run_billing(on=FIRST_DAY + timedelta(days=number * 30))
        async with lending.uow_factory.open(SYSTEM) as uow:
            bill = await uow.session.get_one(Bill, (*key, number))
        assert (bill.due_on, bill.interest_paise, bill.principal_due_paise) == (pay_by, 435_00, 0)
        await lending.pay(loan, amount=435_00, reference=f"early {number}")


def test_progress_has_a_rate_and_the_time_that_is_left() -> None:
    run = RunProgress(
        run_id=1, business_date=FIRST_DAY, status="running", loans_due=1_000, ranges=10, ranges_done=4, loans=398,
        bills=398, demanded_paise=1_00, parked=2, started_at=START, finished_at=None,
    )  # fmt: skip
    shown = present_run(run, now=START + timedelta(seconds=4))
    assert (shown.percent_done, shown.loans_per_second, shown.seconds_left) == (40, 99.5, 6)


async def lend(lending: LendingHelper, *, amount: int, rate: str) -> LoanKey:
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=amount, rate=rate, instalments=12)
    async with lending.uow_factory.open(SYSTEM) as uow:
        customer_id = (await uow.session.execute(select(Loan.customer_id).where(Loan.id == loan.number))).scalar_one()
    return LoanKey(customer_id, loan.number)


async def bills_of(lending: LendingHelper, loan: LoanKey, *, since: date, days: int) -> list[tuple[int, ...]]:
    """A loan's bills of its first days, without who booked them and when; dates as days since the disbursal."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            select(Bill)
            .where(Bill.loan_id == loan.loan_id, Bill.billed_on <= since + timedelta(days=days))
            .order_by(Bill.cycle)
        )
        return [
            (
                bill.cycle,
                (bill.from_on - since).days,
                (bill.billed_on - since).days,
                (bill.due_on - since).days,
                bill.opening_principal_paise,
                bill.interest_paise,
                bill.principal_due_paise,
                bill.past_due_paise,
                bill.total_due_paise,
                bill.minimum_due_paise,
                bill.schedule_version,
                bill.unpaid_interest_paise,
                bill.unpaid_principal_paise,
                bill.returned_paise,
            )
            for bill in rows.scalars()
        ]
