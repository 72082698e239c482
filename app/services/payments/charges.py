"""Takes back a charge of a loan whose cause was undone, as a use case."""

from dataclasses import dataclass
from datetime import date

from app.db.repositories.lending import charges as repository
from app.domain.errors import Conflict
from app.domain.lending.loan_events import ended
from app.domain.public_ids import LoanReference
from app.services.lending import loans, saving
from app.services.payments import reversals
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
