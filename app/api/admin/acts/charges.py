"""Acts about charges of a loan: book one that its product names, and take one back whose cause was undone."""

from typing import Any, Final

from app.api.admin.acts.act import About, Act, Figure, Group, Input, Receipt, Subject
from app.api.admin.acts.payments import is_active
from app.api.v1.payments.charges import ChargeBody, TakeBackBody
from app.domain.money import format_inr
from app.services.payments import charges
from app.services.unit_of_work import UnitOfWork


async def _take_back(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    left = await charges.take_back_charge(uow, subject.loan_or_none, subject.row.caused_by, reason=body.reason)
    return Receipt(
        sentence=f"{subject.sentence_name} is taken back.",
        figures=(
            Figure(label="Taken back", text=format_inr(subject.row.total_paise)),
            Figure(label="Charges due", text=format_inr(left.charges_paise)),
        ),
    )


async def _book(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    view = await charges.book_service_charge(uow, subject.loan_or_none, body.charge, reason=body.reason)
    charged = view.booked.charged
    return Receipt(
        sentence=f"{view.booked.name} is charged on {subject.name}: {format_inr(charged.total_paise)} with its tax.",
        figures=(
            Figure(label="Charge", text=format_inr(charged.amount_paise)),
            Figure(label="Tax", text=format_inr(charged.tax_paise)),
            Figure(label="Charges due", text=format_inr(view.after.charges_paise)),
            Figure(label="The next bill demands of charges", text=format_inr(view.next_bill_paise)),
            Figure(label="Closes the loan today", text=format_inr(view.payoff_paise)),
        ),
        links=(("Charges of the loan", f"{subject.address}?tab=charges"),),
    )


def _charge_name(subject: Subject, code: str) -> str:
    return dict(subject.offers).get(code, code)


BOOK: Final = Act(
    name="book-charge",
    title="Charge",
    about=About.LOAN,
    route="POST /api/v1/loans/{loan_id}/charges",
    body=ChargeBody,
    inputs=(
        Input(name="charge", label="For", kind="choice", help="The charges that the loan's product names."),
        Input(name="reason", label="Reason", help="For example: asked for at the branch"),
    ),
    explains="For a service or an event. The amount is the product's, the tax that of the day. The next bill demands "
    "it. It can be waived, and taken back if its cause is undone.",
    do=_book,
    sentence=lambda subject, body: f"Charge {_charge_name(subject, body.charge)} on {subject.name}.",
    button="Book the charge",
    icon="fa-solid fa-receipt",
    group=Group.CHANGE,
    is_offered=lambda subject: is_active(subject) and bool(subject.offers),
)
TAKE_BACK: Final = Act(
    name="take-back-charge",
    title="Take a charge back",
    about=About.CHARGE,
    route="POST /api/v1/loans/{loan_id}/charges/{charge_id}/take-back",
    body=TakeBackBody,
    inputs=(Input(name="reason", label="Reason", help="For example: the bank withdrew the return"),),
    explains="For a charge whose cause was undone: the loan stands as if it had never been booked, and what was paid "
    "of it pays something else. To forgive a charge that was due, propose a waiver.",
    do=_take_back,
    sentence=lambda subject, body: f"Take back {subject.name}: {format_inr(subject.row.total_paise)} with its tax.",
    button="Take the charge back",
    icon="fa-solid fa-rotate-left",
    is_grave=True,
    is_offered=lambda subject: subject.row.taken_back_on is None,
)
ACTS: Final = (BOOK, TAKE_BACK)
