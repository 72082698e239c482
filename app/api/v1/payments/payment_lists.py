"""Payments that were taken: lists of them, and one with what it settled."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import LoanId, LoanIdOut, PaymentId, PaymentIdOut, UserId, UserIdOut
from app.api.schemas import Answer, CursorText, Day, Page, PageLimit, Reference, RupeesOut
from app.api.v1.payments.payments import Applied
from app.db.repositories.payments.payment_lists import PaymentFilter, PaymentSummary
from app.domain.cursors import read_cursor, write_cursor
from app.domain.payments.payments import TreatAs
from app.domain.public_ids import format_loan_id
from app.services.payments import payment_lists

router = KistRouter(prefix="/payments", tags=["Payments"])


class PaymentLine(Answer):
    """A payment as it was taken."""

    payment_id: PaymentIdOut
    loan_id: LoanIdOut
    user_id: UserIdOut
    amount: RupeesOut
    value_date: date = Field(description="The day from which the money counts")
    booked_on: date = Field(description="The business date on which it was taken")
    method: str | None
    reference_id: str | None
    instalment: int | None
    treated_as: TreatAs
    reversed_on: date | None
    reversal_reason: str | None
    received_at: datetime


class PaymentDetails(PaymentLine):
    """A payment and what it settles as the books stand now: all zero if it was reversed."""

    applied: Applied


def _line(row: PaymentSummary) -> dict[str, object]:
    return {
        "payment_id": row.payment_id,
        "loan_id": format_loan_id(year=row.disbursed_on.year, number=row.loan_id),
        "user_id": row.customer_id,
        "amount": row.amount_paise,
        "value_date": row.value_date,
        "booked_on": row.booked_on,
        "method": row.method,
        "reference_id": row.reference,
        "instalment": row.instalment,
        "treated_as": row.treated_as,
        "reversed_on": row.reversed_on,
        "reversal_reason": row.reversal_reason,
        "received_at": row.received_at,
    }


@router.get("", dependencies=[READERS], summary="List payments")
async def list_payments(
    uow: ReadingDep,
    user_id: Annotated[UserId | None, Query(description="Only the payments of this customer")] = None,
    loan_id: Annotated[LoanId | None, Query(description="Only the payments on this loan")] = None,
    reference_id: Annotated[Reference | None, Query(description="Only payments with this reference")] = None,
    booked_from: Annotated[Day | None, Query(description="Taken on this day or later")] = None,
    booked_to: Annotated[Day | None, Query(description="Taken on this day or earlier")] = None,
    reversed: Annotated[bool | None, Query(description="Only payments that were, or were not, reversed")] = None,  # noqa: A002
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[PaymentLine]:
    """Lists payments, the newest first: a customer's own, or for staff those of all customers. All filters apply
    together. Send `next_cursor` as `cursor`, with the same filters, to get the next page."""
    wanted = PaymentFilter(
        customer_id=user_id,
        reference=reference_id,
        booked_from=booked_from,
        booked_to=booked_to,
        reversed=reversed,
    )
    before = read_cursor(cursor, date, int)
    rows = await payment_lists.list_payments(uow, wanted, loan=loan_id, before=before, limit=limit)
    next_cursor = write_cursor(rows[-1].booked_on, rows[-1].payment_id) if len(rows) == limit else None
    return Page(items=[PaymentLine.model_validate(_line(row)) for row in rows], next_cursor=next_cursor)


@router.get("/{payment_id}", dependencies=[READERS], summary="Read a payment")
async def get_payment(
    payment_id: Annotated[PaymentId, Path(description="`PM-000012`, or its number")], uow: ReadingDep
) -> PaymentDetails:
    """Gives the payment as it was taken, and what it settles as the books stand now."""
    view = await payment_lists.view_payment(uow, payment_id)
    parts = {name: view.applied_paise.get(name, 0) for name in Applied.model_fields}
    return PaymentDetails.model_validate(_line(view.summary) | {"applied": Applied(**parts)})
