"""Virtual cards: read, block, unblock, replace and control a card."""

from datetime import date
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field, StringConstraints

from app.api.deps import CUSTOMERS, READERS, KistRouter, OnceDep, UnitOfWorkDep
from app.api.id_schemas import LoanId, LoanIdOut, UserIdOut
from app.api.schemas import (
    Answer,
    Body,
    Rupees,
    example,
)
from app.domain.cards.cards import CardStatus, Controls
from app.services.cards import cards
from app.services.cards.cards import CardView

router = KistRouter(tags=["Cards"])

TokenPath = Annotated[str, Path(pattern=r"^card_[A-Za-z0-9_-]{32}$", description="The card's token")]
LoanPath = Annotated[LoanId, Path(description="`LN-2025-0456`, or its number")]


class CardAnswer(Answer):
    """A card and its status. A card has a token and four digits, but no card number."""

    token: str
    loan_id: LoanIdOut | None
    card_account_id: str | None = Field(examples=["CA-000078"], description="The card account that it draws on")
    name: str | None
    is_add_on: bool
    user_id: UserIdOut
    last_four: str = Field(examples=["4821"])
    expiry: str = Field(examples=["11/2031"], description="The last month in which the card is valid")
    status: CardStatus
    issued_on: date
    blocked_on: date | None


def present_card(view: CardView) -> CardAnswer:
    """A card as an answer."""
    card = view.card
    return CardAnswer(
        token=card.token,
        loan_id=view.loan_public_id,
        card_account_id=view.account_public_id,
        name=card.name,
        is_add_on=card.is_add_on,
        user_id=card.customer_id,
        last_four=card.last_four,
        expiry=f"{card.expires_on:%m/%Y}",
        status=card.status,
        issued_on=card.issued_on,
        blocked_on=card.blocked_on,
    )


@router.get("/loans/{loan_id}/card", dependencies=[READERS], summary="Read the card of a loan")
async def get_card_of_loan(loan_id: LoanPath, uow: UnitOfWorkDep) -> CardAnswer:
    """Gives the card that was issued with the loan. The status is 404 if the loan's product issues no card."""
    return present_card(await cards.view_card_of_loan(uow, loan_id))


@router.get("/cards/{token}", dependencies=[READERS], summary="Read a card")
async def get_card(token: TokenPath, uow: UnitOfWorkDep) -> CardAnswer:
    """Gives the card to its holder and to staff."""
    return present_card(await cards.view_card(uow, token))


@router.post("/cards/{token}/block", dependencies=[CUSTOMERS], summary="Block a card")
async def block_card(token: TokenPath, uow: UnitOfWorkDep) -> CardAnswer:
    """Blocks the card, for its holder or for staff. Blocking a blocked card changes nothing."""
    return present_card(await cards.block_card(uow, token))


@router.post("/cards/{token}/unblock", dependencies=[CUSTOMERS], summary="Unblock a card")
async def unblock_card(token: TokenPath, uow: UnitOfWorkDep) -> CardAnswer:
    """Unblocks the card, for its holder or for staff. Only staff can remove a block that staff set."""
    return present_card(await cards.unblock_card(uow, token))


class ControlsBody(Body):
    """What the card may do. Everything that is left out is allowed."""

    model_config = example({"per_transaction": 50000, "blocked_categories": ["7995"]})

    per_transaction: Rupees | None = None
    per_day: Rupees | None = None
    purchases: bool = True
    cash: bool = True
    online: bool = True
    blocked_categories: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]] = Field(
        default=[], max_length=100, examples=[["7995"]]
    )
    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        default=[], max_length=250, description="Where the card works; empty: everywhere", examples=[["IN"]]
    )


def controls_of_body(body: ControlsBody) -> Controls:
    """The controls that a body asks for."""
    return Controls(
        per_transaction_paise=body.per_transaction,
        per_day_paise=body.per_day,
        purchases=body.purchases,
        cash=body.cash,
        online=body.online,
        blocked_categories=tuple(body.blocked_categories),
        countries=tuple(body.countries),
    )


@router.put("/cards/{token}/controls", dependencies=[CUSTOMERS], summary="Set what a card may do")
async def set_controls(token: TokenPath, body: ControlsBody, uow: UnitOfWorkDep) -> CardAnswer:
    """Sets the spending controls of the card: an authorisation beyond them is declined."""
    return present_card(await cards.set_controls(uow, token, controls_of_body(body)))


@router.post(
    "/cards/{token}/replace",
    status_code=201,
    response_model=CardAnswer,
    dependencies=[CUSTOMERS],
    summary="Replace a lost card",
)
async def replace_card(token: TokenPath, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Ends the card for ever and issues another one on the same account."""
    if first := await once.first_answer():
        return first
    return await once.keep(present_card(await cards.replace_lost_card(uow, token)))
