"""A loan lived again, from its first day, with the payments that stand and what the lender gave up.

Bills that were issued stay as they are, and everything that followed from them (where each payment went, late charges,
what went back to the plan, the interest that really accrued) is found anew. `replay.py` posts what differs from the
ledger; `reporting/reconciliation.py` demands that nothing does.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.domain.billing.cycles import Bill, CycleBiller
from app.domain.errors import Rejected
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.loans import accrued_since_cycle_began, disburse, make_plan, planned_date
from app.domain.lending.positions import BillState, Decision, LoanStatus, Plan, PlanReason, PlanVersion, Position
from app.domain.payments.allocation import PaymentAllocator
from app.domain.payments.concessions import Concession, ConcessionBooking
from app.domain.payments.payments import PaymentOrder, exceeds_payoff


class LaterPaymentsConflict(Rejected):
    """With this change, a later payment would find nothing left to pay. Reverse the later payment first."""

    code = "later_payments_conflict"


class Replanned(NamedTuple):
    """A day on which a replay made the plan anew, and the last payment that was known then."""

    on: date
    after_payment_id: int


class History(NamedTuple):
    """What is in the books of a loan, each oldest first: its bills, the payments that stand, its transfers, when a
    replay made the plan anew, and the waivers and the write-off that were granted."""

    bills: Sequence[Bill]
    payments: Sequence[PaymentOrder]
    transfers: Sequence[Transfer]
    replanned: Sequence[Replanned]
    concessions: Sequence[Concession] = ()


#: What people did to a loan, other than making it: it is lived again in its place.
Action = PaymentOrder | Concession
#: Transfers that stand or fall together: those of a payment or a concession, the late charge of a bill, or what a
#: credit of interest paid or gave back where no payment asked for it.
GroupKey = tuple[str, int]


@dataclass(slots=True)
class Life:
    """A loan lived again: where it ends, the interest its cycles had, and the postings of its payments and charges.

    `bills` are those of cycles that were due and never billed, and `interest` what is to be posted for them. `accrued`
    is the interest of each cycle that has ended, in paise; `matured` the cycles that were the last of their plan.
    """

    position: Position
    states: dict[int, BillState] = field(default_factory=dict)
    interest_paise: int = 0
    groups: dict[GroupKey, list[Transfer]] = field(default_factory=lambda: defaultdict(list))
    bills: list[Bill] = field(default_factory=list)
    interest: list[Transfer] = field(default_factory=list)
    accrued: dict[int, int] = field(default_factory=dict)
    matured: set[int] = field(default_factory=set)


def replay_loan(position: Position, history: History, *, through: date) -> Life:
    """Lives a loan again from its first day through a business date, with issued bills as they are.

    A cycle that is due and was never billed (a payment had closed the loan before) is billed now. Raises
    LaterPaymentsConflict.
    """
    life = Life(_first_day(position))
    bills = {bill.cycle: bill for bill in history.bills}
    actions: list[Action] = sorted([*history.payments, *history.concessions], key=place_of)
    replans = sorted(history.replanned)
    while (day := _next_day(life, actions, replans)) is not None and day <= through:
        if life.position.next_event_on == day:
            _live_event(life, bills, on=day, today=through)
        elif replans and replans[0].on == day and not _comes_first(actions, replans[0]):
            replanned = replans.pop(0)
            make_plan_anew(life.position, on=day, after_payment_id=replanned.after_payment_id)
        else:
            _replay_action(life, actions.pop(0))
    _void_unreached_bills(life, history.bills, on=through)
    return life


def place_of(action: Action) -> tuple[date, int]:
    """Where a deed stands in the life of a loan: its day, and within the day its number."""
    if isinstance(action, PaymentOrder):
        return action.value_date, action.payment_id
    return action.granted_on, action.number


def _comes_first(actions: Sequence[Action], replanned: Replanned) -> bool:
    """Whether a deed of the same day was there before the plan was made anew."""
    if not actions:
        return False
    on, number = place_of(actions[0])
    return on == replanned.on and number <= replanned.after_payment_id


def _next_day(life: Life, actions: Sequence[Action], replans: Sequence[Replanned]) -> date | None:
    days = [
        life.position.next_event_on,
        *(place_of(action)[0] for action in actions[:1]),
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


def _live_event(life: Life, bills: dict[int, Bill], *, on: date, today: date) -> None:
    """Closes and bills what is due on a day: a bill that was issued stands, one that is missing is issued today."""
    position = life.position
    biller = CycleBiller(position, booked_on=today)
    biller.close_cycles(on=on)
    issued = bills.get(position.next_cycle)
    if position.next_billing_on == on and issued is not None:
        accrued = biller.post_interest(on=on)
        life.accrued[issued.cycle] = accrued
        if position.maturity == on:
            life.matured.add(issued.cycle)
        position.unbilled_interest_paise += accrued - issued.interest_paise
        biller.turn_cycle(on=on)
        biller.open_bill(issued)
        _fit_plan(position, on=on)
    elif position.next_billing_on == on:
        biller.bill_cycle(on=on)
    outcome = biller.outcome()
    life.bills += outcome.bills
    _keep(life, outcome.decision, is_new=bool(outcome.bills))


def _fit_plan(position: Position, *, on: date) -> None:
    """An issued bill may ask for another part of the principal than the plan of the life that is lived now: what it
    leaves is planned anew, so that interest is counted on it."""
    if position.is_daily or position.status is not LoanStatus.ACTIVE or not position.plan.due_on:
        return
    if sum(position.plan.principal_paise) != position.undemanded_principal_paise:
        make_plan(
            position,
            on=on,
            principal_paise=position.undemanded_principal_paise,
            accrued=(0, 1),
            reason=PlanReason.REPLAY,
            emi_paise=None,
        )


def _replay_action(life: Life, action: Action) -> None:
    if isinstance(action, PaymentOrder):
        _live_payment(life, action)
        return
    booking = ConcessionBooking(life.position, action)
    booking.grant()
    _keep(life, booking.outcome())


def _live_payment(life: Life, order: PaymentOrder) -> None:
    if life.position.status is not LoanStatus.ACTIVE:
        raise LaterPaymentsConflict(f"the payment of {order.value_date} would find the loan closed")
    if exceeds_payoff(life.position, order):
        raise LaterPaymentsConflict(f"the payment of {order.value_date} would be more than closes the loan")
    allocator = PaymentAllocator(life.position, order)
    allocator.take()
    _keep(life, allocator.outcome().decision)


def make_plan_anew(position: Position, *, on: date, after_payment_id: int) -> list[PlanVersion]:
    """Plans what is not demanded yet over the instalments that are left; where none is, in one more."""
    undemanded = position.undemanded_principal_paise
    if position.status is not LoanStatus.ACTIVE:
        return []
    if not position.plan.due_on:
        if position.is_daily or not (undemanded or position.unbilled_interest_paise > 0):
            return []
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
    """What came back after the last bill is asked for once more, on the next date of the due rule. Only where the plan
    sets the interest: on the daily bases cycles go on by themselves."""
    cycle = position.next_cycle
    while (due_on := planned_date(position, cycle)) <= on:
        cycle += 1
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


def _keep(life: Life, decision: Decision, *, is_new: bool = False) -> None:
    life.states |= decision.states
    for transfer in decision.transfers:
        key = group_key(transfer)
        if key is not None:
            life.groups[key].append(transfer)
        elif is_new:
            life.interest.append(transfer)
        else:
            life.interest_paise += transfer.amount_paise


def group_key(transfer: Transfer) -> GroupKey | None:
    """What a transfer stands or falls with; None for the interest of cycles and for the disbursal."""
    if transfer.payment_id is not None:
        return ("payment", transfer.payment_id)
    if transfer.component is Account.CHARGES:
        assert transfer.cycle is not None, "a charge belongs to a bill"
        return ("charge", transfer.cycle)
    if transfer.component is not Account.INTEREST and transfer.kind is not Kind.DISBURSAL:
        return ("credit", transfer.cycle or 0)
    return None


def _void_unreached_bills(life: Life, bills: Sequence[Bill], *, on: date) -> None:
    """Bills of cycles that the loan turns out never to have had, because it ended earlier, ask for nothing."""
    position = life.position
    for bill in bills:
        if bill.cycle not in life.states:
            demanded = bill.interest_paise + bill.principal_due_paise
            state = BillState(bill.cycle, bill.due_on, 0, demanded, 0, 0, 0, bill.principal_due_paise)
            state.settled_on = position.closed_on or on
            life.states[bill.cycle] = state
            # A number that was used once is not used for another bill.
            position.next_cycle = max(position.next_cycle, bill.cycle + 1)
    if position.status is LoanStatus.CLOSED:
        position.unbilled_interest_paise = 0


def posted_interest_paise(transfers: Sequence[Transfer]) -> int:
    """The interest of cycles as posted, adjustments included; what a payoff accrued belongs to its payment."""
    total = 0
    for transfer in transfers:
        if transfer.payment_id is None and transfer.component is Account.INTEREST:
            total += transfer.amount_paise if transfer.debit is Account.INTEREST else -transfer.amount_paise
    return total
