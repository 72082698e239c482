"""Payments to look at: lists of them, and one with what it settled."""

from dataclasses import dataclass, replace
from typing import Any

from app.db.repositories.payments import payment_lists as repository
from app.db.repositories.payments import payments as payment_repository
from app.db.repositories.payments.payment_lists import PaymentFilter, PaymentSummary
from app.db.repositories.payments.payments import PaymentNotFound
from app.domain.public_ids import LoanReference
from app.services.lending.loans import find_key
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """A payment, and how much of it settles what, in paise, by component. A reversed payment settles nothing."""

    summary: PaymentSummary
    applied_paise: dict[str, int]


async def list_payments(
    uow: UnitOfWork,
    wanted: PaymentFilter,
    *,
    limit: int,
    loan: LoanReference | None = None,
    before: tuple[Any, ...] | None = None,
) -> list[PaymentSummary]:
    """A page of payments, the newest first. A customer sees their own only; for another customer's the page is empty.

    Raises LoanNotFound.
    """
    customer_id = uow.actor.customer_id if wanted.customer_id is None else wanted.customer_id
    if customer_id is not None and not uow.actor.may_see(customer_id):
        return []
    wanted = replace(wanted, customer_id=customer_id)
    if loan is not None:
        key = await find_key(uow, loan)
        if customer_id not in (None, key.customer_id):
            return []
        wanted = replace(wanted, customer_id=key.customer_id, loan_id=key.loan_id)
    return await repository.list_payments_of_all(uow.session, wanted, before=before, limit=limit)


async def view_payment(uow: UnitOfWork, payment_id: int) -> PaymentView:
    """A payment, shown to its customer and to staff. Raises PaymentNotFound."""
    summary = await repository.get_payment_summary(uow.session, payment_id)
    if not uow.actor.may_see(summary.customer_id):
        raise PaymentNotFound("there is no such payment", field="payment_id")
    applied = await payment_repository.sum_applied(
        uow.session, customer_id=summary.customer_id, loan_id=summary.loan_id, payment_id=payment_id
    )
    return PaymentView(summary=summary, applied_paise=applied)
