"""Reconciliation: checks that the stored figures of a loan follow from its ledger.

The balances on a loan row are a cache. They are derived again in two ways: by adding up the transfers, and by replaying
the loan from its first day. Every figure that differs by a paisa or more is reported with the stored and the derived
value. Nothing is repaired: a difference is a defect that a person must investigate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.errors import BROKEN, fault_of
from app.domain.lending.ledger import Account, Transfer
from app.domain.lending.positions import BillState, Position
from app.domain.payments.histories import History
from app.domain.payments.replayed_loan import replay_loan


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A stored figure that differs from the derived one."""

    loan_id: int
    figure: str
    stored: object
    derived: object


#: The figures of the position that a replay must give again.
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
    "unbilled_charges_paise",
    "late_counted_on",
    "late_principal_days",
    "late_amount_days",
    "movements",
    "open_bills",
    "alterations",
)


def find_differences(position: Position, history: History, *, states: Sequence[BillState]) -> list[Difference]:
    """Every stored figure of a loan that does not follow from its rows. The loan is not caught up before.

    `states` are the stored states of all its bills, including settled ones.
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
        replayed = replay_loan(position, history, through=_latest_day(position, history)).position
        if position.next_billing_on is None and replayed.next_billing_on is not None:
            # Older rows do not record the day on which billing stopped. It stops on the day without anything to bill.
            replayed = replay_loan(position, history, through=replayed.next_billing_on).position
    except BROKEN as error:
        return [*found, Difference(loan_id=loan_id, figure="replay", stored="no error", derived=fault_of(error))]
    return found + [
        Difference(loan_id=loan_id, figure=figure, stored=getattr(position, figure), derived=getattr(replayed, figure))
        for figure in REPLAYED_FIGURES
        if getattr(position, figure) != getattr(replayed, figure)
    ]


def _latest_day(position: Position, history: History) -> date:
    """The date of the last event of the loan: a closed cycle, a bill, a payment or a replay."""
    return max(
        position.last_event_on,
        *(order.value_date for order in history.payments),
        *(replanned.on for replanned in history.replanned),
        *(refund.paid_on for refund in history.refunds),
        *(change.made_on for change in history.changes),
        position.disbursed_on,
    )


def _balances(position: Position, transfers: Sequence[Transfer]) -> Iterator[tuple[str, object, object]]:
    def owed(account: Account) -> int:
        debits = sum(transfer.amount_paise for transfer in transfers if transfer.debit is account)
        return debits - sum(transfer.amount_paise for transfer in transfers if transfer.credit is account)

    yield "principal_paise", position.principal_paise, owed(Account.PRINCIPAL)
    yield "interest_paise", position.interest_paise, owed(Account.INTEREST)
    yield "charges_paise", position.charges_paise, owed(Account.CHARGES)
    yield "advance_paise", position.advance_paise, -owed(Account.ADVANCE)


def _numbering(position: Position, transfers: Sequence[Transfer]) -> Iterator[tuple[str, object, object]]:
    yield "last_transfer", position.last_transfer, len(transfers)
    numbers = [transfer.number for transfer in transfers]
    yield "transfer_numbers", numbers, list(range(1, len(transfers) + 1))


def _payments(history: History) -> Iterator[tuple[str, object, object]]:
    received: dict[int, int] = {}
    for transfer in history.transfers:
        if transfer.payment_id is not None:
            moved = (transfer.debit is Account.CASH) - (transfer.credit is Account.CASH)
            received[transfer.payment_id] = received.get(transfer.payment_id, 0) + moved * transfer.amount_paise
    standing = {order.payment_id: order.amount_paise for order in history.payments}
    standing |= {refund.number: -refund.amount_paise for refund in history.refunds}
    standing |= {change.number: -change.amount_paise for change in history.changes if change.amount_paise}
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
