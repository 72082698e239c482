"""Reversals and backdated payments. The ledger's old rows stay; corrections are posted today.

Both read the whole books of one locked loan, let the domain replay them, and post the difference on the business date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.db.repositories.billing import bills as bill_repository
from app.db.repositories.lending import changes as change_repository
from app.db.repositories.lending import charges as charge_repository
from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending import schedules as schedule_repository
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.payments import concessions as concession_repository
from app.db.repositories.payments import payments as payment_repository
from app.db.repositories.payments import refunds as refund_repository
from app.db.repositories.payments.payments import PaymentNotFound
from app.domain.billing.cycles import Billing
from app.domain.billing.foresight import ROWS_OF_A_CYCLE
from app.domain.billing.open_bills import newly_overdue
from app.domain.errors import Conflict
from app.domain.lending.charges import BookedCharge, ChargeKind
from app.domain.lending.loan_events import ended
from app.domain.payments.changes import LoanChange
from app.domain.payments.histories import History
from app.domain.payments.payment_events import payment_reversed
from app.domain.payments.payments import PaymentOrder
from app.domain.payments.replay import check_backdated, rewrite
from app.domain.products.charges import bounce_charge
from app.services.lending import loans, saving
from app.services.lending.calculations import calculate
from app.services.unit_of_work import UnitOfWork

#: The job of a higher capability that judges a borrower again.
JUDGE_BORROWER = "judge_borrower"


class ReversalCause(StrEnum):
    """Why a payment is taken back: the bank returned it unpaid, or it was entered by mistake."""

    RETURNED = "returned"
    MISTAKE = "mistake"


class PaymentReversed(Conflict):
    """The payment was reversed before. There is nothing left to reverse."""

    code = "payment_reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """The loan after a reversal. Amounts in paise."""

    payment_id: int
    loan_public_id: str
    reversed_on: date
    outstanding_paise: int
    loan_status: str
    charge_paise: int = 0


async def ask_to_judge(uow: UnitOfWork, customer_id: int) -> None:
    """Asks for the classes of a borrower to be judged again, because the past turned out otherwise."""
    today = (await uow.business_date()).isoformat()
    payload = {"customer_id": customer_id, "known_on": today}
    await uow.enqueue(JUDGE_BORROWER, key=f"{customer_id}:{today}", payload=payload)


async def read_history(uow: UnitOfWork, key: LoanKey, *, pending: Billing | None = None) -> History:
    """The whole books of a loan; `pending` adds bills and transfers that are decided but not saved yet."""
    place = {"customer_id": key.customer_id, "loan_id": key.loan_id}
    history = History(
        bills=await bill_repository.list_issued(uow.session, **place),
        payments=await payment_repository.list_orders(uow.session, **place),
        transfers=await ledger_repository.list_all_transfers(uow.session, key),
        replanned=await schedule_repository.list_replanned(uow.session, key),
        concessions=await concession_repository.list_concessions(uow.session, **place),
        changes=await change_repository.list_standing(uow.session, key),
        refunds=(await refund_repository.list_of_customer(uow.session, key.customer_id)).get(key.loan_id, []),
        charges=await charge_repository.list_charges(uow.session, key),
    )
    if pending is None:
        return history
    return history._replace(
        bills=[*history.bills, *pending.bills], transfers=[*history.transfers, *pending.decision.transfers]
    )


async def add_backdated(uow: UnitOfWork, key: LoanKey, current: Billing, order: PaymentOrder) -> Billing:
    """The loan as if a payment had arrived on its value date. The caller saves it. Raises AmountNotExact,
    LaterPaymentsConflict."""
    history = await read_history(uow, key, pending=current)
    check_backdated(current.decision.position, history, order)
    rewritten = await rewritten_loan(uow, current, history, payments=[*history.payments, order])
    return current.then(rewritten)


async def rewritten_loan(
    uow: UnitOfWork,
    current: Billing,
    history: History,
    *,
    payments: Sequence[PaymentOrder] | None = None,
    changes: Sequence[LoanChange] | None = None,
) -> Billing:
    """The postings after which the books are as if only these payments and changes had been made (default: those of the
    history). A long history is replayed in a thread beside the event loop. Raises LaterPaymentsConflict."""
    orders = history.payments if payments is None else payments
    today, position = await uow.business_date(), current.decision.position
    stored = await bill_repository.list_states(uow.session, customer_id=position.customer_id, loan_id=position.loan_id)
    before = {state.cycle: state for state in stored} | current.decision.states
    found = await calculate(
        lambda: rewrite(position, history, payments=orders, changes=changes, on=today),
        rows=ROWS_OF_A_CYCLE * len(history.bills),
    )
    return found._replace(overdue=newly_overdue(before, found.decision.states))


async def reverse_payment(
    uow: UnitOfWork, payment_id: int, *, reason: str, cause: ReversalCause = ReversalCause.RETURNED
) -> Reversal:
    """Reverses a payment: afterwards the loan stands as if it had never been paid. A payment that the bank returned
    costs the product's bounce charge.

    Raises PaymentNotFound, PaymentReversed, LaterPaymentsConflict.
    """
    payment = await payment_repository.get_payment(uow.session, payment_id)
    if not uow.actor.may_see(payment.customer_id):
        raise PaymentNotFound("there is no such payment", field="payment_id")
    key = LoanKey(payment.customer_id, payment.loan_id)
    current = await loans.lock_current(uow, key)
    today = await uow.business_date()
    if not await payment_repository.mark_reversed(
        uow.session, customer_id=key.customer_id, payment_id=payment_id, on=today, reason=reason
    ):
        raise PaymentReversed("this payment was reversed before", field="payment_id")
    bounce = None
    if cause is ReversalCause.RETURNED:
        bounce = await _book_bounce(uow, key, current, payment_id=payment_id)
    history = await read_history(uow, key, pending=current)
    was = current.decision.position.status
    rewritten = await rewritten_loan(uow, current, history, payments=history.payments)
    position = rewritten.decision.position
    bounced = payment_reversed(position, payment_id=payment_id, amount_paise=payment.amount_paise, on=today)
    await saving.save(uow, current.then(rewritten), events=[bounced, *ended(position, was=was)])
    await ask_to_judge(uow, key.customer_id)
    await uow.record(
        "payment_reversed",
        object_kind="payment",
        object_id=str(payment_id),
        customer_id=key.customer_id,
        details={"loan_id": key.loan_id},
    )
    return Reversal(
        payment_id=payment_id,
        loan_public_id=loans.public_loan_id(position),
        reversed_on=today,
        outstanding_paise=position.principal_paise,
        loan_status=position.status.value,
        charge_paise=0 if bounce is None else bounce.charged.total_paise,
    )


async def _book_bounce(uow: UnitOfWork, key: LoanKey, current: Billing, *, payment_id: int) -> BookedCharge | None:
    """Writes the charge for a payment that the bank returned, if the product has one. The caller replays the loan."""
    terms, today = current.decision.position.terms.charges, await uow.business_date()
    if terms is None or terms.bounce is None:
        return None
    booked = BookedCharge(
        number=await charge_repository.next_charge_number(uow.session),
        kind=ChargeKind.BOUNCE,
        booked_on=today,
        charged=bounce_charge(terms.bounce, on=today),
        payment_id=payment_id,
        sac=terms.bounce.sac,
    )
    await charge_repository.add_charge(uow.session, key, booked, now=uow.now, actor=uow.actor.label)
    return booked
