"""Billing: turning a plan into demands, cycle by cycle.

The schedule plans; only bills demand. A cycle runs from one billing date to the next; at its end one bill asks for the
interest of the cycle and for the principal that the plan has for it. Past dues are shown in the bill and settled
first, but they are never posted or demanded a second time. The day after a bill's due date its cycle is closed: a late
charge where the product has one, and, where paying a minimum is allowed, the principal above the minimum goes back to
the plan.

A loan is brought up to a date by replaying what should have happened on each date in order, so that a week of downtime
ends with the same bills as a week of daily runs. Source: domain.md, section 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.domain.billing.demands import late_charge_paise, minimum_due_paise
from app.domain.billing.open_bills import asked_by, overdue_on, past_due_paise
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.loans import accrued_paise, accrued_since_cycle_began, make_plan, planned_date
from app.domain.lending.positions import BillState, Decision, PlanReason, PlanVersion, Position, due_date
from app.domain.lending.settlement import settle, take_interest_back, use_interest_credit
from app.domain.products.products import LateCharge, PaymentPolicy

# Named for every loan of a run, and a member is looked up in its class each time.
_INTEREST_POSTED, _INTEREST, _INCOME = Kind.INTEREST, Account.INTEREST, Account.INTEREST_INCOME


class Bill(NamedTuple):
    """What one cycle demands, immutable once issued. A named tuple, because a run copies millions of them.

    `minimum_due_paise` includes past dues; demands are in paise.
    """

    cycle: int
    from_on: date
    billed_on: date
    due_on: date
    booked_on: date
    opening_principal_paise: int
    interest_paise: int
    principal_due_paise: int
    past_due_paise: int
    total_due_paise: int
    minimum_due_paise: int
    schedule_version: int


class Billing(NamedTuple):
    """A loan brought up to a date: the decision, and the bills it issued."""

    decision: Decision
    bills: Sequence[Bill]

    def then(self, later: "Billing") -> "Billing":
        """This one followed by one that was made on its outcome, as one."""
        return Billing(self.decision.then(later.decision), [*self.bills, *later.bills])


def catch_up(position: Position, *, through: date, booked_on: date | None = None) -> Billing:
    """Closes and bills everything that is due up to and including a business date, in order of date.

    On one date overdue bills are closed before a new one is raised. `booked_on` is the business date on which it is
    posted (default: `through`). Changes nothing where nothing is due, so that running it twice is running it once.
    """
    return bring_up(position.copy(), through=through, booked_on=booked_on)


def bring_up(position: Position, *, through: date, booked_on: date | None = None) -> Billing:
    """`catch_up` on a position that the caller gives away: a run reads a million, and each is decided on once."""
    biller = CycleBiller(position, booked_on=booked_on or through)
    while (event_on := position.next_event_on) is not None and event_on <= through:
        if position.open_bills:
            biller.close_cycles(on=event_on)
        if position.next_billing_on == event_on:
            biller.bill_cycle(on=event_on)
    return biller.outcome()


@dataclass(slots=True)
class CycleBiller:
    """Bills and closes cycles on one position, which is its own to change, and keeps what it did."""

    position: Position
    journal: Journal
    bills: list[Bill]
    states: dict[int, BillState]
    plans: list[PlanVersion]

    def __init__(self, position: Position, *, booked_on: date) -> None:
        self.position = position
        self.journal = Journal(last_number=position.last_transfer, booked_on=booked_on)
        self.bills = []
        self.states = {}
        self.plans = []

    def outcome(self) -> Billing:
        # Whoever changes the position next keeps no count; and what was kept is right.
        bills, asked, self.position.asked = self.position.open_bills, self.position.asked, None
        assert asked is None or asked == asked_by(bills), "what open bills ask for is kept count of"
        self.position.last_transfer = self.journal.number
        return Billing(Decision(self.position, self.journal.transfers, self.states, self.plans), self.bills)

    def count(self) -> None:
        """Begins to count what open bills ask for, where there are any: most loans of a run have none."""
        if self.position.asked is None and self.position.open_bills:
            self.position.asked = asked_by(self.position.open_bills)

    def bill_cycle(self, *, on: date) -> None:
        """Raises the bill of the next cycle, and pays it from an advance as far as that goes."""
        position = self.position
        if not position.plan.due_on and self.is_idle(on=on):
            # Beyond the plan, where nothing more accrues, there is nothing to ask for and no end to it.
            position.next_billing_on = None
            position.last_event_on = on
            settle(position, self.journal, self.states, on=on)
            return
        self.count()
        cycle, began, version = position.next_cycle, position.cycle_began_on, position.schedule_version
        opening, is_last = position.principal_paise, len(position.plan.due_on) <= 1
        interest, principal_due = self._demand(on=on, is_last=is_last)
        demand = interest + principal_due
        self.turn_cycle(on=on)
        percent = None if is_last else position.terms.minimum_percent
        minimum = minimum_due_paise(opening, interest_paise=interest, demand_paise=demand, minimum_percent=percent)
        past_due = past_due_paise(position.open_bills, position.asked, on=on) if position.open_bills else 0
        due_on, booked_on = due_date(on, position.terms), self.journal.booked_on
        total, minimum = past_due + demand, past_due + minimum
        bill = Bill(
            cycle, began, on, due_on, booked_on, opening, interest, principal_due, past_due, total, minimum, version
        )
        self.bills.append(bill)
        self.open_bill(bill)

    def is_idle(self, *, on: date) -> bool:
        """Whether the next cycle lies beyond the plan and has nothing to ask for, now or later."""
        position = self.position
        nothing_left = not position.plan.due_on and position.principal_paise == 0
        return nothing_left and position.unbilled_interest_paise <= 0 and accrued_paise(position, on=on) == 0

    def open_bill(self, bill: Bill) -> None:
        """Puts a bill among the open ones, and settles of it what an advance covers."""
        position, on = self.position, bill.billed_on
        interest, principal_due = bill.interest_paise, bill.principal_due_paise
        # A bill that is lived again may find less principal left than it was issued for.
        principal = min(principal_due, position.undemanded_principal_paise)
        state = BillState(
            bill.cycle,
            bill.due_on,
            bill.minimum_due_paise - bill.past_due_paise,
            interest + principal_due,
            0,
            interest,
            principal,
            principal_due - principal,
        )
        self.states[bill.cycle] = state
        position.open_bills.append(state)
        if position.unbilled_interest_paise < 0:
            # What a bill asked for too much of is its own before it pays others.
            take_interest_back(position, state)
            use_interest_credit(position, self.journal, self.states, on=on, number=None)
            # Which of the open bills it paid is not counted: they are counted anew when that matters next.
            position.asked = None
        if position.advance_paise:
            self._use_advance(state, on=on)
        if position.asked is not None:
            position.ask(state.unpaid_paise, principal=state.unpaid_principal_paise)
        if state.unpaid_interest_paise + state.unpaid_principal_paise == 0 and state.settled_on is None:
            position.settle(state, on)
        # Principal goes on to be owed, in all but the last bill of a loan.
        if position.principal_paise == 0 or position.unbilled_interest_paise < 0:
            settle(position, self.journal, self.states, on=on)

    def _demand(self, *, on: date, is_last: bool) -> tuple[int, int]:
        """The interest and the principal that the next cycle asks for.

        An adjustment of earlier interest is in the ledger already: it only shows in the bill. One that lowers interest
        by more than a cycle has of it waits for the next.
        """
        position, plan = self.position, self.position.plan
        accrued = self.post_interest(on=on)
        interest = accrued
        if position.unbilled_interest_paise:
            interest = max(accrued + position.unbilled_interest_paise, 0)
            position.unbilled_interest_paise += accrued - interest
        undemanded = position.undemanded_principal_paise
        if is_last:
            return interest, undemanded
        planned = plan.principal_paise[0]
        if position.terms.is_daily:
            # The instalment stands; what is more of interest is less of principal.
            planned = max(planned + plan.interest_paise[0] - interest, 0)
        return interest, min(planned, undemanded)

    def post_interest(self, *, on: date) -> int:
        """Posts the interest of the cycle that ends now, and answers it: accrued day by day, or as planned."""
        position, plan = self.position, self.position.plan
        planned = plan.interest_paise[0] if plan.due_on else 0
        accrued = accrued_paise(position, on=on) if position.terms.is_daily else planned
        self.journal.open_group()
        self.journal.post(_INTEREST_POSTED, _INTEREST, _INCOME, accrued, _INTEREST, on, position.next_cycle)
        position.interest_paise += accrued
        return accrued

    def turn_cycle(self, *, on: date) -> None:
        """Begins the next cycle."""
        position, plan = self.position, self.position.plan
        position.plan = type(plan)(plan.due_on[1:], plan.principal_paise[1:], plan.interest_paise[1:])
        position.next_cycle += 1
        position.cycle_began_on = on
        position.last_event_on = on
        position.movements = []
        if len(plan.due_on) > 1:
            position.next_billing_on = plan.due_on[1]
        else:
            # Principal that stays unpaid beyond the plan still bears interest day by day, and only bills demand it.
            position.next_billing_on = planned_date(position, position.next_cycle) if position.is_daily else None

    def _use_advance(self, bill: BillState, *, on: date) -> None:
        """Pays a new bill, interest first, from what was paid in advance, the oldest payment first."""
        position = self.position
        self.journal.open_group()
        kept: list[tuple[int, int]] = []
        for payment_id, left in position.advances:
            interest = min(left, bill.unpaid_interest_paise)
            principal = min(left - interest, bill.unpaid_principal_paise)
            for account, part in ((Account.INTEREST, interest), (Account.PRINCIPAL, principal)):
                self.journal.post(
                    Kind.ADVANCE_USED, Account.ADVANCE, account, part, account, on, bill.cycle, payment_id
                )
            bill.unpaid_interest_paise -= interest
            bill.unpaid_principal_paise -= principal
            position.interest_paise -= interest
            position.principal_paise -= principal
            position.advance_paise -= interest + principal
            if left > interest + principal:
                kept.append((payment_id, left - interest - principal))
        position.advances = kept

    def close_cycles(self, *, on: date) -> None:
        """Closes the bills that have become overdue on a day."""
        self.count()
        for bill in overdue_on(self.position.open_bills, day=on):
            self.close_cycle(bill, on=on)

    def close_cycle(self, bill: BillState, *, on: date) -> None:
        """Closes an overdue bill, once: its late charge, and the return of unpaid principal above the minimum."""
        position, terms = self.position, self.position.terms
        bill.closed_on = on
        position.last_event_on = on
        self.states[bill.cycle] = bill
        unpaid = bill.unpaid_interest_paise + bill.unpaid_principal_paise
        minimum_unpaid = bill.minimum_unpaid_paise
        judged_on_total = terms.payment_policy is PaymentPolicy.EXACT
        overdue = unpaid if judged_on_total else minimum_unpaid
        if terms.late_charge is not None and overdue >= max(terms.tolerance_paise, 1):
            self._post_late_charge(bill, terms.late_charge, overdue_paise=overdue, on=on)
        returned = min(unpaid - minimum_unpaid, bill.unpaid_principal_paise)
        if not judged_on_total and returned > 0 and position.plan.due_on:
            self._return_principal(bill, returned, on=on)

    def _return_principal(self, bill: BillState, returned: int, *, on: date) -> None:
        """Gives principal above the minimum back to the plan, which is made anew with it."""
        position = self.position
        # Until today the balance was the one without it.
        accrued = accrued_since_cycle_began(position, on=on)
        bill.unpaid_principal_paise -= returned
        bill.returned_paise += returned
        position.ask(-returned, principal=-returned)
        if not position.is_daily:
            position.move(on, returned)
        if bill.unpaid_paise == 0:
            position.settle(bill, on)
        plan = make_plan(
            position,
            on=on,
            principal_paise=position.undemanded_principal_paise,
            accrued=accrued,
            reason=PlanReason.RETURNED,
            emi_paise=None,
        )
        self.plans.append(plan)

    def _post_late_charge(self, bill: BillState, charge: LateCharge, *, overdue_paise: int, on: date) -> None:
        """Charges a bill for being late: with its tax never more than what is overdue of it."""
        amount, tax = late_charge_paise(charge, overdue_paise=overdue_paise)
        self.journal.open_group()
        for credit, part in ((Account.CHARGE_INCOME, amount), (Account.GST_PAYABLE, tax)):
            self.journal.post(Kind.CHARGE, Account.CHARGES, credit, part, Account.CHARGES, on, bill.cycle)
        bill.unpaid_charges_paise += amount + tax
        self.position.ask(amount + tax)
        self.position.charges_paise += amount + tax
