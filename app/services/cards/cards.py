"""Virtual cards as use cases: issue one with a credit line, show it, block, unblock, replace and control it.

A card is issued in the transaction that disburses its loan or opens its account, so neither exists without the other.
Its token and its last four digits are random and made here. No card number is made or stored anywhere.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import date

from app.db.repositories.cards import cards as repository
from app.db.repositories.cards.accounts import AccountKey
from app.domain.cards.card_events import card_event
from app.domain.cards.cards import Card, CardNotFound, CardStatus, Controls, block, expiry, replace_card, unblock
from app.domain.events.catalog import EventType
from app.domain.lending.positions import Position
from app.domain.public_ids import LoanReference, format_card_account_id, format_loan_id
from app.services.events.publishing import publish
from app.services.lending.loans import find_key
from app.services.unit_of_work import UnitOfWork

TOKEN_PREFIX = "card_"  # noqa: S105 - the beginning of a name, not a secret
TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card, and the public id of the loan or of the account that it draws on."""

    card: Card
    loan_public_id: str | None
    account_public_id: str | None


def new_card(customer_id: int, *, issued_on: date) -> Card:
    """A card with a new token. The caller says what it draws on."""
    return Card(
        customer_id=customer_id,
        loan_id=None,
        token=TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES),
        last_four=f"{secrets.randbelow(10_000):04d}",
        status=CardStatus.ACTIVE,
        issued_on=issued_on,
        expires_on=expiry(issued_on),
        blocked_on=None,
        blocked_by=None,
    )


async def issue_card(uow: UnitOfWork, loan: Position) -> Card:
    """Makes the card of a loan that this transaction disburses."""
    card = replace(new_card(loan.customer_id, issued_on=loan.disbursed_on), loan_id=loan.loan_id)
    await repository.add_card(uow.session, card, now=uow.now, actor=uow.actor.label)
    await publish(uow, card_event(EventType.CARD_ISSUED, card))
    return card


async def issue_account_card(
    uow: UnitOfWork, key: AccountKey, *, name: str | None = None, is_add_on: bool = False
) -> CardView:
    """Makes a card of a card account."""
    made = new_card(key.customer_id, issued_on=await uow.business_date())
    card = replace(made, account_id=key.account_id, name=name, is_add_on=is_add_on)
    await repository.add_card(uow.session, card, now=uow.now, actor=uow.actor.label)
    view = _view(card)
    await _record(uow, view, "card_issued")
    await publish(uow, card_event(EventType.CARD_ISSUED, card))
    return view


async def list_account_cards(uow: UnitOfWork, key: AccountKey) -> list[CardView]:
    """The cards of an account, the oldest first."""
    found = await repository.list_cards_of_account(uow.session, key.customer_id, key.account_id)
    return [_view(card) for card in found]


async def card_of_account(uow: UnitOfWork, key: AccountKey, token: str) -> Card:
    """A card of an account. Raises CardNotFound, also for a card of another account."""
    card = await repository.get_card(uow.session, token)
    if (card.customer_id, card.account_id) != key:
        raise CardNotFound("the account has no such card", field="card_token")
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
    card = await _lock(uow, token)
    return await _save(uow, card, block(card, actor=uow.actor, on=await uow.business_date()), action="card_blocked")


async def unblock_card(uow: UnitOfWork, token: str) -> CardView:
    """Unblocks a card. Raises CardNotFound, BlockedByStaff, CardWasReplaced."""
    card = await _lock(uow, token)
    return await _save(uow, card, unblock(card, actor=uow.actor), action="card_unblocked")


async def replace_lost_card(uow: UnitOfWork, token: str) -> CardView:
    """Ends a card of an account that was lost, and issues another one. Raises CardNotFound, CardWasReplaced."""
    card = await _lock(uow, token)
    if card.account_id is None:
        raise CardNotFound("only a card of a card account is replaced", field="card")
    await _save(uow, card, replace_card(card, actor=uow.actor, on=await uow.business_date()), action="card_replaced")
    made = new_card(card.customer_id, issued_on=await uow.business_date())
    again = replace(made, account_id=card.account_id, name=card.name, is_add_on=card.is_add_on, controls=card.controls)
    await repository.add_card(uow.session, again, now=uow.now, actor=uow.actor.label)
    await publish(uow, card_event(EventType.CARD_ISSUED, again))
    return _view(again)


async def set_controls(uow: UnitOfWork, token: str, controls: Controls) -> CardView:
    """Sets what a card may do. Raises CardNotFound."""
    card = await _lock(uow, token)
    return await _save(uow, card, replace(card, controls=controls), action="card_controls_set")


async def _lock(uow: UnitOfWork, token: str) -> Card:
    seen = await view_card(uow, token)
    return await repository.lock_card(uow.session, seen.card.customer_id, token)


async def _save(uow: UnitOfWork, before: Card, card: Card, *, action: str) -> CardView:
    await repository.update_card(uow.session, card)
    view = _view(card)
    await _record(uow, view, action)
    if card.status is not before.status:
        await publish(uow, card_event(EventType(action.replace("_", ".")), card))
    return view


async def _record(uow: UnitOfWork, view: CardView, action: str) -> None:
    # The event names the card by what it draws on, because the token is secret.
    named = view.loan_public_id or view.account_public_id or ""
    await uow.record(action, object_kind="card", object_id=named, customer_id=view.card.customer_id)


def _view(card: Card) -> CardView:
    # A card is issued on the day of the disbursal, so its year is the year in the loan's id.
    loan = None if card.loan_id is None else format_loan_id(year=card.issued_on.year, number=card.loan_id)
    account = None if card.account_id is None else format_card_account_id(card.account_id)
    return CardView(card=card, loan_public_id=loan, account_public_id=account)
