"""Acts about card accounts: take a payment, give or pay out a credit, change the limit, block, unblock and close."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.api.admin.acts.act import About, Act, Figure, Group, Input, Receipt, Subject
from app.api.v1.cards.account_bodies import CardCreditBody, CardPaymentBody, PayoutBody
from app.api.v1.cards.changes import CardLimitBody
from app.domain.money import format_inr
from app.domain.public_ids import parse_card_account_id
from app.services.cards import changes, movements
from app.services.cards.movements import MoneyRequest, Movement
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


def _moved(moved: Movement, sentence: str) -> Receipt:
    before = " It had been booked before, so nothing moved." if moved.replayed else ""
    return Receipt(
        sentence=f"{sentence}{before}",
        figures=(
            Figure(label="Owed", text=format_inr(moved.owed_paise)),
            Figure(label="Credit balance", text=format_inr(moved.credit_paise)),
            Figure(label="Available", text=format_inr(moved.available_paise)),
            *(
                Figure(label=label, text=format_inr(paise))
                for label, paise in (("Charged off", moved.charged_off_paise), ("Recovered", moved.recovered_paise))
                if moved.charged_off_paise
            ),
        ),
    )


async def _take(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    request = MoneyRequest(paise=body.amount, reference=body.reference, value_on=body.value_date)
    moved = await movements.take_payment(uow, parse_card_account_id(subject.id), request)
    return _moved(moved, f"{format_inr(body.amount)} is taken on {subject.name}.")


async def _give(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    request = MoneyRequest(paise=body.amount, reference=body.reference)
    moved = await movements.credit(uow, parse_card_account_id(subject.id), request)
    return _moved(moved, f"{format_inr(body.amount)} is given to the holder of {subject.name}.")


async def _change_limit(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    account_id = parse_card_account_id(subject.id)
    await changes.change_limit(uow, account_id, limit_paise=body.limit, is_requested=body.requested)
    return Receipt(sentence=f"The limit of {subject.name} is {format_inr(body.limit)}.")


async def _close(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    await changes.close(uow, parse_card_account_id(subject.id))
    return Receipt(sentence=f"{subject.name[:1].upper()}{subject.name[1:]} is closed.")


def _is_open(subject: Subject) -> bool:
    return bool(subject.row.row.status == "open")


REFERENCE: Final = Input(
    name="reference", label="Reference", help="The same reference is one movement of the account for ever."
)
TAKE: Final = Act(
    name="take-card-payment",
    title="Take a payment",
    about=About.CARD_ACCOUNT,
    route="POST /api/v1/card-accounts/{account_id}/payments",
    body=CardPaymentBody,
    inputs=(
        Input(name="amount", label="Amount (₹)", kind="money"),
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
GIVE: Final = Act(
    name="give-card-credit",
    title="Give a credit",
    about=About.CARD_ACCOUNT,
    route="POST /api/v1/card-accounts/{account_id}/credits",
    body=CardCreditBody,
    inputs=(Input(name="amount", label="Amount (₹)", kind="money"), REFERENCE),
    explains="Settles what is owed at the lender's expense, as a payment would.",
    do=_give,
    sentence=lambda subject, body: f"Give {format_inr(body.amount)} to the holder of {subject.name}.",
    button="Give the credit",
    icon="fa-solid fa-hand-holding-heart",
    group=Group.CARD,
    is_offered=_is_open,
)
CHANGE_LIMIT: Final = Act(
    name="change-card-limit",
    title="Change the limit",
    about=About.CARD_ACCOUNT,
    route="PUT /api/v1/card-accounts/{account_id}/limit",
    body=CardLimitBody,
    inputs=(
        Input(name="limit", label="Limit (₹)", kind="money"),
        Input(
            name="requested", label="Has the holder asked for it?", kind="choice",
            choices=(("false", "no"), ("true", "yes, and this is on record")),
            help="Without a request a limit can be lowered; two people raise it (propose a higher limit).",
        ),
    ),
    do=_change_limit,
    sentence=lambda subject, body: f"Set the limit of {subject.name} to {format_inr(body.limit)}.",
    button="Change the limit",
    icon="fa-solid fa-gauge",
    group=Group.CARD,
    is_offered=_is_open,
)  # fmt: skip
CLOSE: Final = Act(
    name="close-card-account",
    title="Close the account",
    about=About.CARD_ACCOUNT,
    route="POST /api/v1/card-accounts/{account_id}/closing",
    explains="Only an account on which nothing is owed. A credit balance is paid out, and its cards end.",
    do=_close,
    sentence=lambda subject, body: f"Close {subject.name}.",
    button="Close the account",
    icon="fa-solid fa-circle-check",
    group=Group.CARD,
    is_grave=True,
    is_offered=_is_open,
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
ACTS: Final = (TAKE, PAY_OUT, BLOCK, UNBLOCK, GIVE, CHANGE_LIMIT, CLOSE)
