"""Payments: take one, and say where it went."""

from datetime import date
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from app.api.deps import OFFICERS, PAYERS, KistRouter, OnceDep, UnitOfWorkDep
from app.api.id_schemas import LoanId, PaymentId, PaymentIdOut
from app.api.schemas import Answer, Between, Body, Code, Day, Line, Reference, Rupees, RupeesOut, Whole
from app.api.v1.lending.next_due import NextDue, present_due
from app.domain.payments.payments import TreatAs
from app.services.payments import payments, reversals
from app.services.payments.payments import PaymentRequest, Receipt

router = KistRouter(tags=["Payments"])


class PaymentBody(Body):
    """A payment. Without a `reference_id` send an Idempotency-Key, so that a repeat is known as one."""

    loan_id: LoanId
    amount: Rupees
    payment_method: Code | None = Field(default=None, examples=["UPI"])
    reference_id: Reference | None = Field(default=None, examples=["PAY-789XYZ"])
    value_date: Day | None = Field(default=None, description="For staff: the day from which the money counts")
    instalment: Annotated[Whole, Between(1, 1200)] | None = None
    treat_as: TreatAs = Field(
        default=TreatAs.INSTALMENT, alias="as", description="What the payer wants it to be; a prepayment needs no bill"
    )


class Applied(Answer):
    """Where the money went, in rupees. An advance waits for the next bill."""

    charges: RupeesOut
    interest: RupeesOut
    principal: RupeesOut
    advance: RupeesOut


class PaymentAnswer(Answer):
    """What a payment did."""

    payment_id: PaymentIdOut
    loan_id: str
    amount: RupeesOut
    value_date: date
    reference_id: str | None
    applied: Applied
    outstanding: RupeesOut = Field(description="Principal still owed")
    next_due: NextDue | None
    loan_closed: bool
    replayed: bool = Field(description="Whether this reference had been taken before: nothing moved")


def present_receipt(receipt: Receipt) -> PaymentAnswer:
    """A receipt as the wire writes it."""
    return PaymentAnswer(
        payment_id=receipt.payment_id,
        loan_id=receipt.loan_public_id,
        amount=receipt.amount_paise,
        value_date=receipt.value_date,
        reference_id=receipt.reference,
        applied=Applied(
            charges=receipt.charges_paise,
            interest=receipt.interest_paise,
            principal=receipt.principal_paise,
            advance=receipt.advance_paise,
        ),
        outstanding=receipt.outstanding_paise,
        next_due=present_due(receipt.next_due),
        loan_closed=receipt.closed,
        replayed=receipt.replayed,
    )


@router.post(
    "/loans/payments",
    status_code=201,
    response_model=PaymentAnswer,
    dependencies=[PAYERS],
    summary="Pay an instalment, in advance, or principal",
)
async def pay(body: PaymentBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Settles open bills first, the oldest before the others; what is left is an advance up to the next instalment, and
    prepays principal beyond it. The same `reference_id` on the same loan is one payment for ever."""
    if first := await once.first_answer():
        return first
    if body.reference_id is None:
        once.insist()
    receipt = await payments.take_payment(
        uow,
        PaymentRequest(
            loan=body.loan_id,
            amount_paise=body.amount,
            method=body.payment_method,
            reference=body.reference_id,
            value_date=body.value_date,
            instalment=body.instalment,
            treat_as=body.treat_as,
        ),
    )
    return await once.keep(present_receipt(receipt))


class ReversalBody(Body):
    """Why a payment is taken back."""

    reason: Line = Field(examples=["cheque returned unpaid"])


class ReversalAnswer(Answer):
    """What a reversal left."""

    payment_id: PaymentIdOut
    loan_id: str
    reversed_on: date
    outstanding: RupeesOut
    loan_status: str


@router.post(
    "/payments/{payment_id}/reverse",
    response_model=ReversalAnswer,
    dependencies=[OFFICERS],
    summary="Take back a payment that bounced",
)
async def reverse(
    payment_id: Annotated[PaymentId, Path()], body: ReversalBody, uow: UnitOfWorkDep, once: OnceDep
) -> Response:
    """The loan stands as if the payment had never come: bills stay as they were issued, and the difference of interest
    and late charges is posted today. A loan that the payment had closed is open again."""
    if first := await once.first_answer():
        return first
    reversal = await reversals.reverse_payment(uow, payment_id, reason=body.reason)
    return await once.keep(
        ReversalAnswer(
            payment_id=reversal.payment_id,
            loan_id=reversal.loan_public_id,
            reversed_on=reversal.reversed_on,
            outstanding=reversal.outstanding_paise,
            loan_status=reversal.loan_status,
        )
    )
