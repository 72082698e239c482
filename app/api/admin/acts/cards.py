"""Acts about cards: block and unblock one."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.api.admin.acts.act import About, Act, Receipt, Subject
from app.services.cards import cards
from app.services.unit_of_work import UnitOfWork


def _with_token(action: Callable[..., Awaitable[Any]], done: str) -> Callable[..., Awaitable[Receipt]]:
    async def act(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
        await action(uow, token=subject.row.token)
        name = f"{subject.name[:1].upper()}{subject.name[1:]}"
        return Receipt(sentence=f"{name} is {done}.")

    return act


BLOCK: Final = Act(
    name="block-card",
    title="Block the card",
    about=About.CARD,
    route="POST /api/v1/cards/{token}/block",
    explains="Nothing is approved with a blocked card. Only staff can remove a block that staff set.",
    do=_with_token(cards.block_card, "blocked"),
    sentence=lambda subject, body: f"Block {subject.name}.",
    button="Block the card",
    icon="fa-solid fa-lock",
    is_grave=True,
    is_offered=lambda subject: bool(subject.row.status == "active"),
)
UNBLOCK: Final = Act(
    name="unblock-card",
    title="Unblock the card",
    about=About.CARD,
    route="POST /api/v1/cards/{token}/unblock",
    do=_with_token(cards.unblock_card, "unblocked"),
    sentence=lambda subject, body: f"Unblock {subject.name}.",
    button="Unblock the card",
    icon="fa-solid fa-lock-open",
    is_offered=lambda subject: bool(subject.row.status == "blocked"),
)
ACTS: Final = (BLOCK, UNBLOCK)
