"""Changing the past without rewriting it: reversals, and payments that turn out to have come earlier.

Both read everything that is in the books of one locked loan, let the domain live it again, and post the difference
today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.db.repositories import billing as bill_repository
from app.db.repositories import concessions as concession_repository
from app.db.repositories import ledger as ledger_repository
from app.db.repositories import payments as payment_repository
from app.db.repositories import schedules as schedule_repository
from app.db.repositories.loans import LoanKey
from app.db.repositories.payments import PaymentNotFound
from app.domain.billing import Billing
from app.domain.errors import Conflict
from app.domain.foresight import ROWS_OF_A_CYCLE
from app.domain.life import History
from app.domain.payments import PaymentOrder
from app.domain.replay import check_backdated, rewrite
from app.services import loans
from app.services.calculations import calculate
from app.services.work import Work


class PaymentReversed(Conflict):
    """The payment was reversed before. There is nothing left to reverse."""

    code = "payment_reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """What a reversal left."""

    payment_id: int
    loan_public_id: str
    reversed_on: date
    outstanding_paise: int
    loan_status: str


async def read_history(work: Work, key: LoanKey, *, pending: Billing | None = None) -> History:
    """All that is in the books of a loan, and what a catching-up that is not saved yet adds to it."""
    place = {"customer_id": key.customer_id, "loan_id": key.loan_id}
    history = History(
        bills=await bill_repository.list_issued(work.session, **place),
        payments=await payment_repository.list_orders(work.session, **place),
        transfers=await ledger_repository.list_all_transfers(work.session, key),
        replanned=await schedule_repository.list_replanned(work.session, key),
        concessions=await concession_repository.list_concessions(work.session, **place),
    )
    if pending is None:
        return history
    return history._replace(
        bills=[*history.bills, *pending.bills], transfers=[*history.transfers, *pending.decision.transfers]
    )


async def add_backdated(work: Work, key: LoanKey, current: Billing, order: PaymentOrder) -> Billing:
    """The loan as if a payment had come on its value date; to be saved. Raises AmountNotExact,
    LaterPaymentsConflict."""
    history = await read_history(work, key, pending=current)
    check_backdated(current.decision.position, history, order)
    rewritten = await _rewritten(work, current, history, payments=[*history.payments, order])
    return current.then(rewritten)


async def _rewritten(work: Work, current: Billing, history: History, *, payments: Sequence[PaymentOrder]) -> Billing:
    """What is to be posted so that the books are as if these payments had always been the ones; a long life is lived
    again beside the event loop. Raises LaterPaymentsConflict."""
    today = await work.business_date()
    return await calculate(
        lambda: rewrite(current.decision.position, history, payments=payments, on=today),
        rows=ROWS_OF_A_CYCLE * len(history.bills),
    )


async def reverse_payment(work: Work, payment_id: int, *, reason: str) -> Reversal:
    """Takes a payment out of the books as if it had never come: it bounced.

    Raises PaymentNotFound, PaymentReversed, LaterPaymentsConflict.
    """
    payment = await payment_repository.get_payment(work.session, payment_id)
    if not work.actor.may_see(payment.customer_id):
        raise PaymentNotFound("there is no such payment", field="payment_id")
    key = LoanKey(payment.customer_id, payment.loan_id)
    current = await loans.lock_current(work, key)
    today = await work.business_date()
    if not await payment_repository.mark_reversed(
        work.session, customer_id=key.customer_id, payment_id=payment_id, on=today, reason=reason
    ):
        raise PaymentReversed("this payment was reversed before", field="payment_id")
    history = await read_history(work, key, pending=current)
    rewritten = await _rewritten(work, current, history, payments=history.payments)
    await loans.save(work, current.then(rewritten))
    await work.record(
        "payment_reversed",
        object_kind="payment",
        object_id=str(payment_id),
        customer_id=key.customer_id,
        details={"loan_id": key.loan_id},
    )
    position = rewritten.decision.position
    return Reversal(
        payment_id=payment_id,
        loan_public_id=loans.public_loan_id(position),
        reversed_on=today,
        outstanding_paise=position.principal_paise,
        loan_status=position.status.value,
    )
