"""Day-ends and corrections read the same history of a loan as everything else; and a loan whose rows give no life stops
nobody but its borrower."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from app.db.models import Bill, LoanCharge
from app.db.repositories.delinquency.borrowers import list_books
from app.db.repositories.products.products import add_product
from app.domain.operations.proposals import Waiver
from app.domain.people.access import SYSTEM, Role
from app.domain.products.charge_terms import BounceCharge, ChargeTerms, PenalRate
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.lending import loans
from app.services.operations import proposals
from app.services.operations.proposals import ProposalRequest
from app.services.payments import charges, reversals
from app.services.people.access import create_user_account
from tests.services.delinquency.conftest import Desk

CUSTOMER = 1001
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


async def lend(desk: Desk) -> LoanReference:
    async with desk.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, CHARGED, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
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
