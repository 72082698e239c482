"""Interest in suspense on the database: in the day-end, received, written off, corrected."""

from datetime import date
from typing import Any

from sqlalchemy import text

from app.db.repositories.delinquency import changes as repository
from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending.loans import LoanKey
from app.domain.delinquency.changes import ChangeReason
from app.domain.delinquency.suspense import suspended_paise
from app.domain.operations.proposals import WriteOff
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.public_ids import LoanReference
from app.services.operations.proposals import ProposalRequest, approve, propose
from app.services.reporting.reconciliation import reconcile_all
from app.services.reporting.statements import get_statement
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_day_ends import CUSTOMER, EMI, lend
from tests.services.lending_desk import OFFICER, LendingHelper

ADMIN = Actor(role=Role.ADMIN, user_account_id=2)

#: Due since 21 December 2026, so non-performing from 21 March 2027.
FAILED = date(2027, 3, 21)


async def suspense(desk: Desk, loan: LoanReference) -> list[tuple[date, date, str, str, int]]:
    async with desk.uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        rows = await ledger_repository.list_all_transfers(uow.session, LoanKey(CUSTOMER, loan.number))
    return [
        (one.value_date, one.booked_on, one.debit.value, one.credit.value, one.amount_paise)
        for one in rows
        if one.component.value == "interest_suspense"
    ]


async def state(desk: Desk) -> list[tuple[Any, ...]]:
    async with desk.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            text("SELECT facility_id, asset_class, suspended_paise FROM delinquencies ORDER BY 1")
        )
        return [tuple(row) for row in rows]


async def test_interest_leaves_income_when_the_loan_fails(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 3, 21))
    assert await suspense(desk, loan) == []
    await desk.run(on=date(2027, 3, 22))
    # Billed and not received: 1,200.00, 1,105.38, 1,009.82 and 913.30 of 21 March itself.
    owed = 1_200_00 + 1_105_38 + 1_009_82 + 913_30
    assert await suspense(desk, loan) == [(FAILED, date(2027, 3, 22), "interest_income", "interest_suspense", owed)]
    assert await state(desk) == [(loan.number, "sub_standard", owed)]
    # What is billed later follows when its day is over.
    await desk.run(on=date(2027, 4, 22))
    assert (await suspense(desk, loan))[1:] == [
        (date(2027, 4, 21), date(2027, 4, 22), "interest_income", "interest_suspense", 815_81)
    ]
    await desk.run(on=date(2027, 4, 22))
    assert len(await suspense(desk, loan)) == 2


async def test_interest_is_income_when_it_is_received(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 3, 22))
    await desk.lending.pay(loan, amount=EMI)
    await desk.run(on=date(2027, 3, 23))
    assert (await suspense(desk, loan))[1:] == [
        (date(2027, 3, 22), date(2027, 3, 23), "interest_suspense", "interest_income", 1_200_00)
    ]
    await desk.lending.pay(loan, amount=3 * EMI)
    await desk.run(on=date(2027, 3, 24))
    assert (await suspense(desk, loan))[2:] == [
        (date(2027, 3, 23), date(2027, 3, 24), "interest_suspense", "interest_income", 1_105_38 + 1_009_82 + 913_30)
    ]
    assert await state(desk) == []


async def test_a_bounce_puts_it_back(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 3, 22))
    paid = await desk.lending.pay(loan, amount=4 * EMI)
    await desk.run(on=date(2027, 3, 23))
    assert await state(desk) == []
    await desk.lending.reverse(paid.payment_id)
    await desk.correct(CUSTOMER, on=date(2027, 3, 23))
    owed = 1_200_00 + 1_105_38 + 1_009_82 + 913_30
    assert await state(desk) == [(loan.number, "sub_standard", owed)]
    async with desk.uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        rows = await ledger_repository.list_all_transfers(uow.session, LoanKey(CUSTOMER, loan.number))
    assert suspended_paise(rows, on=FAILED) == suspended_paise(rows) == owed


async def test_a_backdated_payment_takes_it_back(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 3, 25))
    assert len(await state(desk)) == 1
    await desk.lending.pay(loan, amount=4 * EMI, value_date=date(2027, 3, 20))
    await desk.correct(CUSTOMER, on=date(2027, 3, 25))
    assert await state(desk) == []
    async with desk.uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        rows = await ledger_repository.list_all_transfers(uow.session, LoanKey(CUSTOMER, loan.number))
    assert [suspended_paise(rows, on=date(2027, 3, day)) for day in (20, 21, 25)] == [0, 0, 0]


async def test_reconciliation_names_classes_and_suspense_that_do_not_follow(unreconciled: LendingHelper) -> None:
    desk = Desk(unreconciled)
    loan = await lend(desk)
    await desk.run(on=date(2027, 3, 22))
    async for page in reconcile_all(desk.uow_factory):
        assert page.differences == ()
    async with desk.uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(text("UPDATE delinquency_changes SET known_until = known_from WHERE number = 4"))
    found = [one async for page in reconcile_all(desk.uow_factory) for one in page.differences]
    owed = 1_200_00 + 1_105_38 + 1_009_82 + 913_30
    classes = ("2026-12-21 sma_0", "2027-01-20 sma_1", "2027-02-19 sma_2")
    assert [(one.loan_id, one.figure, one.stored, one.derived) for one in found] == [
        (loan.number, "classes of loan", classes, (*classes, "2027-03-21 sub_standard")),
        (loan.number, "suspense of loan", owed, 0),
    ]


async def test_reconciliation_names_what_else_differs_where_dates_and_classes_do_not(
    unreconciled: LendingHelper,
) -> None:
    desk = Desk(unreconciled)
    loan = await lend(desk)
    await desk.run(on=date(2027, 1, 22))
    async with desk.uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        _, (number, change, known_from, _) = await repository.list_changes(uow.session, CUSTOMER)
        await repository.end_changes(uow.session, CUSTOMER, [(change.key, number)], known_until=known_from)
        wrong = change._replace(reason=ChangeReason.OTHER_FACILITY)
        await repository.copy_changes(uow.session, [(CUSTOMER, number + 1, wrong)], known_from=known_from)
    found = [one async for page in reconcile_all(desk.uow_factory) for one in page.differences]
    fell_due = "2026-12-21 sma_0, reason instalment_fell_due"
    assert [(one.loan_id, one.figure, one.stored, one.derived) for one in found] == [
        (
            loan.number,
            "classes of loan",
            (fell_due, "2027-01-20 sma_1, reason other_facility"),
            (fell_due, "2027-01-20 sma_1, reason days_passed"),
        )
    ]


async def test_what_is_written_off_was_never_income(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2027, 3, 22))
    async with desk.uow_factory.open(OFFICER) as uow:
        request = ProposalRequest(proposed=WriteOff(), reason="no estate", loan=loan)
        proposal = (await propose(uow, request)).stored.proposal
    async with desk.uow_factory.open(ADMIN) as uow:
        await approve(uow, proposal.id)
    owed = 1_200_00 + 1_105_38 + 1_009_82 + 913_30
    # On the day after, the loan is lost, and its suspense lowers the loss: 1,20,000 of principal are left of it.
    await desk.run(on=date(2027, 3, 23))
    assert (await desk.believed(CUSTOMER))[-1][:2] == (date(2027, 3, 22), "loss")
    assert (await suspense(desk, loan))[1:] == [
        (date(2027, 3, 22), date(2027, 3, 23), "interest_suspense", "write_offs", owed)
    ]
    async with desk.uow_factory.reading(SYSTEM) as uow:
        loss = await uow.session.scalar(
            text(
                "SELECT sum(CASE WHEN debit = 'write_offs' THEN amount_paise ELSE -amount_paise END) FROM transfers"
                " WHERE 'write_offs' IN (debit, credit)"
            )
        )
        found = await get_statement(uow, loan)
    assert loss == 1_20_000_00
    # The borrower's statement shows what was given up, and nothing of the lender's income.
    assert [(line.number, line.status.value) for line in found.statement.lines[:4]] == [
        (number, "WRITTEN_OFF") for number in (1, 2, 3, 4)
    ]
