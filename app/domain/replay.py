"""Replay: the life of a loan lived again, with a payment taken out or put in.

Books are never rewritten. When a payment bounces, or turns out to have come earlier, the loan is lived again from its
first day with the payments that stand: bills that were issued stay as they are, and everything that followed from them
(where each payment went, late charges, what went back to the plan, the interest that really accrued) is found anew.
What differs from the ledger is then posted today: the payments concerned are transferred back and out again, the
difference of interest and charges is an adjustment that the open cycle's bill will show. Source: domain.md, section 8.

The same replay proves the books: with nothing taken out or put in, it must end where the loan stands.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from app.domain.billing import Bill, Clerk
from app.domain.errors import Rejected
from app.domain.ledger import Kind, Transfer
from app.domain.loans import (
    BillState,
    Decision,
    LoanStatus,
    Position,
    closing_date,
    disburse,
)
from app.domain.payments import PaymentOrder, Teller


class LaterPaymentsConflict(Rejected):
    """With this change, a later payment would be more than the loan owes on its day."""

    code = "later_payments_conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is in the books of a loan: all bills, the payments that stand, and every transfer, each oldest first."""

    bills: Sequence[Bill]
    payments: Sequence[PaymentOrder]
    transfers: Sequence[Transfer]


@dataclass(slots=True, kw_only=True)
class Life:
    """A loan lived again: where it ends, and the postings that its bills and payments led to."""

    position: Position
    states: dict[int, BillState] = field(default_factory=dict)
    interest_paise: int = 0
    charges: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    by_payment: dict[int, list[Transfer]] = field(default_factory=lambda: defaultdict(list))
    drifted: bool = False


def relive(position: Position, history: History, *, through: date) -> Life:
    """Lives a loan again from its first day through a business date, with issued bills as they are.

    Raises LaterPaymentsConflict where a payment finds no place any more.
    """
    life = Life(position=_first_day(position))
    bills = {bill.cycle: bill for bill in history.bills}
    waiting = sorted(history.payments, key=lambda order: (order.value_date, order.payment_id))
    while True:
        event_on = life.position.next_event_on
        paid_on = waiting[0].value_date if waiting else None
        if event_on is not None and event_on <= through and (paid_on is None or event_on <= paid_on):
            if not _live_event(life, bills, on=event_on):
                break
        elif paid_on is not None:
            _live_payment(life, waiting.pop(0))
        else:
            break
    if life.position.status is LoanStatus.CLOSED:
        _void_later_bills(life, history.bills)
    return life


def _first_day(position: Position) -> Position:
    fresh = disburse(
        position.terms,
        customer_id=position.customer_id,
        loan_id=position.loan_id,
        amount_paise=position.disbursed_paise,
        annual_rate_percent=position.annual_rate_percent,
        instalments=position.instalments,
        disbursed_on=position.disbursed_on,
    )
    return fresh.position


def _live_event(life: Life, bills: dict[int, Bill], *, on: date) -> bool:
    """Closes and bills what is due on a day; False where the next bill was never issued: life goes on from there."""
    clerk = Clerk(life.position, booked_on=on)
    for state in [state for state in life.position.open_bills if state.closed_on is None and closing_date(state) == on]:
        clerk.close_cycle(state, on=on)
    goes_on = True
    if life.position.next_billing_on == on:
        issued = bills.get(life.position.next_cycle)
        if issued is None:
            goes_on = False
        else:
            _reissue(life, clerk, issued)
    _keep(life, clerk.outcome().decision)
    return goes_on


def _reissue(life: Life, clerk: Clerk, bill: Bill) -> None:
    """Opens a bill as it was issued, and counts the interest that its cycle really had."""
    position, plan = life.position, life.position.plan
    accrued = clerk.post_interest(on=bill.billed_on)
    life.interest_paise += accrued
    position.unbilled_interest_paise += accrued - bill.interest_paise
    planned = plan.principal_paise[0] if plan.due_on else 0
    life.drifted |= position.unbilled_interest_paise != 0 or (
        not position.is_daily and planned != bill.principal_due_paise
    )
    clerk.turn_cycle(on=bill.billed_on)
    clerk.open_bill(bill)


def _live_payment(life: Life, order: PaymentOrder) -> None:
    if life.position.status is not LoanStatus.ACTIVE:
        raise LaterPaymentsConflict(
            f"the payment of {order.value_date} would come after the loan is closed", field="value_date"
        )
    teller = Teller(life.position, order)
    teller.take()
    _keep(life, teller.outcome().decision)


def _keep(life: Life, decision: Decision) -> None:
    life.states |= decision.states
    for transfer in decision.transfers:
        if transfer.payment_id is not None:
            life.by_payment[transfer.payment_id].append(transfer)
        elif transfer.kind is Kind.CHARGE:
            assert transfer.cycle is not None, "a charge belongs to a bill"
            life.charges[transfer.cycle] += transfer.amount_paise


def _void_later_bills(life: Life, bills: Sequence[Bill]) -> None:
    """Bills issued after the day on which the loan turns out to have been closed ask for nothing."""
    closed_on = life.position.closed_on
    for bill in bills:
        if bill.cycle not in life.states:
            demanded = bill.interest_paise + bill.principal_due_paise
            state = BillState(bill.cycle, bill.due_on, 0, demanded, 0, 0, 0, bill.principal_due_paise)
            state.settled_on = closed_on
            life.states[bill.cycle] = state
    life.position.unbilled_interest_paise = 0
