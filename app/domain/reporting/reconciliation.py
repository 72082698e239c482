"""Reconciliation: does what is stored follow from the ledger?

The balances on a loan row are a cache. Here they are derived again, twice: by adding up the transfers, and by living
the loan again from its first day. Every figure that differs is named with what is stored and what was derived, to the
paisa. Nothing is repaired: a difference is a defect, and somebody has to understand it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.errors import DomainError
from app.domain.lending.ledger import Account, Transfer
from app.domain.lending.positions import BillState, Position
from app.domain.payments.life import History, replay_loan


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure that is stored otherwise than it follows from the books."""

    loan_id: int
    figure: str
    stored: object
    derived: object


#: What living the loan again must end with.
REPLAYED_FIGURES = (
    "status",
    "closed_on",
    "next_cycle",
    "cycle_began_on",
    "next_billing_on",
    "principal_paise",
    "interest_paise",
    "charges_paise",
    "advance_paise",
    "unbilled_interest_paise",
    "advances",
    "movements",
    "open_bills",
)


def find_differences(position: Position, history: History, *, states: Sequence[BillState]) -> list[Difference]:
    """Every figure of a loan that does not follow from its books, as they stand: nothing is caught up before.

    `states` are what is stored of all its bills, settled ones included.
    """
    loan_id = position.loan_id
    found = [
        Difference(loan_id=loan_id, figure=figure, stored=stored, derived=derived)
        for figure, stored, derived in (
            *_balances(position, history.transfers),
            *_numbering(position, history.transfers),
            *_payments(history),
            *_bills(position, states),
        )
        if stored != derived
    ]
    try:
        again = replay_loan(position, history, through=_latest_day(position, history)).position
        if position.next_billing_on is None and again.next_billing_on is not None:
            # Coming to rest was not always noted as an event: it happens on the day that nothing is billed for.
            again = replay_loan(position, history, through=again.next_billing_on).position
    except DomainError as error:
        return [*found, Difference(loan_id=loan_id, figure="life", stored="lived", derived=error.code)]
    return found + [
        Difference(loan_id=loan_id, figure=figure, stored=getattr(position, figure), derived=getattr(again, figure))
        for figure in REPLAYED_FIGURES
        if getattr(position, figure) != getattr(again, figure)
    ]


def _latest_day(position: Position, history: History) -> date:
    """The last day on which something happened to the loan: a closed cycle, a bill, a payment, a replay."""
    return max(
        position.last_event_on,
        *(order.value_date for order in history.payments),
        *(replanned.on for replanned in history.replanned),
        position.disbursed_on,
    )


def _balances(position: Position, transfers: Sequence[Transfer]) -> Iterator[tuple[str, object, object]]:
    def owed(account: Account) -> int:
        debits = sum(one.amount_paise for one in transfers if one.debit is account)
        return debits - sum(one.amount_paise for one in transfers if one.credit is account)

    yield "principal_paise", position.principal_paise, owed(Account.PRINCIPAL)
    yield "interest_paise", position.interest_paise, owed(Account.INTEREST)
    yield "charges_paise", position.charges_paise, owed(Account.CHARGES)
    yield "advance_paise", position.advance_paise, -owed(Account.ADVANCE)


def _numbering(position: Position, transfers: Sequence[Transfer]) -> Iterator[tuple[str, object, object]]:
    yield "last_transfer", position.last_transfer, len(transfers)
    numbers = [one.number for one in transfers]
    yield "transfer_numbers", numbers, list(range(1, len(transfers) + 1))


def _payments(history: History) -> Iterator[tuple[str, object, object]]:
    received: dict[int, int] = {}
    for one in history.transfers:
        if one.payment_id is not None:
            moved = (one.debit is Account.CASH) - (one.credit is Account.CASH)
            received[one.payment_id] = received.get(one.payment_id, 0) + moved * one.amount_paise
    standing = {order.payment_id: order.amount_paise for order in history.payments}
    for payment_id in sorted(received.keys() | standing.keys()):
        yield f"payment {payment_id}", standing.get(payment_id, 0), received.get(payment_id, 0)


def _bills(position: Position, states: Sequence[BillState]) -> Iterator[tuple[str, object, object]]:
    open_bills = {bill.cycle for bill in position.open_bills}
    for state in states:
        yield f"bill {state.cycle} open", state.cycle in open_bills, state.unpaid_paise > 0
    yield "bills", [state.cycle for state in states], sorted(state.cycle for state in states)
    if not position.is_daily and position.closed_on is None:
        planned = sum(position.plan.principal_paise)
        yield "planned principal", planned, position.undemanded_principal_paise
