"""Acts about cards: block, unblock, replace and control one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from app.api.admin.acts.act import About, Act, Figure, Input, Receipt, Subject
from app.api.v1.cards.cards import ControlsBody, controls_of_body
from app.domain.money import paise_to_rupees
from app.services.cards import cards
from app.services.unit_of_work import UnitOfWork

ROUTE: Final = "/api/v1/cards/{token}"


def _with_token(action: Callable[..., Awaitable[Any]], done: str) -> Callable[..., Awaitable[Receipt]]:
    async def act(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
        await action(uow, token=subject.part)
        return Receipt(sentence=f"{subject.sentence_name} is {done}.", links=(("Cards", subject.address),))

    return act


async def _replace(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    made = await cards.replace_lost_card(uow, subject.part)
    return Receipt(
        sentence=f"{subject.sentence_name} never works again. Another card is issued on the same account.",
        figures=(Figure(label="The new card expires", text=f"{made.card.expires_on:%m/%Y}"),),
        links=(("Cards of the account", subject.address),),
    )


async def _control(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    await cards.set_controls(uow, subject.part, controls_of_body(body))
    return Receipt(sentence=f"What {subject.name} may do is set.", links=(("Cards of the account", subject.address),))


BLOCK: Final = Act(
    name="block-card",
    title="Block the card",
    about=About.CARD,
    route=f"POST {ROUTE}/block",
    explains="Nothing is approved with a blocked card. Only staff can remove a block that staff set.",
    do=_with_token(cards.block_card, "blocked"),
    sentence=lambda subject, body: f"Block {subject.name}.",
    button="Block the card",
    icon="fa-solid fa-lock",
    is_grave=True,
    is_offered=lambda subject: bool(subject.row.status == "active"),
)
UNBLOCK: Final = replace(
    BLOCK,
    name="unblock-card",
    title="Unblock the card",
    route=f"POST {ROUTE}/unblock",
    explains="",
    do=_with_token(cards.unblock_card, "unblocked"),
    sentence=lambda subject, body: f"Unblock {subject.name}.",
    button="Unblock the card",
    icon="fa-solid fa-lock-open",
    is_grave=False,
    is_offered=lambda subject: bool(subject.row.status == "blocked"),
)


def _draws_on_an_account(subject: Subject) -> bool:
    return subject.row.account_id is not None and subject.row.status != "replaced"


REPLACE: Final = Act(
    name="replace-card",
    title="Replace a lost card",
    about=About.CARD,
    route=f"POST {ROUTE}/replace",
    explains="The card ends for ever, and another one with the same name and controls is issued on the same account.",
    do=_replace,
    sentence=lambda subject, body: f"End {subject.name}, and issue another card.",
    button="Replace the card",
    icon="fa-solid fa-repeat",
    is_grave=True,
    is_offered=_draws_on_an_account,
)


def _money_now(name: str) -> Callable[[Subject], str]:
    def start(subject: Subject) -> str:
        paise = getattr(subject.row.controls, name)
        return "" if paise is None else f"{paise_to_rupees(paise):f}"

    return start


def _allowed_now(name: str) -> Callable[[Subject], str]:
    return lambda subject: "true" if getattr(subject.row.controls, name) else "false"


def _listed_now(name: str) -> Callable[[Subject], str]:
    return lambda subject: ", ".join(_texts(getattr(subject.row.controls, name)))


def _texts(values: Sequence[str]) -> list[str]:
    return [str(value) for value in values]


def _allows(name: str, label: str) -> Input:
    return Input(
        name=name, label=label, kind="choice", choices=(("true", "allowed"), ("false", "declined")),
        start=_allowed_now(name),
    )  # fmt: skip


CONTROL: Final = Act(
    name="control-card",
    title="What the card may do",
    about=About.CARD,
    route=f"PUT {ROUTE}/controls",
    body=ControlsBody,
    inputs=(
        Input(
            name="per_transaction", label="Most for each transaction (₹)", kind="money", is_required=False,
            help="Empty: no bound.", start=_money_now("per_transaction_paise"),
        ),
        Input(
            name="per_day", label="Most for each day (₹)", kind="money", is_required=False, help="Empty: no bound.",
            start=_money_now("per_day_paise"),
        ),
        _allows("purchases", "Purchases"),
        _allows("cash", "Cash"),
        _allows("online", "Online"),
        Input(
            name="blocked_categories", label="Declined kinds of merchant", kind="list", is_required=False,
            help="Category codes of four digits, with commas: 7995, 5933", start=_listed_now("blocked_categories"),
        ),
        Input(
            name="countries", label="Countries", kind="list", is_required=False,
            help="Where the card works, with commas: IN, NP. Empty: everywhere.", start=_listed_now("countries"),
        ),
    ),
    explains="An authorisation beyond it is declined. The form shows what holds now.",
    do=_control,
    sentence=lambda subject, body: f"Set what {subject.name} may do.",
    button="Set it",
    icon="fa-solid fa-sliders",
    is_offered=_draws_on_an_account,
)  # fmt: skip
ACTS: Final = (BLOCK, UNBLOCK, REPLACE, CONTROL)
