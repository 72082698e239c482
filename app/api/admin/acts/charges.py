"""The act about a charge of a loan: take it back, because its cause was undone."""

from typing import Any, Final

from app.api.admin.acts.act import About, Act, Figure, Input, Receipt, Subject
from app.api.v1.payments.charges import TakeBackBody
from app.domain.money import format_inr
from app.services.payments import charges
from app.services.unit_of_work import UnitOfWork


async def _take_back(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    left = await charges.take_back_charge(uow, subject.loan_or_none, subject.row.caused_by, reason=body.reason)
    return Receipt(
        sentence=f"{subject.name[:1].upper()}{subject.name[1:]} is taken back.",
        figures=(
            Figure(label="Taken back", text=format_inr(subject.row.total_paise)),
            Figure(label="Charges due", text=format_inr(left.charges_paise)),
        ),
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
ACTS: Final = (TAKE_BACK,)
