"""Replays a loan from its first day with the payments and concessions that count now.

Issued bills stay as they are. Everything else is computed again: the allocation of each payment, late charges,
principal returned to the plan, and the accrued interest. `replay.py` posts the differences from the ledger;
`reporting/reconciliation.py` checks that there are none. Source: docs/decisions/0006.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.domain.billing.charging import post_charges
from app.domain.billing.cycles import Bill, CycleBiller
from app.domain.errors import Rejected
from app.domain.lending.charges import BookedCharge, book_charge
from app.domain.lending.due_rules import renumber
from app.domain.lending.late_days import late_interest_paise
from app.domain.lending.ledger import Transfer
from app.domain.lending.loans import disburse
from app.domain.lending.positions import BillState, Decision, LoanStatus, Position
from app.domain.payments.allocation import PaymentAllocator
from app.domain.payments.amounts import exceeds_payoff
from app.domain.payments.changes import LoanChange
from app.domain.payments.changing import ChangeBooking
from app.domain.payments.concessions import ConcessionBooking, standing_concession
from app.domain.payments.histories import Action, GroupKey, History, Replanned, action_order, group_key
from app.domain.payments.payments import PaymentOrder, TreatAs
from app.domain.payments.refunds import Refund, pay_out
from app.domain.payments.replay_plans import fit_plan, make_replay_plan
from app.domain.payments.replayed_spans import OverdueTrace, PlannedTrace


class LaterPaymentsConflict(Rejected):
    """With this change, a later payment would find nothing left to pay. Reverse the later payment first."""

    code = "later_payments_conflict"


@dataclass(slots=True)
class ReplayedLoan:
    """The result of a replay: the final position, the bill states, and the postings by group.

    `interest_paise` is the interest of the billed cycles. `bills` are bills of cycles that were due and never billed,
    and `interest` the transfers to post for them. `accrued` maps each ended cycle to its interest in paise. `matured`
    holds the cycles that were the last of their plan. `cleared` maps each bill to the day on which nothing of its
    interest and principal was left to pay. `overdue_interest` maps each ended cycle to its interest on overdue
    principal, which is not in `accrued`, and `overdue` the days that it is computed from. `planned` holds the
    undemanded principal of each day, where the plan sets the interest.
    """

    position: Position
    states: dict[int, BillState] = field(default_factory=dict)
    interest_paise: int = 0
    groups: dict[GroupKey, list[Transfer]] = field(default_factory=lambda: defaultdict(list))
    bills: list[Bill] = field(default_factory=list)
    interest: list[Transfer] = field(default_factory=list)
    accrued: dict[int, int] = field(default_factory=dict)
    matured: set[int] = field(default_factory=set)
    cleared: dict[int, date] = field(default_factory=dict)
    overdue_interest: dict[int, int] = field(default_factory=dict)
    overdue: OverdueTrace = field(default_factory=OverdueTrace)
    planned: PlannedTrace = field(init=False)

    def __post_init__(self) -> None:
        self.planned = PlannedTrace(self.position.disbursed_on)

    def note(self, *, until: date) -> None:
        """Notes the days before `until`, on which the position was as it is."""
        self.overdue.note(self.position, until=until)
        self.planned.note(self.position, until=until)


def replay_loan(position: Position, history: History, *, through: date) -> ReplayedLoan:
    """Replays a loan from its first day through a business date, with issued bills as they are.

    A cycle that is due and was never billed is billed now: a payment that is reversed may have closed the loan before
    it. `position` and `history` stay as they are. Raises LaterPaymentsConflict.
    """
    replayed = ReplayedLoan(_first_day(position))
    bills = {bill.billed_on: bill for bill in history.bills}
    actions = history.actions
    replans = sorted(history.replanned)
    while (day := _next_day(replayed, actions, replans)) is not None and day <= through:
        replayed.note(until=day)
        if replayed.position.next_event_on == day:
            _replay_event(replayed, bills, on=day, today=through)
        elif replans and replans[0].on == day and not _is_known_to_replan(actions, replans[0]):
            replanned = replans.pop(0)
            make_replay_plan(replayed.position, on=day, after_payment_id=replanned.after_payment_id)
        else:
            _replay_action(replayed, actions.pop(0))
    replayed.note(until=through)
    _void_unreached_bills(replayed, history.bills)
    # A bill that was issued outside the plan may have a lower number than one before it that is issued only now.
    renumber(replayed.position, _unused(replayed.position.next_cycle, history.bills, replayed.bills))
    return replayed


def _is_known_to_replan(actions: Sequence[Action], replanned: Replanned) -> bool:
    """Whether the next action is of the same day and was known when the plan was made."""
    if not actions:
        return False
    on, number = action_order(actions[0])
    return on == replanned.on and number <= replanned.after_payment_id


def _next_day(replayed: ReplayedLoan, actions: Sequence[Action], replans: Sequence[Replanned]) -> date | None:
    days = [
        replayed.position.next_event_on,
        *(action_order(action)[0] for action in actions[:1]),
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
        agreement=position.agreement,
    )
    return first.position


def _replay_event(replayed: ReplayedLoan, bills: dict[date, Bill], *, on: date, today: date) -> None:
    """Closes and bills what is due on a day. An issued bill is kept; a missing one is issued today."""
    position = replayed.position
    biller = CycleBiller(position, booked_on=today)
    biller.close_cycles(on=on)
    for overdue in biller.overdue:
        replayed.overdue.note_first_days(position, overdue, on=on)
    issued = bills.get(on)
    if position.next_billing_on == on:
        # An issued bill keeps its number, and another cycle never gets that.
        used = bills.values(), replayed.bills
        renumber(position, _unused(position.next_cycle, *used) if issued is None else issued.cycle)
    if position.next_billing_on == on and issued is not None:
        is_capitalised = issued.principal_due_paise < 0
        late = 0 if is_capitalised else late_interest_paise(position, on=on)
        accrued = biller.post_interest(on=on, is_capitalised=is_capitalised)
        replayed.accrued[issued.cycle], replayed.overdue_interest[issued.cycle] = accrued - late, late
        if position.maturity == on:
            replayed.matured.add(issued.cycle)
        position.unbilled_interest_paise += accrued - issued.interest_paise
        charges = post_charges(position, biller.journal, on=on, is_capitalised=is_capitalised)
        biller.start_next_cycle(on=on)
        biller.open_bill(issued, charges_paise=charges)
        fit_plan(position, on=on)
    elif position.next_billing_on == on:
        biller.bill_cycle(on=on)
    outcome = biller.outcome()
    replayed.bills += outcome.bills
    _record(replayed, outcome.decision, is_new=bool(outcome.bills))


def _unused(number: int, *known: Iterable[Bill]) -> int:
    """The number, or one that no bill has."""
    taken = {bill.cycle for bills in known for bill in bills}
    return max(taken) + 1 if number in taken else number


def _replay_action(replayed: ReplayedLoan, action: Action) -> None:
    if isinstance(action, PaymentOrder):
        _replay_payment(replayed, action)
    elif isinstance(action, BookedCharge):
        _record(replayed, book_charge(replayed.position, action))
    elif isinstance(action, Refund):
        _record(replayed, pay_out(replayed.position, action))
    elif isinstance(action, LoanChange):
        _replay_change(replayed, action)
    else:
        booking = ConcessionBooking(replayed.position, standing_concession(action, replayed.groups))
        booking.grant()
        _record(replayed, booking.outcome())


def _replay_change(replayed: ReplayedLoan, change: LoanChange) -> None:
    if replayed.position.status is not LoanStatus.ACTIVE and change.amount_paise:
        raise LaterPaymentsConflict(f"the loan would be closed before the top-up of {change.made_on}")
    booking = ChangeBooking(replayed.position, change, insists=False)
    booking.make()
    _record(replayed, booking.outcome())


def _replay_payment(replayed: ReplayedLoan, order: PaymentOrder) -> None:
    position, is_recovery = replayed.position, order.treat_as is TreatAs.RECOVERY
    # A recovery stands whatever became of the loan. Other money on a loan that has ended needs a product that takes it.
    if position.status is not LoanStatus.ACTIVE and not (is_recovery or position.terms.takes_overpayment):
        raise LaterPaymentsConflict(f"the loan would be closed before the payment of {order.value_date}")
    if position.status is LoanStatus.ACTIVE and exceeds_payoff(position, order):
        raise LaterPaymentsConflict(f"the payment of {order.value_date} would be more than the payoff")
    allocator = PaymentAllocator(position, order)
    allocator.take()
    decision = allocator.outcome().decision
    if position.status is LoanStatus.CLOSED:
        replayed.planned.note_end(decision.transfers)
    _record(replayed, decision)


def _record(replayed: ReplayedLoan, decision: Decision, *, is_new: bool = False) -> None:
    replayed.states |= decision.states
    for cycle, state in decision.states.items():
        if state.unpaid_interest_paise + state.unpaid_principal_paise == 0:
            replayed.cleared.setdefault(cycle, decision.position.last_event_on)
    for transfer in decision.transfers:
        key = group_key(transfer)
        if key is not None:
            replayed.groups[key].append(transfer)
        elif is_new:
            replayed.interest.append(transfer)
        else:
            replayed.interest_paise += transfer.amount_paise


def _void_unreached_bills(replayed: ReplayedLoan, bills: Sequence[Bill]) -> None:
    """Sets to zero the bills of cycles that the replay did not reach, because the loan or its plan ended earlier.

    Such a bill asks for nothing from its first day on, so nothing of it was ever past due.
    """
    position = replayed.position
    for bill in bills:
        if bill.cycle not in replayed.states:
            demanded = bill.interest_paise + bill.principal_due_paise
            state = BillState(bill.cycle, bill.due_on, 0, demanded, 0, 0, 0, bill.principal_due_paise)
            state.settled_on = position.closed_on or bill.billed_on
            replayed.states[bill.cycle] = state
            # The number of an issued bill is never used for another bill.
            renumber(position, max(position.next_cycle, bill.cycle + 1))
    if position.status is LoanStatus.CLOSED:
        position.unbilled_interest_paise = 0
