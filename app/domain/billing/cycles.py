"""Billing: bills each cycle of a loan, and closes overdue cycles.

The schedule only plans; bills demand. A cycle runs from one billing date to the next. At its end one bill demands the
interest of the cycle and the principal that the plan has for it. Past dues are shown in the bill and are settled first,
but they are never posted or demanded a second time. The day after a bill's due date its cycle is closed: the late
charge is posted, if the product has one, and, if the product allows a minimum payment, unpaid principal above the
minimum goes back to the plan. Where the late charge has days of grace, it is posted on the day after them.

`catch_up` processes each date in order. So a week of downtime ends with the same bills as a week of daily runs.
Source: docs/business-rules.md, billing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.domain.billing.advances import capitalise, pay_from_advances
from app.domain.billing.bills import Bill
from app.domain.billing.charging import late_paise, post_charges, post_late_charge
from app.domain.billing.demands import minimum_due_paise, principal_due_paise
from app.domain.billing.open_bills import Overdue, found_overdue, late_on, overdue_on, past_due_paise, total_unpaid
from app.domain.lending.due_rules import skip_cycles
from app.domain.lending.late_days import begin_late_days, count_late_days, penal_paise, take_late_interest
from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.lending.loans import accrued_paise, accrued_since_cycle_began, make_plan
from app.domain.lending.positions import BillState, Decision, PlanReason, PlanVersion, Position, due_date_of
from app.domain.lending.settlement import settle, take_interest_back, use_interest_credit
from app.domain.products.products import PaymentPolicy

__all__ = ["Bill", "Billing", "CycleBiller", "bring_up", "catch_up"]

# Reading a member from its enum class is slow, and a run uses these for every loan.
_INTEREST_POSTED, _INTEREST, _INCOME = Kind.INTEREST, Account.INTEREST, Account.INTEREST_INCOME


class Billing(NamedTuple):
    """The result of bringing a loan up to a date: the decision, the bills it issued, and those it found overdue."""

    decision: Decision
    bills: Sequence[Bill]
    overdue: Sequence[Overdue] = ()

    def then(self, later: "Billing") -> "Billing":
        """This result and a later one, made on this one's position, as a single result."""
        lists = [*self.bills, *later.bills], [*self.overdue, *later.overdue]
        return Billing(self.decision.then(later.decision), *lists)


def catch_up(position: Position, *, through: date, booked_on: date | None = None) -> Billing:
    """Bills and closes everything that is due up to and including the business date `through`, in order of date.

    On each date, overdue bills are closed before a new bill is raised. `booked_on` is the business date of the postings
    (default: `through`). When nothing is due, nothing changes: a second call has no effect. The position that the
    caller passes stays as it is.
    """
    return bring_up(position.copy(), through=through, booked_on=booked_on)


def bring_up(position: Position, *, through: date, booked_on: date | None = None) -> Billing:
    """`catch_up` without the copy: it changes the caller's position. A run uses it for each of a million loans."""
    biller = CycleBiller(position, booked_on=booked_on or through)
    while (event_on := position.next_event_on) is not None and event_on <= through:
        if position.open_bills:
            biller.close_cycles(on=event_on)
        if position.next_billing_on == event_on:
            biller.bill_cycle(on=event_on)
    return biller.outcome()


@dataclass(slots=True)
class CycleBiller:
    """Bills and closes cycles of one position. It changes that position and collects the transfers, bills and plans."""

    position: Position
    journal: Journal
    bills: list[Bill]
    states: dict[int, BillState]
    plans: list[PlanVersion]
    overdue: list[Overdue]

    def __init__(self, position: Position, *, booked_on: date) -> None:
        self.position = position
        self.journal = Journal(last_number=position.last_transfer, booked_on=booked_on)
        self.states = {}
        self.bills, self.plans, self.overdue = [], [], []

    def outcome(self) -> Billing:
        """The result: the position, and everything that was collected. The running totals are checked and dropped."""
        bills, open_totals, self.position.open_totals = self.position.open_bills, self.position.open_totals, None
        assert open_totals is None or open_totals == total_unpaid(bills), "the running totals are right"
        self.position.last_transfer = self.journal.number
        return Billing(
            Decision(self.position, self.journal.transfers, self.states, self.plans), self.bills, self.overdue
        )

    def start_totals(self) -> None:
        """Starts the running totals of the open bills, if there are any. Most loans of a run have none."""
        if self.position.open_totals is None and self.position.open_bills:
            self.position.open_totals = total_unpaid(self.position.open_bills)

    def bill_cycle(self, *, on: date) -> None:
        """Raises the bill of the next cycle, and pays it from the advances as far as they go."""
        position = self.position
        if not position.plan.due_on and self.is_idle(on=on):
            # After the plan, with nothing left and nothing accruing, billing stops: it would go on for ever.
            position.next_billing_on = None
            position.last_event_on = on
            settle(position, self.journal, self.states, on=on)
            return
        self.start_totals()
        cycle, began, version = position.next_cycle, position.cycle_began_on, position.schedule_version
        opening, is_last = position.principal_paise, len(position.plan.due_on) <= 1
        interest, principal_due = self._demand(on=on, is_last=is_last)
        due_on, booked_on = due_date_of(position, cycle=cycle, billed_on=on), self.journal.booked_on
        charges = post_charges(position, self.journal, on=on, is_capitalised=principal_due < 0)
        demand = interest + principal_due
        self.start_next_cycle(on=on)
        percent = None if is_last else position.terms.minimum_percent
        minimum = minimum_due_paise(opening, interest_paise=interest, demand_paise=demand, minimum_percent=percent)
        past_due = past_due_paise(position.open_bills, position.open_totals, on=on) if position.open_bills else 0
        total, minimum = past_due + demand + charges, past_due + minimum + charges
        bill = Bill(
            cycle, began, on, due_on, booked_on, opening, interest, principal_due, past_due, total, minimum, version,
            charges,
        )  # fmt: skip
        self.bills.append(bill)
        self.open_bill(bill, charges_paise=charges)

    def is_idle(self, *, on: date) -> bool:
        """Whether the next cycle is after the end of the plan and nothing is left to demand, now or later."""
        position = self.position
        nothing_left = not position.plan.due_on and position.principal_paise == 0
        if not nothing_left or position.unbilled_interest_paise > 0 or position.unbilled_charges_paise:
            return False
        grows = position.open_bills and position.terms.counts_late_days
        return not grows and accrued_paise(position, on=on) == penal_paise(position, on=on) == 0

    def open_bill(self, bill: Bill, *, charges_paise: int) -> None:
        """Adds a bill to the open bills, and pays it from a credit of interest and from the advances.

        In a replay `charges_paise` may differ from what the bill demanded when it was issued.
        """
        position, on = self.position, bill.billed_on
        interest, principal_due = bill.interest_paise, bill.principal_due_paise
        if principal_due < 0:
            self.states[bill.cycle] = capitalise(position, self.journal, bill)
            if position.unbilled_interest_paise < 0:
                use_interest_credit(position, self.journal, self.states, on=on, number=None)
            return
        # In a replay, less principal may be left than the bill demanded when it was issued.
        principal = min(principal_due, position.undemanded_principal_paise)
        state = BillState(
            bill.cycle,
            bill.due_on,
            bill.own_minimum_paise,
            interest + principal_due,
            charges_paise,
            interest,
            principal,
            principal_due - principal,
        )
        self.states[bill.cycle] = state
        position.open_bills.append(state)
        if position.unbilled_interest_paise < 0:
            # The credit pays this bill's own interest before it pays other bills.
            take_interest_back(position, state)
            use_interest_credit(position, self.journal, self.states, on=on, number=None)
        if position.advance_paise:
            pay_from_advances(position, self.journal, state, on=on)
        if position.open_totals is not None:
            position.add_to_totals(state.unpaid_paise, principal=state.unpaid_principal_paise)
        if state.unpaid_paise == 0 and state.settled_on is None:
            position.settle(state, on)
        # For speed: only these two cases can close the loan or use a credit.
        if position.principal_paise == 0 or position.unbilled_interest_paise < 0:
            settle(position, self.journal, self.states, on=on)

    def _demand(self, *, on: date, is_last: bool) -> tuple[int, int]:
        """The interest and the principal, in paise, that the next cycle demands.

        The bill includes adjustments of earlier interest, which are already in the ledger. An adjustment that exceeds
        the interest of the cycle stays pending for the next bill.
        """
        position, plan = self.position, self.position.plan
        is_capitalised = not is_last and plan.principal_paise[0] < 0
        accrued = self.post_interest(on=on, is_capitalised=is_capitalised)
        if is_capitalised:
            # An instalment of a moratorium asks for nothing: its interest becomes principal. An adjustment waits.
            return accrued, -accrued
        interest = accrued
        if position.unbilled_interest_paise:
            interest = max(accrued + position.unbilled_interest_paise, 0)
            position.unbilled_interest_paise += accrued - interest
        undemanded = position.undemanded_principal_paise
        if is_last:
            return interest, undemanded
        return interest, principal_due_paise(
            plan.principal_paise[0], planned_interest_paise=plan.interest_paise[0], interest_paise=interest,
            left_paise=undemanded, is_daily=position.terms.is_daily,
        )  # fmt: skip

    def post_interest(self, *, on: date, is_capitalised: bool = False) -> int:
        """Posts the interest of the cycle that ends on `on`, and returns it in paise: accrued by day, or as planned.

        Where it becomes principal, the interest on overdue principal waits for a bill that demands something.
        """
        position, plan = self.position, self.position.plan
        planned = plan.interest_paise[0] if plan.due_on else 0
        accrued = accrued_paise(position, on=on) if position.terms.is_daily else planned
        self.journal.open_group()
        self.journal.post(_INTEREST_POSTED, _INTEREST, _INCOME, accrued, _INTEREST, on, position.next_cycle)
        count_late_days(position, on=on)
        if position.terms.counts_late_days and not is_capitalised:
            late = take_late_interest(position, on=on)
            self.journal.post(Kind.OVERDUE_INTEREST, _INTEREST, _INCOME, late, _INTEREST, on, position.next_cycle)
            accrued += late
        position.interest_paise += accrued
        return accrued

    def start_next_cycle(self, *, on: date) -> None:
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
            # Unpaid principal bears daily interest after the end of the plan, and only a bill can demand that interest.
            goes_on = position.is_daily or position.terms.counts_late_days
            position.next_billing_on = skip_cycles(position, after=on) if goes_on else None

    def close_cycles(self, *, on: date) -> None:
        """Closes the cycles whose bills become overdue on a day, and charges those whose days of grace have passed."""
        self.start_totals()
        count_late_days(self.position, on=on)
        late = self.position.terms.late_charge
        if late is not None and late.grace_days:
            for bill in late_on(self.position.open_bills, day=on, grace_days=late.grace_days):
                self._charge_late(bill, on=on)
        for bill in overdue_on(self.position.open_bills, day=on):
            self.close_cycle(bill, on=on)

    def close_cycle(self, bill: BillState, *, on: date) -> None:
        """Closes the cycle of an overdue bill: posts the late charge if it has no days of grace, and returns principal
        above the minimum."""
        position, terms = self.position, self.position.terms
        bill.closed_on = on
        position.last_event_on = on
        self.states[bill.cycle] = bill
        if terms.late_charge is not None and not terms.late_charge.grace_days:
            self._charge_late(bill, on=on)
        unpaid = bill.unpaid_interest_paise + bill.unpaid_principal_paise
        returned = min(unpaid - bill.minimum_unpaid_paise, bill.unpaid_principal_paise)
        if terms.payment_policy is not PaymentPolicy.EXACT and returned > 0 and position.plan.due_on:
            self._return_principal(bill, returned, on=on)
        begin_late_days(position, bill, on=on)
        self.overdue.append(found_overdue(bill, on=on))

    def _charge_late(self, bill: BillState, *, on: date) -> None:
        """Posts the late charge of an overdue bill, unless less than the tolerances of it is overdue."""
        position, late = self.position, self.position.terms.late_charge
        assert late is not None, "the product has a late charge"
        position.last_event_on = on
        if overdue := late_paise(position, bill, late):
            post_late_charge(position, self.journal, bill, late, overdue_paise=overdue, on=on)
            self.states[bill.cycle] = bill

    def _return_principal(self, bill: BillState, returned: int, *, on: date) -> None:
        """Returns principal above the minimum to the plan, and makes a new plan that includes it."""
        position = self.position
        # The interest before today is computed first, on the balance without the returned principal.
        accrued = accrued_since_cycle_began(position, on=on)
        bill.unpaid_principal_paise -= returned
        bill.returned_paise += returned
        position.add_to_totals(-returned, principal=-returned)
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
