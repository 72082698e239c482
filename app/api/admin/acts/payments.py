"""Acts about money that comes in: take a payment, take one back, prepay."""

from datetime import date
from typing import Any, Final

from app.api.admin.acts.act import ITS_ID, About, Act, Choice, Figure, Input, Receipt, Subject
from app.api.admin.context import ADMIN_PATH
from app.api.admin.drawing.formats import due, words
from app.api.v1.payments.payments import PaymentBody, ReversalBody
from app.domain.money import format_inr
from app.domain.public_ids import format_payment_id, parse_payment_id
from app.services.payments import payments, reversals
from app.services.payments import receipts as taken
from app.services.payments.calls import PaymentRequest
from app.services.unit_of_work import UnitOfWork

METHODS: Final = (
    ("CASH", "cash"), ("CHEQUE", "cheque"), ("UPI", "UPI"), ("NEFT", "NEFT"), ("RTGS", "RTGS"), ("IMPS", "IMPS"),
    ("CARD", "card"),
)  # fmt: skip
CAUSES: Final = (("returned", "the bank returned it"), ("mistake", "it was entered by mistake"))
METHOD: Final = Input(name="payment_method", label="Paid by", kind="choice", choices=METHODS)
REFERENCE: Final = Input(
    name="reference_id",
    label="Reference",
    is_required=False,
    help="The UTR, the cheque number or the number of the counter slip. The same reference is one payment for ever.",
)
VALUE_DATE: Final = Input(
    name="value_date", label="Value date", kind="day", is_required=False,
    help="Only if the money arrived before today: interest and charges are then as if it had been booked that day.",
)  # fmt: skip


def is_active(subject: Subject) -> bool:
    """Whether the loan is still running."""
    return bool(subject.row.status == "active")


async def _take(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
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
    return _receipt(subject, receipt, on=await uow.business_date())


def _receipt(subject: Subject, receipt: taken.Receipt, *, on: date) -> Receipt:
    before = " It had been taken before, so nothing moved." if receipt.replayed else ""
    return Receipt(
        sentence=f"{format_inr(receipt.amount_paise)} is taken on {subject.name}.{before}",
        figures=(
            Figure(label="To charges", text=format_inr(receipt.charges_paise)),
            Figure(label="To interest", text=format_inr(receipt.interest_paise)),
            Figure(label="To principal", text=format_inr(receipt.principal_paise)),
            Figure(label="Kept as an advance", text=format_inr(receipt.advance_paise)),
            Figure(
                label="Next due",
                text="nothing: the loan is closed" if receipt.closed else due(receipt.next_due, on),
            ),
        ),
        links=(
            (
                f"Payment {format_payment_id(receipt.payment_id)}",
                f"{ADMIN_PATH}/payments/list?q={format_payment_id(receipt.payment_id)}",
            ),
        ),
    )


async def _reverse(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    reversal = await reversals.reverse_payment(uow, parse_payment_id(subject.id), reason=body.reason, cause=body.cause)
    return Receipt(
        sentence=f"{subject.sentence_name} is taken back.",
        figures=(
            Figure(label="Amount taken back", text=format_inr(subject.row.amount_paise)),
            Figure(label="Principal outstanding", text=format_inr(reversal.outstanding_paise)),
            Figure(label="The loan is", text=reversal.loan_status.replace("_", " ")),
        ),
    )


def _day(body: Any) -> str:
    return "" if body.value_date is None else f", value date {body.value_date:%d %b %Y}"


TAKE: Final = Act(
    name="take-payment",
    title="Take a payment",
    about=About.LOAN,
    route="POST /api/v1/loans/payments",
    body=PaymentBody,
    constants={"loan_id": ITS_ID},
    inputs=(Input(name="amount", label="Amount (₹)", kind="money"), METHOD, REFERENCE, VALUE_DATE),
    explains="Open bills are settled first, the oldest before the others. What is left is an advance, and repays "
    "principal beyond the next instalment.",
    do=_take,
    sentence=lambda subject, body: (
        f"Take {format_inr(body.amount)} ({words(body.payment_method)}) on {subject.name}{_day(body)}."
    ),
    button="Take the payment",
    icon="fa-solid fa-indian-rupee-sign",
    is_offered=is_active,
)
PREPAY: Final = Act(
    name="prepay",
    title="Prepay",
    about=About.LOAN,
    route="POST /api/v1/loans/payments",
    body=PaymentBody,
    constants={"loan_id": ITS_ID},
    inputs=(Input(name="amount", label="Amount (₹)", kind="money"), METHOD, REFERENCE),
    choices=(
        Choice(name="smaller-emi", label="Smaller EMI, same end", values={"as": "prepay_smaller_emi"}),
        Choice(name="earlier-end", label="Same EMI, earlier end", values={"as": "prepay_earlier_end"}),
    ),
    explains="Open bills are settled first; the rest repays principal. The borrower chooses what becomes smaller: the "
    "instalments, or their number.",
    do=_take,
    sentence=lambda subject, body: f"Take {format_inr(body.amount)} as a prepayment on {subject.name}.",
    button="Take it",
    icon="fa-solid fa-forward-fast",
    is_offered=is_active,
)
REVERSE: Final = Act(
    name="reverse-payment",
    title="Take a payment back",
    about=About.PAYMENT,
    route="POST /api/v1/payments/{payment_id}/reverse",
    body=ReversalBody,
    inputs=(
        Input(
            name="cause", label="Why", kind="choice", choices=CAUSES,
            help="A returned payment costs the bounce charge of the product, a mistake nothing.",
        ),
        Input(name="reason", label="Reason", help="For example: cheque returned unpaid"),
    ),
    explains="The loan then stands as if this payment had never come. Bills stay as they were issued; the difference "
    "of interest and late charges is booked today.",
    do=_reverse,
    sentence=lambda subject, body: f"Take back {subject.name}: {format_inr(subject.row.amount_paise)}.",
    button="Take the payment back",
    icon="fa-solid fa-rotate-left",
    is_grave=True,
    is_offered=lambda subject: subject.row.reversed_on is None,
)  # fmt: skip
ACTS: Final = (TAKE, PREPAY, REVERSE)
