"""Virtual cards: what a card shows of itself, how long it is good, and who may block and unblock it.

A credit line of the card product comes with a card. It has a token by which programs know it and four digits by which
its holder does; a full card number is never made, so there is none to lose. Whoever holds the card may block it and
take that back. A block by staff (a fraud desk, say) is staff's to lift.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.domain.access import Actor
from app.domain.errors import Conflict, NotFound

GOOD_FOR_YEARS: Final = 5


class CardNotFound(NotFound):
    """There is no such card, or it is another customer's."""

    code = "card_not_found"


class BlockedByStaff(Conflict):
    """The lender blocked this card: its holder cannot lift that."""

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


def expiry(issued_on: date) -> date:
    """The last day on which a card is good: the end of its month of issue, five years on."""
    year, month = issued_on.year + GOOD_FOR_YEARS, issued_on.month
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def check_unblock(card: Card, *, actor: Actor, staff_blocked: bool) -> None:
    """Lets whoever may unblock a card pass. Raises BlockedByStaff."""
    if card.status is CardStatus.BLOCKED and staff_blocked and not actor.is_staff:
        raise BlockedByStaff("the lender blocked this card: ask there to have it unblocked")
