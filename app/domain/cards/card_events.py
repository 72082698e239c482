"""What other programs are told about cards. The token is secret, so a card is named by its loan."""

from app.domain.cards.cards import Card
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.public_ids import format_loan_id, format_user_id


def card_event(kind: EventType, card: Card) -> Happened:
    """A card with its present status."""
    data = {
        # A card is issued on the day of the disbursal, so its year is the year in the loan's id.
        "loan_id": format_loan_id(year=card.issued_on.year, number=card.loan_id),
        "user_id": format_user_id(card.customer_id),
        "last_four": card.last_four,
        "status": card.status.value,
        "issued_on": card.issued_on.isoformat(),
        "expires_on": card.expires_on.isoformat(),
        "blocked_on": None if card.blocked_on is None else card.blocked_on.isoformat(),
    }
    return Happened(type=kind, customer_id=card.customer_id, loan_id=card.loan_id, data=data)
