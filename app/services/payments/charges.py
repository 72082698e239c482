"""Charges of a loan as use cases: books one that its product names, and takes one back whose cause was undone."""

from dataclasses import dataclass
from datetime import date

from app.db.repositories.lending import charges as repository
from app.domain.billing.bills_to_come import charges_to_come
from app.domain.errors import Conflict
from app.domain.lending.charges import BookedCharge
from app.domain.lending.loan_events import ended
from app.domain.lending.positions import Position
from app.domain.payments.payments import payoff
from app.domain.payments.service_charges import decide_service_charge
from app.domain.public_ids import LoanReference
from app.services.lender.registrations import find_gst_state
from app.services.lending import loans, saving
from app.services.lending.calculations import caught_up
from app.services.payments import reversals
from app.services.products.versions import TaxAccountMissing
from app.services.unit_of_work import UnitOfWork


class ChargeTakenBack(Conflict):
    """The charge was taken back before. There is nothing left to take back."""

    code = "charge_taken_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesLeft:
    """What a loan owes of charges after one was taken back, in paise."""

    loan_public_id: str
    charge_id: int
    taken_back_on: date
    charges_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedView:
    """A charge that was booked, or that would be. `before` and `after` are the loan without and with it."""

    loan_public_id: str
    booked: BookedCharge
    before: Position
    after: Position

    @property
    def next_bill_paise(self) -> int:
        """What the next bill demands of charges."""
        return charges_to_come(self.after, on=self.booked.booked_on)

    @property
    def payoff_paise(self) -> int:
        """What closes the loan on the day."""
        return payoff(self.after, on=self.booked.booked_on).total_paise


async def foresee_charge(uow: UnitOfWork, loan: LoanReference, code: str) -> BookedView:
    """What a charge would do today; nothing is written. Raises LoanNotFound, LoanNotActive, ChargeNotNamed,
    TaxAccountMissing."""
    position, _ = await loans.find_position(uow, loan)
    today = await uow.business_date()
    current = (await caught_up(uow, position, through=today)).decision.position
    booked, decision = decide_service_charge(current, code, number=0, on=today)
    await _check_tax_account(uow, booked)
    return BookedView(
        loan_public_id=loans.public_loan_id(current), booked=booked, before=current, after=decision.position
    )


async def book_service_charge(uow: UnitOfWork, loan: LoanReference, code: str, *, reason: str) -> BookedView:
    """Books a charge that the terms of the loan's product name. The next bill demands it.

    Raises LoanNotFound, LoanNotActive, ChargeNotNamed, TaxAccountMissing.
    """
    key = await loans.find_key(uow, loan)
    current = await loans.lock_current(uow, key)
    before = current.decision.position.copy()
    number, today = await repository.next_charge_number(uow.session), await uow.business_date()
    booked, decision = decide_service_charge(before, code, number=number, on=today)
    await _check_tax_account(uow, booked)
    await saving.save(uow, current._replace(decision=current.decision.then(decision)))
    await repository.add_charge(uow.session, key, booked, now=uow.now, actor=uow.actor.label)
    await uow.record(
        "charge_booked",
        object_kind="charge",
        object_id=str(number),
        customer_id=key.customer_id,
        details={"loan_id": key.loan_id, "charge": code, "reason": reason},
    )
    return BookedView(
        loan_public_id=loans.public_loan_id(before), booked=booked, before=before, after=decision.position
    )


async def _check_tax_account(uow: UnitOfWork, booked: BookedCharge) -> None:
    """Refuses a charge with tax where nobody could be invoiced. Raises TaxAccountMissing."""
    if booked.charged.tax_paise and await find_gst_state(uow) is None:
        raise TaxAccountMissing("the lender has no state of GST registration", field="charge")


async def take_back_charge(uow: UnitOfWork, loan: LoanReference, number: int, *, reason: str) -> ChargesLeft:
    """Takes back a charge whose cause was undone: the loan stands as if it had never been booked.

    Raises LoanNotFound, ChargeNotFound, ChargeTakenBack, LaterPaymentsConflict.
    """
    key = await loans.find_key(uow, loan)
    current = await loans.lock_current(uow, key)
    today = await uow.business_date()
    if not await repository.mark_taken_back(uow.session, key, number, on=today, reason=reason):
        raise ChargeTakenBack("this charge was taken back before", field="charge_id")
    history = await reversals.read_history(uow, key, pending=current)
    was = current.decision.position.status
    rewritten = await reversals.rewritten_loan(uow, current, history, payments=history.payments)
    position = rewritten.decision.position
    await saving.save(uow, current.then(rewritten), events=ended(position, was=was))
    await reversals.ask_to_judge(uow, key.customer_id)
    await uow.record(
        "charge_taken_back",
        object_kind="charge",
        object_id=str(number),
        customer_id=key.customer_id,
        details={"loan_id": key.loan_id},
    )
    return ChargesLeft(
        loan_public_id=loans.public_loan_id(position),
        charge_id=number,
        taken_back_on=today,
        charges_paise=position.charges_paise,
    )
