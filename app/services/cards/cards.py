"""Virtual cards as use cases: issue one with a credit line, show it, block it and take that back.

A card is issued by the transaction that disburses its loan, so that neither is ever there without the other. Its token
and its last four digits are chance, made here; no card number is made or kept anywhere.
"""

import secrets
from dataclasses import dataclass

from app.db.repositories.cards import cards as repository
from app.domain.cards.cards import Card, CardNotFound, CardStatus, block, expiry, unblock
from app.domain.lending.positions import Position
from app.domain.public_ids import LoanReference, format_loan_id
from app.services.lending.loans import find_key
from app.services.unit_of_work import UnitOfWork

TOKEN_PREFIX = "card_"  # noqa: S105 - the beginning of a name, not a secret
TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card, and the id of the loan that it draws on."""

    card: Card
    loan_public_id: str


async def issue_card(uow: UnitOfWork, loan: Position) -> Card:
    """Makes the card of a loan that this transaction disburses."""
    card = Card(
        customer_id=loan.customer_id,
        loan_id=loan.loan_id,
        token=TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES),
        last_four=f"{secrets.randbelow(10_000):04d}",
        status=CardStatus.ACTIVE,
        issued_on=loan.disbursed_on,
        expires_on=expiry(loan.disbursed_on),
        blocked_on=None,
        blocked_by=None,
    )
    await repository.add_card(uow.session, card, now=uow.now, actor=uow.actor.label)
    return card


async def view_card(uow: UnitOfWork, token: str) -> CardView:
    """A card by its token, for its holder and for staff. Raises CardNotFound."""
    card = await repository.get_card(uow.session, token)
    if not uow.actor.may_see(card.customer_id):
        raise CardNotFound("there is no such card", field="card")
    return _view(card)


async def view_card_of_loan(uow: UnitOfWork, loan: LoanReference) -> CardView:
    """The card that a loan came with. Raises LoanNotFound, and CardNotFound where the product issues none."""
    return _view(await repository.get_card_of_loan(uow.session, await find_key(uow, loan)))


async def block_card(uow: UnitOfWork, token: str) -> CardView:
    """Blocks a card; one that is blocked stays so. Raises CardNotFound."""
    seen = await view_card(uow, token)
    card = await repository.lock_card(uow.session, seen.card.customer_id, token)
    return await _save(uow, seen, block(card, actor=uow.actor, on=await uow.business_date()), did="card_blocked")


async def unblock_card(uow: UnitOfWork, token: str) -> CardView:
    """Makes a card good again. Raises CardNotFound, BlockedByStaff."""
    seen = await view_card(uow, token)
    card = await repository.lock_card(uow.session, seen.card.customer_id, token)
    return await _save(uow, seen, unblock(card, actor=uow.actor), did="card_unblocked")


async def _save(uow: UnitOfWork, seen: CardView, card: Card, *, did: str) -> CardView:
    await repository.update_card(uow.session, card)
    # Known by its loan: the token is the card's own secret.
    await uow.record(did, object_kind="card", object_id=seen.loan_public_id, customer_id=card.customer_id)
    return CardView(card=card, loan_public_id=seen.loan_public_id)


def _view(card: Card) -> CardView:
    # A card is issued on the day of the disbursal: the year in the loan's id is the card's own.
    return CardView(card=card, loan_public_id=format_loan_id(year=card.issued_on.year, number=card.loan_id))
