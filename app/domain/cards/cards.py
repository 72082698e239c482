"""Virtual cards: the card, its expiry, and who may block and unblock it.

A loan of the card product has a card, and a card account has one or more. Programs identify it by a token, and its
holder by its last four digits. A full card number is never made, so none can be lost. The holder may block the card and
unblock it again. Only staff may unblock a card that staff blocked. Source: source system 0 of docs/sources.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from app.domain.errors import Conflict, NotFound
from app.domain.people.access import Actor, Role

GOOD_FOR_YEARS: Final = 5


class CardNotFound(NotFound):
    """There is no such card, or it is another customer's. Check the token."""

    code = "card_not_found"


class BlockedByStaff(Conflict):
    """The lender blocked this card, so its holder cannot unblock it. Ask the lender."""

    code = "blocked_by_staff"


class CardWasReplaced(Conflict):
    """The card was lost and replaced, so it never works again. Use the new card."""

    code = "card_was_replaced"


class CardStatus(StrEnum):
    """Whether the card can be used."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What the holder allows a card to do. None means no bound; empty lists refuse nothing."""

    per_transaction_paise: int | None = None
    per_day_paise: int | None = None
    purchases: bool = True
    cash: bool = True
    online: bool = True
    blocked_categories: tuple[str, ...] = ()
    #: Countries in which the card works; empty: everywhere.
    countries: tuple[str, ...] = ()


def controls_of(document: Mapping[str, Any] | None) -> Controls:
    """The controls as they are stored: a card of which nobody said anything has none."""
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in (document or {}).items()
    }
    return Controls(**said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card of a loan or of a card account, and its present status.

    `blocked_by` is the label of the actor who blocked it (`Actor.label`). `name` is printed on it; the holder of an
    add-on card is somebody else than the customer.
    """

    customer_id: int
    loan_id: int | None
    token: str
    last_four: str
    status: CardStatus
    issued_on: date
    expires_on: date
    blocked_on: date | None
    blocked_by: str | None
    account_id: int | None = None
    name: str | None = None
    is_add_on: bool = False
    controls: Controls = Controls()

    @property
    def blocked_by_holder(self) -> bool:
        """Whether the customer blocked the card."""
        return self.blocked_by is not None and self.blocked_by.startswith(f"{Role.CUSTOMER.value}:")


def expiry(issued_on: date) -> date:
    """The last day on which a card is valid: the end of the month of issue, five years later."""
    year, month = issued_on.year + GOOD_FOR_YEARS, issued_on.month
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def block(card: Card, *, actor: Actor, on: date) -> Card:
    """The blocked card. A block by staff replaces a block by the holder; the holder never replaces a block by staff."""
    if card.status is CardStatus.REPLACED:
        return card
    is_blocked = card.status is CardStatus.BLOCKED
    if is_blocked and not (card.blocked_by_holder and actor.is_staff):
        return card
    return replace(card, status=CardStatus.BLOCKED, blocked_on=on, blocked_by=actor.label)


def unblock(card: Card, *, actor: Actor) -> Card:
    """The active card. Raises BlockedByStaff, CardWasReplaced."""
    if card.status is CardStatus.REPLACED:
        raise CardWasReplaced("the card was replaced by another one")
    if card.status is CardStatus.BLOCKED and not (card.blocked_by_holder or actor.is_staff):
        raise BlockedByStaff("the lender blocked this card: ask the lender to unblock it")
    return replace(card, status=CardStatus.ACTIVE, blocked_on=None, blocked_by=None)


def replace_card(card: Card, *, actor: Actor, on: date) -> Card:
    """A card that was lost: it never works again. Raises CardWasReplaced."""
    if card.status is CardStatus.REPLACED:
        raise CardWasReplaced("the card was replaced before")
    return replace(card, status=CardStatus.REPLACED, blocked_on=on, blocked_by=actor.label)
