"""Acts about card accounts: block and unblock one, and pay a credit balance out to its holder."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.api.admin.acts.act import About, Act, Figure, Input, Receipt, Subject
from app.api.v1.cards.account_bodies import PayoutBody
from app.domain.money import format_inr
from app.domain.public_ids import parse_card_account_id
from app.services.cards import changes, movements
from app.services.unit_of_work import UnitOfWork


def _block(done: str, *, blocks: bool) -> Callable[..., Awaitable[Receipt]]:
    async def act(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
        await changes.block(uow, parse_card_account_id(subject.id), blocks=blocks)
        return Receipt(sentence=f"{subject.name} is {done}.")

    return act


async def _pay_out(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    paid = await movements.pay_out_credit(uow, parse_card_account_id(subject.id), paise=body.amount)
    return Receipt(
        sentence=f"{format_inr(paid.paise)} of {subject.name} is paid to the holder's bank account.",
        figures=(
            Figure(label="Credit that is left", text=format_inr(paid.credit_paise)),
            Figure(label="Owed", text=format_inr(paid.owed_paise)),
        ),
    )


BLOCK: Final = Act(
    name="block-card-account",
    title="Block the account",
    about=About.CARD_ACCOUNT,
    route="POST /api/v1/card-accounts/{account_id}/block",
    explains="Every authorisation is declined from now on. Only staff can remove a block that staff set.",
    do=_block("blocked", blocks=True),
    sentence=lambda subject, body: f"Block {subject.name}.",
    button="Block the account",
    icon="fa-solid fa-lock",
    is_grave=True,
    is_offered=lambda subject: subject.row.row.blocked_on is None and subject.row.row.status == "open",
)
UNBLOCK: Final = Act(
    name="unblock-card-account",
    title="Unblock the account",
    about=About.CARD_ACCOUNT,
    route="POST /api/v1/card-accounts/{account_id}/unblock",
    do=_block("unblocked", blocks=False),
    sentence=lambda subject, body: f"Unblock {subject.name}.",
    button="Unblock the account",
    icon="fa-solid fa-lock-open",
    is_offered=lambda subject: subject.row.row.blocked_on is not None and subject.row.row.status == "open",
)
PAY_OUT: Final = Act(
    name="pay-out-credit",
    title="Refund the credit balance",
    about=About.CARD_ACCOUNT,
    route="POST /api/v1/card-accounts/{account_id}/payouts",
    body=PayoutBody,
    inputs=(
        Input(name="amount", label="Amount (₹)", kind="money", is_required=False, help="Empty: all of it."),
    ),
    do=_pay_out,
    sentence=lambda subject, body: (
        f"Pay {'the whole credit balance' if body.amount is None else format_inr(body.amount)} of {subject.name} out."
    ),
    button="Pay it out",
    icon="fa-solid fa-money-bill-transfer",
    is_offered=lambda subject: subject.row.state.credit_paise > 0 and subject.row.row.status == "open",
)  # fmt: skip
ACTS: Final = (BLOCK, UNBLOCK, PAY_OUT)
