"""Replay: the life of a loan lived again, with a payment taken out or put in.

Books are never rewritten. When a payment bounces, or turns out to have come earlier, the loan is lived again from its
first day with the payments that stand: bills that were issued stay as they are, and everything that followed from them
(where each payment went, late charges, what went back to the plan, the interest that really accrued) is found anew.
What differs from the ledger is then posted today: the payments concerned are transferred back and out again, and the
difference of interest is an adjustment that the open cycle's bill will show. Source: domain.md, section 8.

The same replay proves the books: with nothing taken out or put in, it must end where the loan stands.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.domain.billing import Bill, Billing, Clerk, catch_up
from app.domain.errors import Rejected
from app.domain.ledger import Account, Journal, Kind, Transfer
from app.domain.loans import accrued_since_cycle_began, disburse, make_plan, planned_date
from app.domain.payment_allocation import Teller
from app.domain.payments import PaymentOrder, exceeds_payoff
from app.domain.positions import BillState, Decision, LoanStatus, Plan, PlanReason, PlanVersion, Position, closing_date


class LaterPaymentsConflict(Rejected):
    """With this change, a later payment would find nothing left to pay."""

    code = "later_payments_conflict"


class Replanned(NamedTuple):
    """A day on which a replay made the plan anew, and the last payment that was known then."""

    on: date
    after_payment_id: int


class History(NamedTuple):
    """What is in the books of a loan, each oldest first: its bills, the payments that stand, its transfers, and when a
    replay made the plan anew."""

    bills: Sequence[Bill]
    payments: Sequence[PaymentOrder]
    transfers: Sequence[Transfer]
    replanned: Sequence[Replanned]


#: Transfers that stand or fall together: those of a payment, or the late charge of a bill.
GroupKey = tuple[str, int]


@dataclass(slots=True)
class Life:
    """A loan lived again: where it ends, the interest its cycles had, and the postings of its payments and charges."""

    position: Position
    states: dict[int, BillState] = field(default_factory=dict)
    interest_paise: int = 0
    groups: dict[GroupKey, list[Transfer]] = field(default_factory=lambda: defaultdict(list))


def relive(position: Position, history: History, *, through: date) -> Life:
    """Lives a loan again from its first day through a business date, with issued bills as they are.

    Ends at the first cycle that is due and was never billed. Raises LaterPaymentsConflict.
    """
    life = Life(_first_day(position))
    bills = {bill.cycle: bill for bill in history.bills}
    payments = sorted(history.payments, key=lambda order: (order.value_date, order.payment_id))
    replans = sorted(history.replanned)
    while (day := _next_day(life, payments, replans)) is not None and day <= through:
        if life.position.next_event_on == day:
            if not _live_event(life, bills, on=day):
                break
        elif replans and replans[0].on == day and not _comes_first(payments, replans[0]):
            replanned = replans.pop(0)
            _make_plan_anew(life.position, on=day, after_payment_id=replanned.after_payment_id)
        else:
            _live_payment(life, payments.pop(0))
    if payments:
        raise LaterPaymentsConflict(f"the payment of {payments[0].value_date} would find nothing to pay")
    if life.position.status is LoanStatus.CLOSED:
        _void_later_bills(life, history.bills)
    return life


def _comes_first(payments: Sequence[PaymentOrder], replanned: Replanned) -> bool:
    """Whether a payment of the same day was there before the plan was made anew."""
    if not payments:
        return False
    return payments[0].value_date == replanned.on and payments[0].payment_id <= replanned.after_payment_id


def _next_day(life: Life, payments: Sequence[PaymentOrder], replans: Sequence[Replanned]) -> date | None:
    days = [
        life.position.next_event_on,
        *(order.value_date for order in payments[:1]),
        *(replanned.on for replanned in replans[:1]),
    ]
    return min((day for day in days if day is not None), default=None)


def _first_day(position: Position) -> Position:
    first = disburse(
        position.terms,
        customer_id=position.customer_id,
        loan_id=position.loan_id,
        amount_paise=position.disbursed_paise,
        annual_rate_percent=position.annual_rate_percent,
        instalments=position.instalments,
        disbursed_on=position.disbursed_on,
    )
    return first.position


def _live_event(life: Life, bills: dict[int, Bill], *, on: date) -> bool:
    """Closes and bills what is due on a day; False where the next bill was never issued: life goes on from there."""
    position = life.position
    clerk = Clerk(position, booked_on=on)
    for state in [state for state in position.open_bills if state.closed_on is None and closing_date(state) == on]:
        clerk.close_cycle(state, on=on)
    goes_on = True
    if position.next_billing_on == on:
        issued = bills.get(position.next_cycle)
        if issued is not None:
            accrued = clerk.post_interest(on=on)
            position.unbilled_interest_paise += accrued - issued.interest_paise
            clerk.turn_cycle(on=on)
            clerk.open_bill(issued)
        elif clerk.is_idle(on=on):
            clerk.bill_cycle(on=on)
        else:
            goes_on = False
    _keep(life, clerk.outcome().decision)
    return goes_on


def _live_payment(life: Life, order: PaymentOrder) -> None:
    if life.position.status is not LoanStatus.ACTIVE:
        raise LaterPaymentsConflict(f"the payment of {order.value_date} would find the loan closed")
    if exceeds_payoff(life.position, order):
        raise LaterPaymentsConflict(f"the payment of {order.value_date} would be more than closes the loan")
    teller = Teller(life.position, order)
    teller.take()
    _keep(life, teller.outcome().decision)


def _make_plan_anew(position: Position, *, on: date, after_payment_id: int) -> list[PlanVersion]:
    """Plans what is not demanded yet over the instalments that are left; where none is, in one more."""
    undemanded = position.undemanded_principal_paise
    if position.status is not LoanStatus.ACTIVE or not (position.plan.due_on or undemanded):
        return []
    if not position.plan.due_on:
        return [_one_more_instalment(position, on=on, after_payment_id=after_payment_id)]
    plan = make_plan(
        position,
        on=on,
        principal_paise=undemanded,
        accrued=accrued_since_cycle_began(position, on=on),
        reason=PlanReason.REPLAY,
        emi_paise=None,
    )
    return [plan._replace(after_payment_id=after_payment_id)]


def _one_more_instalment(position: Position, *, on: date, after_payment_id: int) -> PlanVersion:
    """Principal that came back after the last bill: asked for once more, without interest where the plan sets it."""
    due_on = planned_date(position, position.next_cycle)
    position.plan = Plan([due_on], [position.undemanded_principal_paise], [0])
    position.schedule_version += 1
    position.next_billing_on = due_on
    return PlanVersion(
        position.schedule_version,
        on,
        PlanReason.REPLAY,
        position.next_cycle,
        position.emi_paise,
        position.plan,
        after_payment_id,
    )


def _keep(life: Life, decision: Decision) -> None:
    life.states |= decision.states
    for transfer in decision.transfers:
        if (key := group_key(transfer)) is not None:
            life.groups[key].append(transfer)
    life.interest_paise += posted_interest_paise(decision.transfers)


def group_key(transfer: Transfer) -> GroupKey | None:
    """What a transfer stands or falls with; None for the interest of cycles and for the disbursal."""
    if transfer.payment_id is not None:
        return ("payment", transfer.payment_id)
    if transfer.component is Account.CHARGES:
        assert transfer.cycle is not None, "a charge belongs to a bill"
        return ("charge", transfer.cycle)
    return None


def _void_later_bills(life: Life, bills: Sequence[Bill]) -> None:
    """Bills issued after the day on which the loan turns out to have been closed ask for nothing."""
    for bill in bills:
        if bill.cycle not in life.states:
            demanded = bill.interest_paise + bill.principal_due_paise
            state = BillState(bill.cycle, bill.due_on, 0, demanded, 0, 0, 0, bill.principal_due_paise)
            state.settled_on = life.position.closed_on
            life.states[bill.cycle] = state
    life.position.unbilled_interest_paise = 0


def standing_groups(transfers: Sequence[Transfer]) -> dict[GroupKey, list[Transfer]]:
    """The transfers of payments and charges that nothing has reversed, by what they stand or fall with."""
    reversed_numbers = {transfer.reverses for transfer in transfers if transfer.reverses is not None}
    groups: dict[GroupKey, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        key = group_key(transfer)
        if key is not None and transfer.reverses is None and transfer.number not in reversed_numbers:
            groups[key].append(transfer)
    return groups


def posted_interest_paise(transfers: Sequence[Transfer]) -> int:
    """The interest of cycles as posted, adjustments included; what a payoff accrued belongs to its payment."""
    total = 0
    for transfer in transfers:
        if transfer.payment_id is None and transfer.component is Account.INTEREST:
            total += transfer.amount_paise if transfer.debit is Account.INTEREST else -transfer.amount_paise
    return total


def rewrite(position: Position, history: History, *, payments: Sequence[PaymentOrder], on: date) -> Billing:
    """What is to be posted on a business date so that the books are as if these payments had always been the ones.

    `position` is caught up to `on`, `history` holds all that is in the books, that catching up included. Raises
    LaterPaymentsConflict.
    """
    life = relive(position, history._replace(payments=payments), through=on)
    journal = Journal(last_number=position.last_transfer, booked_on=on)
    _repost_groups(journal, before=standing_groups(history.transfers), after=life.groups)
    difference = life.interest_paise - posted_interest_paise(history.transfers)
    accounts = (Account.INTEREST, Account.INTEREST_INCOME)
    debit, credit = accounts if difference > 0 else accounts[::-1]
    journal.open_group()
    journal.post(Kind.ADJUSTMENT, debit, credit, abs(difference), Account.INTEREST, on)
    last_payment = max((order.payment_id for order in (*payments, *history.payments)), default=0)
    plans = _put_plan_in_force(life.position, position, on=on, after_payment_id=last_payment)
    after = life.position
    after.version = position.version
    after.last_transfer = journal.number
    after.last_event_on = max(after.last_event_on, position.last_event_on)
    rewritten = Decision(after, journal.transfers, life.states, plans)
    billing = catch_up(after, through=on)
    return Billing(rewritten.then(billing.decision), billing.bills)


def _repost_groups(
    journal: Journal, *, before: dict[GroupKey, list[Transfer]], after: dict[GroupKey, list[Transfer]]
) -> None:
    """Transfers back what does not stand any more, and out again where it belongs now."""
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, []), after.get(key, [])
        if Counter(map(_content, old)) == Counter(map(_content, new)):
            continue
        journal.open_group()
        for one in old:
            journal.post(
                Kind.REVERSAL,
                one.credit,
                one.debit,
                one.amount_paise,
                one.component,
                one.value_date,
                one.cycle,
                one.payment_id,
                one.number,
            )
        journal.open_group()
        for one in new:
            journal.post(
                one.kind,
                one.debit,
                one.credit,
                one.amount_paise,
                one.component,
                one.value_date,
                one.cycle,
                one.payment_id,
            )


def _content(transfer: Transfer) -> tuple[object, ...]:
    """What makes two transfers the same posting, whatever their numbers and the day they were booked."""
    return (
        transfer.kind,
        transfer.debit,
        transfer.credit,
        transfer.amount_paise,
        transfer.value_date,
        transfer.cycle,
    )


def _put_plan_in_force(after: Position, before: Position, *, on: date, after_payment_id: int) -> list[PlanVersion]:
    """Keeps the plan where nothing changed for it, else makes a new version: the relived one, or one made today."""
    undemanded = after.undemanded_principal_paise
    relived, after.schedule_version = after.plan, before.schedule_version
    if _columns(after) == _columns(before) and undemanded == before.undemanded_principal_paise:
        after.plan, after.emi_paise = before.plan, before.emi_paise
        return []
    if after.is_daily or sum(relived.principal_paise) != undemanded:
        return _make_plan_anew(after, on=on, after_payment_id=after_payment_id)
    after.schedule_version += 1
    return [PlanVersion(after.schedule_version, on, PlanReason.RESTORED, after.next_cycle, after.emi_paise, relived)]


def _columns(position: Position) -> tuple[list[object], ...]:
    return tuple(list(column) for column in position.plan)
