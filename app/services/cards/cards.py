"""Virtual cards as use cases: issue one with a credit line, show it, block and unblock it.

A card is issued in the transaction that disburses its loan, so neither exists without the other. Its token and its last
four digits are random and made here. No card number is made or stored anywhere.
"""

import secrets
from dataclasses import dataclass

from app.db.repositories.cards import cards as repository
from app.domain.cards.card_events import card_event
from app.domain.cards.cards import Card, CardNotFound, CardStatus, block, expiry, unblock
from app.domain.events.catalog import EventType
from app.domain.lending.positions import Position
from app.domain.public_ids import LoanReference, format_loan_id
from app.services.events.publishing import publish
from app.services.lending.loans import find_key
from app.services.unit_of_work import UnitOfWork

TOKEN_PREFIX = "card_"  # noqa: S105 - the beginning of a name, not a secret
TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card, and the public id of the loan that it draws on."""

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
    await publish(uow, card_event(EventType.CARD_ISSUED, card))
    return card


async def view_card(uow: UnitOfWork, token: str) -> CardView:
    """A card by its token, shown to its holder and to staff. Raises CardNotFound."""
    card = await repository.get_card(uow.session, token)
    if not uow.actor.may_see(card.customer_id):
        raise CardNotFound("there is no such card", field="card")
    return _view(card)


async def view_card_of_loan(uow: UnitOfWork, loan: LoanReference) -> CardView:
    """The card of a loan. Raises LoanNotFound, and CardNotFound if the product issues none."""
    return _view(await repository.get_card_of_loan(uow.session, await find_key(uow, loan)))


async def block_card(uow: UnitOfWork, token: str) -> CardView:
    """Blocks a card; a blocked card stays blocked. Raises CardNotFound."""
    seen = await view_card(uow, token)
    card = await repository.lock_card(uow.session, seen.card.customer_id, token)
    return await _save(uow, seen, block(card, actor=uow.actor, on=await uow.business_date()), action="card_blocked")


async def unblock_card(uow: UnitOfWork, token: str) -> CardView:
    """Unblocks a card. Raises CardNotFound, BlockedByStaff."""
    seen = await view_card(uow, token)
    card = await repository.lock_card(uow.session, seen.card.customer_id, token)
    return await _save(uow, seen, unblock(card, actor=uow.actor), action="card_unblocked")


async def _save(uow: UnitOfWork, seen: CardView, card: Card, *, action: str) -> CardView:
    await repository.update_card(uow.session, card)
    # The event names the card by its loan, because the token is secret.
    await uow.record(action, object_kind="card", object_id=seen.loan_public_id, customer_id=card.customer_id)
    if card != seen.card:
        await publish(uow, card_event(EventType(action.replace("_", ".")), card))
    return CardView(card=card, loan_public_id=seen.loan_public_id)


def _view(card: Card) -> CardView:
    # A card is issued on the day of the disbursal, so its year is the year in the loan's id.
    return CardView(card=card, loan_public_id=format_loan_id(year=card.issued_on.year, number=card.loan_id))
