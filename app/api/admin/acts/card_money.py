"""Acts about money of a card account: take a payment, return one, reverse and refund a purchase, pay a credit balance
out or keep it, and let go of an authorisation."""

from dataclasses import replace
from typing import Any, Final

from app.api.admin.acts.act import ITS_PART, About, Act, Figure, Group, Input, Receipt, Subject
from app.api.admin.acts.card_accounts import ROUTE, changed, is_open
from app.api.v1.cards.account_bodies import (
    AuthorisationNamed,
    CardPaymentBody,
    CardRefundBody,
    PayoutBody,
    UndoBody,
)
from app.domain.cards.authorisations import HoldStatus
from app.domain.money import format_inr
from app.services.cards import authorisations, movements
from app.services.cards.movements import MoneyRequest, Movement
from app.services.unit_of_work import UnitOfWork

SPENT: Final = frozenset({"purchase", "cash_advance"})
REFERENCE: Final = Input(
    name="reference", label="Reference", help="The same reference is one movement of the account for ever."
)
AMOUNT: Final = Input(name="amount", label="Amount (₹)", kind="money")


def _moved(moved: Movement, sentence: str) -> Receipt:
    before = " It had been booked before, so nothing moved." if moved.replayed else ""
    figures = [
        Figure(label="Owed", text=format_inr(moved.owed_paise)),
        Figure(label="Credit balance", text=format_inr(moved.credit_paise)),
        Figure(label="Available", text=format_inr(moved.available_paise)),
    ]
    if moved.charged_off_paise:
        figures.append(Figure(label="Charged off", text=format_inr(moved.charged_off_paise)))
        figures.append(Figure(label="Recovered", text=format_inr(moved.recovered_paise)))
    if moved.pay_by is not None:
        figures.append(Figure(label="At the holder's bank by", text=f"{moved.pay_by:%d %b %Y}"))
    return Receipt(sentence=f"{sentence}{before}", figures=tuple(figures))


async def _take(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    request = MoneyRequest(paise=body.amount, reference=body.reference, value_on=body.value_date)
    moved = await movements.take_payment(uow, subject.account, request)
    return _moved(moved, f"{format_inr(body.amount)} is taken on {subject.name}.")


async def _pay_out(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    paid = await movements.pay_out_credit(uow, subject.account, paise=body.amount)
    return _moved(paid, f"{format_inr(paid.paise)} of {subject.name} is paid to the holder's bank account.")


async def _undo(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    undone = await movements.undo_posting(
        uow, subject.account, int(subject.part), paise=body.amount, reason=body.reason
    )
    return _moved(undone, f"{format_inr(undone.paise)} of {subject.name} no longer counts.")


async def _refund(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    request = MoneyRequest(
        paise=body.amount, reference=body.reference, value_on=body.refunded_on, merchant=body.merchant,
        purchase=body.purchase,
    )  # fmt: skip
    moved = await movements.take_refund(uow, subject.account, request)
    return _moved(moved, f"{format_inr(body.amount)} of {subject.name} is refunded.")


async def _release(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    view = await authorisations.reverse_hold(uow, subject.account, body.authorisation)
    return Receipt(
        sentence=f"{subject.sentence_name} holds nothing any more.",
        figures=(Figure(label="Available", text=format_inr(view.available_paise)),),
        links=(("Authorisations of the account", subject.address),),
    )


def _still_counts(subject: Subject) -> bool:
    return bool(subject.row.amount_paise > subject.row.undone_paise)


TAKE: Final = Act(
    name="take-card-payment",
    title="Take a payment",
    about=About.CARD_ACCOUNT,
    route=f"POST {ROUTE}/payments",
    body=CardPaymentBody,
    inputs=(
        AMOUNT,
        REFERENCE,
        Input(
            name="value_date", label="Value date", kind="day", is_required=False,
            help="Only if the money arrived before today: the account is then lived again from that day.",
        ),
    ),
    explains="Settles what was billed before what was not, tax, fees and interest first. What is more than everything "
    "is a credit balance. On an account that was charged off it is a recovery.",
    do=_take,
    sentence=lambda subject, body: f"Take {format_inr(body.amount)} on {subject.name}.",
    button="Take the payment",
    icon="fa-solid fa-indian-rupee-sign",
    is_offered=lambda subject: subject.row.row.status in ("open", "charged_off"),
)  # fmt: skip
PAY_OUT: Final = Act(
    name="pay-out-credit",
    title="Refund the credit balance",
    about=About.CARD_ACCOUNT,
    route=f"POST {ROUTE}/payouts",
    body=PayoutBody,
    inputs=(replace(AMOUNT, is_required=False, help="Empty: all of it."),),
    do=_pay_out,
    sentence=lambda subject, body: (
        f"Pay {'the whole credit balance' if body.amount is None else format_inr(body.amount)} of {subject.name} out."
    ),
    button="Pay it out",
    icon="fa-solid fa-money-bill-transfer",
    group=Group.CARD_MONEY,
    is_offered=lambda subject: is_open(subject) and subject.row.state.credit_paise > 0,
)
KEEP: Final = Act(
    name="keep-card-credit",
    title="Keep a refund as credit",
    about=About.CARD_ACCOUNT,
    route=f"POST {ROUTE}/credits/keep",
    explains="The holder was asked what becomes of a refund of a purchase that was paid for, and keeps it on the "
    "account. Without an answer it is paid to the bank account.",
    do=changed(
        lambda uow, account, body: movements.keep_credit(uow, account),
        lambda subject, body: f"The refund stays on {subject.name}.",
    ),
    sentence=lambda subject, body: f"Keep the refund on {subject.name} as credit.",
    button="Keep it as credit",
    icon="fa-solid fa-piggy-bank",
    group=Group.CARD_MONEY,
    is_offered=lambda subject: is_open(subject) and bool(subject.row.state.questions),
)
RETURN: Final = Act(
    name="return-card-payment",
    title="Take a payment back",
    about=About.CARD_POSTING,
    route=f"POST {ROUTE}/postings/{{posting}}/undo",
    body=UndoBody,
    inputs=(Input(name="reason", label="Reason", help="For example: cheque returned unpaid"),),
    explains="The account then stands as if the payment had never come: it is lived again. Statements stay, and the "
    "differences of interest, fees and tax are posted today, with the product's fee for a returned payment.",
    do=_undo,
    sentence=lambda subject, body: f"Take back {subject.name}: {format_inr(subject.row.amount_paise)}.",
    button="Take the payment back",
    icon="fa-solid fa-rotate-left",
    is_grave=True,
    is_offered=lambda subject: subject.row.kind == "payment" and _still_counts(subject),
)
REVERSE: Final = replace(
    RETURN,
    name="reverse-card-purchase",
    title="Reverse a purchase",
    inputs=(
        replace(AMOUNT, is_required=False, help="Empty: the whole purchase."),
        Input(name="reason", label="Reason", help="For example: charged twice"),
    ),
    explains="The account then stands as if the purchase, or this part of it, had never been made. Statements stay, "
    "and the differences of interest, fees and tax are posted today.",
    sentence=lambda subject, body: (
        f"Reverse {'the whole' if body.amount is None else format_inr(body.amount)} of {subject.name}."
    ),
    button="Reverse the purchase",
    is_offered=lambda subject: subject.row.kind in SPENT and _still_counts(subject),
)
REFUND: Final = Act(
    name="refund-card-purchase",
    title="Post a refund",
    about=About.CARD_POSTING,
    route=f"POST {ROUTE}/refunds",
    body=CardRefundBody,
    constants={"purchase": ITS_PART},
    inputs=(
        AMOUNT,
        REFERENCE,
        Input(name="refunded_on", label="Day of the refund", kind="day", is_required=False, help="Empty: today."),
        Input(name="merchant", label="Merchant", is_required=False),
    ),
    explains="For money that a merchant gives back and that no clearing file brought. It lowers the purchase from the "
    "day of the refund; what is more than is left of it is used like a payment. After a charge-off it is a recovery.",
    do=_refund,
    sentence=lambda subject, body: f"Refund {format_inr(body.amount)} of {subject.name}.",
    button="Post the refund",
    icon="fa-solid fa-receipt",
    is_offered=lambda subject: subject.row.kind in SPENT and _still_counts(subject),
)
RELEASE: Final = Act(
    name="release-authorisation",
    title="Let go of an authorisation",
    about=About.CARD_HOLD,
    route=f"POST {ROUTE}/reversals",
    body=AuthorisationNamed,
    constants={"authorisation": ITS_PART},
    explains="What it holds is available again. Do it only if the merchant says that nothing will be cleared.",
    do=_release,
    sentence=lambda subject, body: f"Let go of {subject.name}.",
    button="Let go of it",
    icon="fa-solid fa-link-slash",
    is_offered=lambda subject: bool(subject.row.status == HoldStatus.OPEN),
)
ACTS: Final = (TAKE, PAY_OUT, KEEP, RETURN, REVERSE, REFUND, RELEASE)
