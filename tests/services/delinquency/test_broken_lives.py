"""Day-ends and corrections read the same history of a loan as everything else; and a loan whose rows give no life stops
nobody but its borrower."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from app.db.models import Bill, Loan, LoanCharge, OutboxRow
from app.db.repositories.delinquency.borrowers import list_books
from app.db.repositories.products.products import add_product
from app.domain.operations.proposals import Waiver
from app.domain.people.access import SYSTEM, Role
from app.domain.products.charge_terms import BounceCharge, ChargeTerms, PenalRate
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.delinquency import corrections, day_ends
from app.services.delinquency.borrowers import LoanBroken
from app.services.lending import loans
from app.services.operations import proposals
from app.services.operations.proposals import ProposalRequest
from app.services.payments import charges, reversals
from app.services.people.access import create_user_account
from app.services.reporting.reconciliation import reconcile_all
from tests.services.delinquency.conftest import FAR, Desk
from tests.services.delinquency.test_bureau import make, seen

CUSTOMER = 1001
BOTH = CUSTOMER, CUSTOMER + 1
#: The loans are made on 21 November 2026.
DUE, SECOND, THIRD = date(2026, 12, 21), date(2027, 1, 21), date(2027, 2, 21)
CHARGED = replace(
    STANDARD_LOAN,
    code="RETURNED_AND_LATE",
    repayment=replace(
        STANDARD_LOAN.repayment,
        charges=ChargeTerms(
            bounce=BounceCharge(amount_paise=500_00, sac="997113"), penal_rate=PenalRate(annual_percent=Decimal(24))
        ),
    ),
)


@pytest.fixture(autouse=True)
async def product(desk: Desk) -> None:
    async with desk.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, CHARGED, offered_from=date(2000, 1, 1), now=uow.now, actor="system")


async def lend(desk: Desk) -> LoanReference:
    return await desk.lending.disburse(CHARGED, amount=1000, rate="0", instalments=1)


async def test_a_waiver_of_a_charge_that_was_taken_back_gives_up_nothing_at_a_day_end_either(desk: Desk) -> None:
    """1,000.00 for a month at 0 %. A payment is returned, which costs 500.00 with 90.00 of tax; the charge is waived,
    and then taken back. The penal charge of 1,000.00 x 24 % x 31 / 365 = 20.38 is not waived by that: at the day-ends
    after it is paid the borrower owes nothing, and no payment was too large."""
    loan = await lend(desk)
    receipt = await desk.lending.pay(loan, amount=1_00, reference="RETURNED")
    await desk.lending.reverse(receipt.payment_id)
    async with desk.uow_factory.open(SYSTEM) as uow:
        key = await loans.find_key(uow, loan)
        charge = (await uow.session.execute(select(LoanCharge.id).where(LoanCharge.kind == "bounce"))).scalar_one()
        maker, checker = [
            await create_user_account(uow, role=role, name="Staff", customer_id=None)
            for role in (Role.OFFICER, Role.ADMIN)
        ]
    async with desk.uow_factory.open(maker) as uow:
        waiver = Waiver(interest_paise=0, charges_paise=590_00, charge_number=charge)
        proposed = await proposals.propose(uow, ProposalRequest(proposed=waiver, reason="courtesy", loan=loan))
    async with desk.uow_factory.open(checker) as uow:
        await proposals.approve(uow, proposed.stored.proposal.id)
    async with desk.uow_factory.open(maker) as uow:
        await charges.take_back_charge(uow, loan, charge, reason="the bank withdrew the return")
    await desk.run(on=SECOND)
    await desk.lending.pay(loan, amount=1_020_38, reference="ALL")
    async with desk.uow_factory.open(SYSTEM) as uow:
        bills = (await uow.session.execute(select(Bill.charges_paise).order_by(Bill.cycle))).scalars().all()
        history = await reversals.read_history(uow, key)
        (books,) = await list_books(uow.session, CUSTOMER)
    assert (list(bills), history.concessions[0].taxes[0].waived_paise) == ([0, 20_38], 590_00)
    assert books.history(known_on=date.max) == history._replace(transfers=())
    await desk.run(on=THIRD)
    assert (await desk.believed(CUSTOMER))[-1][:2] == (SECOND, None)
    assert (await desk.see(loan, on=THIRD)).days_past_due == 0


async def damage(desk: Desk, loan: LoanReference, *, rate: int) -> None:
    """Writes another first rate. No loan was ever made with one below zero."""
    async with desk.uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(update(Loan).where(Loan.id == loan.number).values(annual_rate_percent=rate))


async def waiting(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    """The jobs that are to judge one borrower again."""
    async with desk.uow_factory.open(SYSTEM) as uow:
        asked = select(OutboxRow).where(OutboxRow.job == "judge_borrower", OutboxRow.done_at.is_(None))
        return [(row.key, row.payload) for row in (await uow.session.execute(asked)).scalars()]


async def reconciled(desk: Desk) -> list[tuple[int, str, object]]:
    pages = [page async for page in reconcile_all(desk.uow_factory)]
    return [(found.loan_id, found.figure, found.derived) for page in pages for found in page.differences]


async def test_a_loan_without_a_life_stops_nobody_but_its_borrower(desk: Desk) -> None:
    """Two loans that nobody pays, with penal charges, so the day-ends live them again. One is damaged: the other is
    judged and reported, and a job waits for the borrower of this one. Once it is whole, what was left out is derived.
    """
    broken, whole = [await lend(desk) for _ in range(2)]
    await desk.run(on=SECOND)
    await make(desk)
    late = [(DUE, "sma_0", date(2027, 1, 20)), (date(2027, 1, 20), "sma_1", date(2027, 1, 20))]
    await desk.lending.run_billing(on=date(2027, 3, 1))
    await damage(desk, broken, rate=-1)
    payload = {"through": "2027-02-28"}
    assert await day_ends.judge_day_ends(desk.uow_factory, payload, until=FAR)
    later = (date(2027, 2, 19), "sma_2")
    assert await desk.believed(CUSTOMER) == late
    assert await desk.believed(CUSTOMER + 1) == [*late, (*later, date(2027, 2, 28))]
    assert (await desk.see(whole, on=date(2027, 2, 28))).days_past_due == 70
    assert await waiting(desk) == [("1001:broken", {"customer_id": CUSTOMER})]
    # The next day-end asks for no second job.
    await desk.run(on=date(2027, 3, 2))
    ((_, asked),) = await waiting(desk)
    with pytest.raises(LoanBroken, match=f"loan {broken.number}: rate_invalid"):
        await corrections.judge_borrower(desk.uow_factory, asked)
    # The files since then say nothing of the borrower, and the first one afterwards says what is new.
    assert (await make(desk))[-1] == "2027-02-28"
    reported = [[row[:3] for row in await seen(desk, customer_id) if row[0] > "2027-01-20"] for customer_id in BOTH]
    assert (reported[0], len(reported[1]), reported[1][-1]) == ([], 6, ("2027-02-28", "full", "70"))

    await damage(desk, broken, rate=0)
    assert await corrections.judge_borrower(desk.uow_factory, asked)
    assert await desk.believed(CUSTOMER) == [*late, (*later, date(2027, 3, 2))]
    await desk.run(on=date(2027, 3, 10))
    assert (await make(desk))[-1] == "2027-03-09"
    assert [(await seen(desk, customer_id))[-1][:3] for customer_id in BOTH] == [
        ("2027-03-09", "incremental", "79")
    ] * 2


async def test_reconciliation_names_a_loan_without_a_life_and_goes_on(desk: Desk) -> None:
    broken = await lend(desk)
    await desk.run(on=SECOND)
    await damage(desk, broken, rate=-1)
    assert await reconciled(desk) == [
        (broken.number, "replay", "rate_invalid"),
        (broken.number, "life of loan", "rate_invalid"),
    ]
    await damage(desk, broken, rate=0)
