"""What one person may give up: the small rest of a loan, below the tolerance of its product."""

from typing import Any, Final

from app.api.admin.acts.act import About, Act, Figure, Group, Receipt, Subject
from app.api.admin.acts.payments import is_active
from app.domain.money import format_inr
from app.services.payments import concessions
from app.services.unit_of_work import UnitOfWork


async def _close(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    closed = await concessions.close_small_balance(uow, subject.loan_or_none)
    return Receipt(
        sentence=f"{subject.name} is closed.",
        figures=tuple(
            Figure(label=f"{name.removesuffix('_paise').capitalize()} given up", text=format_inr(paise))
            for name, paise in closed.written_off.items()
        ),
    )


SMALL_BALANCE: Final = Act(
    name="close-small-balance",
    title="Close with a small balance",
    about=About.LOAN,
    route="POST /api/v1/loans/{loan_id}/small-balance",
    explains="Gives up a rest that is below the tolerance of the product. The loan ends as paid.",
    do=_close,
    sentence=lambda subject, body: f"Give up the small rest of {subject.name}, and close it.",
    button="Close the loan",
    group=Group.GIVE_UP,
    icon="fa-solid fa-circle-check",
    is_offered=is_active,
)
ACTS: Final = (SMALL_BALANCE,)
