"""Virtual cards: show one, block it, take that back."""

from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import Field

from app.api.deps import CUSTOMERS, READERS, KistRouter, UnitOfWorkDep
from app.api.id_schemas import LoanId, LoanIdOut, UserIdOut
from app.api.schemas import Answer
from app.domain.cards.cards import CardStatus
from app.services.cards import cards
from app.services.cards.cards import CardView

router = KistRouter(tags=["Cards"])

TokenPath = Annotated[str, Path(pattern=r"^card_[A-Za-z0-9_-]{32}$", description="The card's token")]
LoanPath = Annotated[LoanId, Path(description="`LN-2025-0456`, or its number")]


class CardAnswer(Answer):
    """A card as it stands. There is no card number behind the last four digits."""

    token: str
    loan_id: LoanIdOut
    user_id: UserIdOut
    last_four: str = Field(examples=["4821"])
    expiry: str = Field(examples=["11/2031"], description="The last month in which it is good")
    status: CardStatus
    issued_on: date
    blocked_on: date | None


def _present(view: CardView) -> CardAnswer:
    card = view.card
    return CardAnswer(
        token=card.token,
        loan_id=view.loan_public_id,
        user_id=card.customer_id,
        last_four=card.last_four,
        expiry=f"{card.expires_on:%m/%Y}",
        status=card.status,
        issued_on=card.issued_on,
        blocked_on=card.blocked_on,
    )


@router.get("/loans/{loan_id}/card", dependencies=[READERS], summary="The card that a loan came with")
async def get_card_of_loan(loan_id: LoanPath, uow: UnitOfWorkDep) -> CardAnswer:
    """404 for a loan whose product issues no card."""
    return _present(await cards.view_card_of_loan(uow, loan_id))


@router.get("/cards/{token}", dependencies=[READERS], summary="A card")
async def get_card(token: TokenPath, uow: UnitOfWorkDep) -> CardAnswer:
    """Its holder sees it, and staff does."""
    return _present(await cards.view_card(uow, token))


@router.post("/cards/{token}/block", dependencies=[CUSTOMERS], summary="Block a card")
async def block_card(token: TokenPath, uow: UnitOfWorkDep) -> CardAnswer:
    """By its holder or by staff. Blocking a blocked card changes nothing."""
    return _present(await cards.block_card(uow, token))


@router.post("/cards/{token}/unblock", dependencies=[CUSTOMERS], summary="Unblock a card")
async def unblock_card(token: TokenPath, uow: UnitOfWorkDep) -> CardAnswer:
    """By its holder or by staff; a block by staff is lifted by staff only."""
    return _present(await cards.unblock_card(uow, token))
