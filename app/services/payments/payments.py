"""Taking payments. Lock, read, decide, save; the same reference on the same loan is one payment for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.db.repositories.lending.decisions import TakenPayment
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.payments import payments as repository
from app.db.session import Record
from app.domain.billing.cycles import Billing
from app.domain.errors import Conflict, Rejected
from app.domain.lending.ledger import cash_applied
from app.domain.lending.positions import LoanStatus, Position
from app.domain.money import format_inr
from app.domain.payments.allocation import decide_payment
from app.domain.payments.payments import Due, PaymentOrder, TreatAs, check_order, next_due
from app.domain.public_ids import LoanReference
from app.services.lending import loans
from app.services.payments import reversals
from app.services.unit_of_work import UnitOfWork


class ReferenceReused(Conflict):
    """The reference belongs to another payment of this loan. Send another reference."""

    code = "reference_reused"


class PaymentRepeated(Conflict):
    """The same amount was paid on this loan for the same day, and nothing says that this is another payment. Send an
    Idempotency-Key if it is one."""

    code = "payment_repeated"


class ValueDateForStaff(Rejected):
    """A customer named a value date other than the business date, which only staff may do. Leave `value_date` out."""

    code = "value_date_for_staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a payment did: how much went where, and what is left. `replayed` when it had been taken before."""

    payment_id: int
    loan_public_id: str
    amount_paise: int
    value_date: date
    reference: str | None
    charges_paise: int
    interest_paise: int
    principal_paise: int
    advance_paise: int
    outstanding_paise: int
    next_due: Due | None
    closed: bool
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """A payment as the caller asks for it. With `refuse_same_day_repeat` a payment of the same amount with the same
    value date as one that stands is taken for the same payment: for callers who send neither key nor reference."""

    loan: LoanReference
    amount_paise: int
    method: str | None = None
    reference: str | None = None
    value_date: date | None = None
    instalment: int | None = None
    treat_as: TreatAs = TreatAs.INSTALMENT
    refuse_same_day_repeat: bool = False


async def take_payment(uow: UnitOfWork, request: PaymentRequest) -> Receipt:
    """Takes a payment on a loan the actor may see, on the business date or, for staff, on an earlier value date.

    Raises LoanNotFound, ReferenceReused, PaymentRepeated, ValueDateForStaff, and what `decide_payment` raises.
    """
    key = await loans.find_key(uow, request.loan)
    today = await uow.business_date()
    if request.value_date not in (None, today) and not uow.actor.is_staff:
        raise ValueDateForStaff(
            "only staff may give a value date other than the business date", field="value_date", business_date=today
        )
    current = await loans.lock_current(uow, key)
    if request.reference is not None:
        earlier = await repository.find_by_reference(
            uow.session, customer_id=key.customer_id, loan_id=key.loan_id, reference=request.reference
        )
        if earlier is not None:
            return await _replayed(uow, key, earlier, request, current.decision.position)
    if request.refuse_same_day_repeat:
        await _refuse_repeat(uow, key, amount_paise=request.amount_paise, value_date=request.value_date or today)
    order = PaymentOrder(
        payment_id=await repository.draw_payment_number(
            uow.session, key, amount_paise=request.amount_paise, trace=uow.trace
        ),
        amount_paise=request.amount_paise,
        value_date=request.value_date or today,
        booked_on=today,
        treat_as=request.treat_as,
        instalment=request.instalment,
        reference=request.reference,
    )
    taken = await _decide(uow, key, current, order)
    payment = TakenPayment(order=order, method=request.method, received_at=uow.now, actor=uow.actor.label)
    await loans.save(uow, taken, payment=payment)
    applied = cash_applied(taken.decision.transfers, payment_id=order.payment_id)
    return _receipt(order, taken.decision.position, applied, replayed=False)


async def _refuse_repeat(uow: UnitOfWork, key: LoanKey, *, amount_paise: int, value_date: date) -> None:
    """Read under the loan's lock, so that of two equal payments that arrive together the second is refused."""
    earlier = await repository.find_same_payment(
        uow.session,
        customer_id=key.customer_id,
        loan_id=key.loan_id,
        amount_paise=amount_paise,
        value_date=value_date,
    )
    if earlier is not None:
        raise PaymentRepeated(
            f"{format_inr(amount_paise)} was paid on this loan for {value_date} already; if this is another payment,"
            " send an Idempotency-Key",
            field="amount",
        )


async def _decide(uow: UnitOfWork, key: LoanKey, current: Billing, order: PaymentOrder) -> Billing:
    """Today's payment is decided on where the loan stands; one from before its latest event lives it again."""
    position = current.decision.position
    if order.value_date >= position.last_event_on:
        return Billing(current.decision.then(decide_payment(position, order).decision), current.bills)
    check_order(position, order)
    return await reversals.add_backdated(uow, key, current, order)


def _receipt(order: PaymentOrder, position: Position, applied: Mapping[str, int], *, replayed: bool) -> Receipt:
    return Receipt(
        payment_id=order.payment_id,
        loan_public_id=loans.public_loan_id(position),
        amount_paise=order.amount_paise,
        value_date=order.value_date,
        reference=order.reference,
        charges_paise=applied.get("charges", 0),
        interest_paise=applied.get("interest", 0),
        principal_paise=applied.get("principal", 0),
        advance_paise=applied.get("advance", 0),
        outstanding_paise=position.principal_paise,
        next_due=next_due(position),
        closed=position.status is LoanStatus.CLOSED,
        replayed=replayed,
    )


async def _replayed(
    uow: UnitOfWork, key: LoanKey, earlier: Record, request: PaymentRequest, position: Position
) -> Receipt:
    """The first answer to a reference that comes again; nothing moves."""
    if earlier.reversed_on is not None:
        raise ReferenceReused("this reference belongs to a payment that was reversed", field="reference_id")
    if earlier.amount_paise != request.amount_paise:
        raise ReferenceReused("this reference belongs to a payment of another amount", field="reference_id")
    applied = await repository.sum_applied(
        uow.session, customer_id=key.customer_id, loan_id=key.loan_id, payment_id=earlier.id
    )
    return _receipt(repository.order_of(earlier), position, applied, replayed=True)
