"""Virtual cards: what a card shows of itself, how long it is good, and who may block and unblock it.

A credit line of the card product comes with a card. It has a token by which programs know it and four digits by which
its holder does; a full card number is never made, so there is none to lose. Whoever holds the card may block it and
take that back. A block by staff (a fraud desk, say) is staff's to lift.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.domain.errors import Conflict, NotFound
from app.domain.people.access import Actor, Role

GOOD_FOR_YEARS: Final = 5


class CardNotFound(NotFound):
    """There is no such card, or it is another customer's. Check the token."""

    code = "card_not_found"


class BlockedByStaff(Conflict):
    """The lender blocked this card, so its holder cannot unblock it. Ask the lender."""

    code = "blocked_by_staff"


class CardStatus(StrEnum):
    """Whether a card can be used."""

    ACTIVE = "active"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as it stands. `blocked_by` is the label of the actor who blocked it."""

    customer_id: int
    loan_id: int
    token: str
    last_four: str
    status: CardStatus
    issued_on: date
    expires_on: date
    blocked_on: date | None
    blocked_by: str | None

    @property
    def blocked_by_holder(self) -> bool:
        """Whether it is the customer's own block."""
        return self.blocked_by is not None and self.blocked_by.startswith(f"{Role.CUSTOMER.value}:")


def expiry(issued_on: date) -> date:
    """The last day on which a card is good: the end of its month of issue, five years on."""
    year, month = issued_on.year + GOOD_FOR_YEARS, issued_on.month
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def block(card: Card, *, actor: Actor, on: date) -> Card:
    """The card, blocked. Staff takes over a block of the holder's, and never the other way round."""
    stands = card.status is CardStatus.BLOCKED
    if stands and not (card.blocked_by_holder and actor.is_staff):
        return card
    return replace(card, status=CardStatus.BLOCKED, blocked_on=on, blocked_by=actor.label)


def unblock(card: Card, *, actor: Actor) -> Card:
    """The card, good again. Raises BlockedByStaff."""
    if card.status is CardStatus.BLOCKED and not (card.blocked_by_holder or actor.is_staff):
        raise BlockedByStaff("the lender blocked this card: ask there to have it unblocked")
    return replace(card, status=CardStatus.ACTIVE, blocked_on=None, blocked_by=None)
