"""Refunds as use cases: what is owed to a borrower, and paying it out on a locked loan.

`operations/proposals.py` controls who may decide on one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.payments import concessions as number_repository
from app.db.repositories.payments import refunds as repository
from app.domain.billing.cycles import Billing
from app.domain.events.catalog import EventType
from app.domain.lending.loan_events import ended, loan_event
from app.domain.payments.refunds import Refund, decide_refund, owed_to_borrower_paise
from app.domain.public_ids import LoanReference
from app.services.lending import loans, saving
from app.services.lending.calculations import caught_up
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedToBorrower:
    """What a loan owes to its borrower on the business date, in paise; below 0 if more was refunded than was owed."""

    loan_public_id: str
    on: date
    owed_paise: int


async def view_owed(uow: UnitOfWork, loan: LoanReference) -> OwedToBorrower:
    """What a loan that the actor may see owes to its borrower. Nothing is written. Raises LoanNotFound."""
    billing, _ = await loans.find_current(uow, loan)
    return OwedToBorrower(
        loan_public_id=loans.public_loan_id(billing.decision.position),
        on=await uow.business_date(),
        owed_paise=await _owed(uow, billing),
    )


async def _owed(uow: UnitOfWork, current: Billing) -> int:
    """What is owed to the borrower: what is stored, and what the loan owes back by what is billed in memory."""
    position = current.decision.position
    stored = await repository.sum_owed(uow.session, LoanKey(position.customer_id, position.loan_id))
    return stored + owed_to_borrower_paise(current.decision.transfers)


async def foresee(uow: UnitOfWork, key: LoanKey, *, amount_paise: int) -> Mapping[str, int]:
    """What a refund would pay out today; nothing is written. Raises RefundOfNothing, RefundBeyondOwed."""
    stored, _ = await loans.read_position(uow, key)
    today = await uow.business_date()
    current = await caught_up(uow, stored, through=today)
    refund = Refund(number=0, paid_on=today, amount_paise=amount_paise)
    decide_refund(current.decision.position, refund, owed_paise=await _owed(uow, current))
    return {"amount_paise": amount_paise}


async def pay_out(uow: UnitOfWork, key: LoanKey, *, proposal_id: int, amount_paise: int) -> Mapping[str, int]:
    """Pays out what is owed to the borrower, on the business date. Raises RefundOfNothing, RefundBeyondOwed."""
    current = await loans.lock_current(uow, key)
    was = current.decision.position.status
    refund = Refund(
        number=await number_repository.next_concession_number(uow.session),
        paid_on=await uow.business_date(),
        amount_paise=amount_paise,
    )
    decision = decide_refund(current.decision.position, refund, owed_paise=await _owed(uow, current))
    position = decision.position
    refunded = loan_event(EventType.LOAN_REFUNDED, position, refunded_paise=amount_paise)
    await saving.save(
        uow,
        current._replace(decision=current.decision.then(decision)),
        events=[*ended(position, was=was), refunded],
    )
    await repository.add_refund(uow.session, key, refund, proposal_id=proposal_id, now=uow.now, actor=uow.actor.label)
    return {"amount_paise": amount_paise}
