"""What other programs are told about cards and card accounts. A token is secret, so a card is named by what it draws
on."""

from typing import Final

from app.domain.cards.cards import Card
from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.life import IssuedStatement
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.public_ids import format_card_account_id, format_loan_id, format_user_id

#: What becomes known when an account comes into a status after it was opened.
OF_STATUS: Final = {
    AccountStatus.OPEN: EventType.CARD_ACCOUNT_REOPENED,
    AccountStatus.CLOSED: EventType.CARD_ACCOUNT_CLOSED,
    AccountStatus.CHARGED_OFF: EventType.CARD_ACCOUNT_CHARGED_OFF,
}
OF_FACT: Final = {
    FactKind.PAYMENT: EventType.CARD_PAYMENT_RECEIVED,
    FactKind.RETURNED_PAYMENT: EventType.CARD_PAYMENT_RETURNED,
}


def card_event(kind: EventType, card: Card) -> Happened:
    """A card with its present status."""
    # A card is issued on the day of the disbursal, so its year is the year in the loan's id.
    loan = None if card.loan_id is None else format_loan_id(year=card.issued_on.year, number=card.loan_id)
    data = {
        "loan_id": loan,
        "card_account_id": None if card.account_id is None else format_card_account_id(card.account_id),
        "user_id": format_user_id(card.customer_id),
        "last_four": card.last_four,
        "status": card.status.value,
        "issued_on": card.issued_on.isoformat(),
        "expires_on": card.expires_on.isoformat(),
        "blocked_on": None if card.blocked_on is None else card.blocked_on.isoformat(),
    }
    return Happened(type=kind, customer_id=card.customer_id, loan_id=card.loan_id, data=data)


def account_event(state: State, *, customer_id: int, account_id: int, is_new: bool = False) -> Happened:
    """An account that was opened, closed, opened again or charged off."""
    data = {
        **_named(customer_id, account_id),
        "status": state.status.value,
        "limit_paise": state.limit_paise,
        "owed_paise": state.owed_paise,
        "credit_balance_paise": state.credit_paise,
    }
    kind = EventType.CARD_ACCOUNT_OPENED if is_new else OF_STATUS[state.status]
    return Happened(type=kind, customer_id=customer_id, data=data)


def statement_event(statement: IssuedStatement, *, customer_id: int, account_id: int) -> Happened:
    """A statement that was issued."""
    data = {
        "card_account_id": format_card_account_id(account_id),
        "user_id": format_user_id(customer_id),
        "statement": statement.number,
        "statement_on": statement.on.isoformat(),
        "due_on": statement.due_on.isoformat(),
        "total_due_paise": statement.asked.total_paise,
        "minimum_due_paise": statement.asked.minimum_paise,
    }
    return Happened(type=EventType.CARD_STATEMENT_ISSUED, customer_id=customer_id, data=data)


def payment_event(fact: Fact, state: State, *, customer_id: int, account_id: int) -> Happened:
    """A payment that was taken or that bounced."""
    data = {
        **_named(customer_id, account_id),
        "posting": fact.number,
        "amount_paise": fact.amount_paise,
        "value_date": fact.value_on.isoformat(),
        "owed_paise": state.owed_paise,
        "credit_balance_paise": state.credit_paise,
        "charged_off_paise": state.loss.paise if state.loss else 0,
        "recovered_paise": state.loss.recovered_paise if state.loss else 0,
    }
    return Happened(type=OF_FACT[fact.kind], customer_id=customer_id, data=data)


def _named(customer_id: int, account_id: int) -> dict[str, str]:
    return {"card_account_id": format_card_account_id(account_id), "user_id": format_user_id(customer_id)}
