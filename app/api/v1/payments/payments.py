"""Payments: take one, and say where it went."""

from datetime import date
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from app.api.deps import OFFICERS, PAYERS, KistRouter, OnceDep, PaymentTakerDep, UnitOfWorkDep
from app.api.id_schemas import LoanId, PaymentId, PaymentIdOut
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Code,
    Day,
    Line,
    Reference,
    Rupees,
    RupeesOut,
    Whole,
    example,
)
from app.api.v1.lending.next_due import NextDue, present_due
from app.domain.lending.positions import LoanStatus
from app.domain.payments.payments import TreatAs
from app.services.payments import reversals
from app.services.payments.calls import PaymentRequest
from app.services.payments.receipts import Receipt
from app.services.payments.reversals import ReversalCause

router = KistRouter(tags=["Payments"])


class PaymentBody(Body):
    """A payment. Without a `reference_id` send an Idempotency-Key, so that a repeat is known as one."""

    model_config = example(
        {"loan_id": "LN-2026-0001", "amount": "5387.23", "payment_method": "UPI", "reference_id": "UTR-789XYZ"}
    )

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
    overpaid: RupeesOut = Field(description="The part beyond the payoff, in rupees: it is owed to the borrower")
    recovered: RupeesOut = Field(description="Received after a write-off, in rupees")
    rounding: RupeesOut = Field(
        description="The amount less all its parts, in rupees: what cash was rounded up by, or down (below zero)"
    )
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
        overpaid=receipt.overpaid_paise,
        recovered=receipt.recovered_paise,
        rounding=receipt.rounding_paise,
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
async def take_payment(body: PaymentBody, taker: PaymentTakerDep) -> Response:
    """Settles open bills first, the oldest before the others; what is left is an advance up to the next instalment, and
    prepays principal beyond it. What is more than the payoff is refused, or owed to the borrower, as the product says.
    On a loan that was written off, send it as a `recovery`. The same `reference_id` on the same loan is one payment for
    ever."""
    if body.reference_id is None:
        taker.client_key.insist()
    return await taker.take(
        PaymentRequest(
            loan=body.loan_id,
            amount_paise=body.amount,
            method=body.payment_method,
            reference=body.reference_id,
            value_date=body.value_date,
            instalment=body.instalment,
            treat_as=body.treat_as,
        ),
        present=present_receipt,
    )


class ReversalBody(Body):
    """Why a payment is taken back."""

    model_config = example({"reason": "cheque returned unpaid"})

    reason: Line = Field(examples=["cheque returned unpaid"])
    cause: ReversalCause = Field(
        default=ReversalCause.RETURNED,
        description="A returned payment costs the product's bounce charge; a mistake none",
    )


class ReversalAnswer(Answer):
    """What a reversal left."""

    payment_id: PaymentIdOut
    loan_id: str
    reversed_on: date
    outstanding: RupeesOut
    loan_status: LoanStatus
    charge: RupeesOut = Field(description="The bounce charge with its tax; 0 where the product has none")


@router.post(
    "/payments/{payment_id}/reverse",
    response_model=ReversalAnswer,
    dependencies=[OFFICERS],
    summary="Take back a payment that bounced",
)
async def reverse_payment(
    payment_id: Annotated[PaymentId, Path()], body: ReversalBody, uow: UnitOfWorkDep, once: OnceDep
) -> Response:
    """The loan stands as if the payment had never come: bills stay as they were issued, and the difference of interest
    and late charges is posted today. A loan that the payment had closed is open again. A returned payment costs the
    product's bounce charge, which the next bill demands."""
    if first := await once.first_answer():
        return first
    reversal = await reversals.reverse_payment(uow, payment_id, reason=body.reason, cause=body.cause)
    return await once.keep(
        ReversalAnswer(
            payment_id=reversal.payment_id,
            loan_id=reversal.loan_public_id,
            reversed_on=reversal.reversed_on,
            outstanding=reversal.outstanding_paise,
            loan_status=LoanStatus(reversal.loan_status),
            charge=reversal.charge_paise,
        )
    )
