"""The position of a loan, and the result of a decision about it.

The contract never changes. The plan is the schedule in force; a new version replaces it as a whole. The *position* is
the present state of the loan: the next cycle, the balances, the open bills. A decision (billing a cycle, taking a
payment) reads a position, changes a copy of it, and returns the copy with the transfers, bills and plans that lead from
the old position to the new one.

The interest-bearing balance is the balance that interest is computed on. On the daily bases it is the ledger's balance:
principal lent and not repaid, less advances, each from its value date on. On the bases `period` and `flat` the plan
sets the interest, so it is the principal that no bill has demanded yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from app.domain.lending.agreements import Agreement, Alterations
from app.domain.lending.bill_states import BillState, OpenTotals, next_due_event, next_late_charge
from app.domain.lending.ledger import Transfer
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.interest import Movement, RateChange, Rates

__all__ = [
    "BillState", "Decision", "LoanStatus", "OpenTotals", "Plan", "PlanReason", "PlanVersion", "Position",
    "due_date", "due_date_of",
]  # fmt: skip


class LoanStatus(StrEnum):
    """The status of a loan."""

    ACTIVE = "active"
    CLOSED = "closed"
    WRITTEN_OFF = "written_off"


#: Reading a member from its enum class is slow, and a run compares it for every loan.
_ACTIVE = LoanStatus.ACTIVE


class PlanReason(StrEnum):
    """Why a version of the plan was made."""

    DISBURSAL = "disbursal"
    PREPAYMENT = "prepayment"
    RETURNED = "returned_to_plan"
    REPLAY = "replay"
    RESTORED = "restored"
    RATE_RESET = "rate_reset"
    RESTRUCTURED = "restructured"
    DUE_DAY = "due_day_moved"
    TOP_UP = "top_up"


class Plan(NamedTuple):
    """The planned instalments from the next cycle on, in columns. Element 0 is the next cycle. Money in paise."""

    due_on: Sequence[date]
    principal_paise: Sequence[int]
    interest_paise: Sequence[int]


class PlanVersion(NamedTuple):
    """A new version of the plan. `first_planned` is the number of its first instalment; earlier instalments stay.

    `after_payment_id` is set for a plan that a replay made: the last payment or concession it took into account.
    """

    version: int
    made_on: date
    reason: PlanReason
    first_planned: int
    emi_paise: int
    plan: Plan
    after_payment_id: int | None = None


@dataclass(slots=True)
class Position:
    """The present state of a loan: everything that a decision about it needs. Money in paise.

    `next_cycle` is the number of the next instalment to bill, and `cycle_began_on` the day its cycle began. `movements`
    are the changes of the interest-bearing balance since that day. `advances` holds (payment number, paise left) of
    each payment made in advance, oldest first. `plan` holds the instalments from the next cycle on. `open_bills` are
    the bills that are not settled, oldest first. `unbilled_interest_paise` is posted interest that no bill has shown
    yet (negative: a credit of interest). `agreement` and `alterations` are what a loan has beside the terms of its
    product; most have neither. `terms` include its rhythm. `unbilled_charges_paise` are posted charges that no bill has
    demanded yet. The `late_` fields count what is overdue by its days (`late_days.py`). `last_event_on` is the latest
    value date: an earlier one needs a replay.
    """

    customer_id: int
    loan_id: int
    version: int
    status: LoanStatus
    terms: RepaymentTerms
    annual_rate_percent: Decimal
    instalments: int
    disbursed_paise: int
    disbursed_on: date
    closed_on: date | None
    schedule_version: int
    emi_paise: int
    next_cycle: int
    cycle_began_on: date
    next_billing_on: date | None
    last_event_on: date
    principal_paise: int
    interest_paise: int
    charges_paise: int
    advance_paise: int
    unbilled_interest_paise: int
    last_transfer: int
    plan: Plan
    advances: list[tuple[int, int]] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    open_bills: list[BillState] = field(default_factory=list)
    unbilled_charges_paise: int = 0
    late_counted_on: date | None = None
    late_principal_days: int = 0
    late_amount_days: int = 0
    agreement: Agreement | None = None
    alterations: Alterations | None = None
    #: The running totals of the open bills, while a biller maintains them: a loan may have thousands of open bills.
    open_totals: OpenTotals | None = field(default=None, compare=False, repr=False)

    def copy(self) -> "Position":
        """An independent copy, for a decision to change."""
        return Position(
            self.customer_id,
            self.loan_id,
            self.version,
            self.status,
            self.terms,
            self.annual_rate_percent,
            self.instalments,
            self.disbursed_paise,
            self.disbursed_on,
            self.closed_on,
            self.schedule_version,
            self.emi_paise,
            self.next_cycle,
            self.cycle_began_on,
            self.next_billing_on,
            self.last_event_on,
            self.principal_paise,
            self.interest_paise,
            self.charges_paise,
            self.advance_paise,
            self.unbilled_interest_paise,
            self.last_transfer,
            self.plan,
            self.advances[:],
            self.movements[:],
            [bill.copy() for bill in self.open_bills] if self.open_bills else [],
            self.unbilled_charges_paise,
            self.late_counted_on,
            self.late_principal_days,
            self.late_amount_days,
            self.agreement,
            self.alterations,
        )

    @property
    def rates(self) -> Rates:
        """The annual rate, or the rates of the loan from its first day on if a change has set another."""
        if self.alterations is None or not self.alterations.rates:
            return self.annual_rate_percent
        return (RateChange(from_on=self.disbursed_on, rate_percent=self.annual_rate_percent), *self.alterations.rates)

    @property
    def rate_percent(self) -> Decimal:
        """The annual rate in force, in percent."""
        rates = self.rates
        return rates if isinstance(rates, Decimal) else rates[-1].rate_percent

    @property
    def lent_paise(self) -> int:
        """What was lent: the disbursal and the top-ups."""
        return self.disbursed_paise + (0 if self.alterations is None else self.alterations.topped_up_paise)

    @property
    def is_daily(self) -> bool:
        """Whether interest follows the ledger's daily balance (True) or the plan (False)."""
        return self.terms.is_daily

    @property
    def undemanded_principal_paise(self) -> int:
        """Principal that no bill has demanded yet."""
        if not self.open_bills:
            return self.principal_paise
        if self.open_totals is not None:
            return self.principal_paise - self.open_totals.principal_paise
        return self.principal_paise - sum(bill.unpaid_principal_paise for bill in self.open_bills)

    @property
    def owed_paise(self) -> int:
        """Principal, interest and charges on the books, billed or not. Advances are not subtracted."""
        return self.principal_paise + self.interest_paise + self.charges_paise

    @property
    def maturity(self) -> date | None:
        """The last date of the plan in force; None when every instalment is billed."""
        return self.plan.due_on[-1] if self.plan.due_on else None

    def overdue_paise(self, on: date) -> int:
        """The unpaid amount of bills whose due date is before `on`; 0 when it is below the product's tolerance."""
        overdue = sum([bill.unpaid_paise for bill in self.open_bills if bill.due_on < on])
        return overdue if overdue >= self.terms.tolerance_paise else 0

    @property
    def next_event_on(self) -> date | None:
        """The first business date on which a run bills this loan, closes an overdue bill or charges one for being
        late; None when there is none."""
        if self.status is not _ACTIVE:
            return None
        earliest = next_due_event(self.open_bills, self.next_billing_on) if self.open_bills else self.next_billing_on
        late = self.terms.late_charge
        if late is not None and late.grace_days and self.open_bills:
            charged_on = next_late_charge(self.open_bills, grace_days=late.grace_days, after=self.last_event_on)
            return min(filter(None, (earliest, charged_on)), default=None)
        return earliest

    @property
    def due_event_on(self) -> date | None:
        """The day on which a run next bills this loan or closes an overdue bill, where it charges a bill for being late
        before; None where the next event is that day, or where there is none."""
        late = self.terms.late_charge
        if late is None or not late.grace_days or not self.open_bills or self.status is not _ACTIVE:
            return None
        due_on = next_due_event(self.open_bills, self.next_billing_on)
        return None if due_on == self.next_event_on else due_on

    def add_to_totals(self, amount_paise: int, *, principal: int = 0) -> None:
        """Adds to the running totals of the open bills (negative: subtracts). `principal` is the part of it."""
        assert self.open_totals is not None, "the biller maintains the totals of the open bills"
        self.open_totals.paise += amount_paise
        self.open_totals.principal_paise += principal

    def move(self, value_date: date, delta_paise: int) -> None:
        """Records a change of the interest-bearing balance from a value date on; a change of 0 is not recorded."""
        if delta_paise:
            self.movements.append(Movement(value_date=value_date, delta_paise=delta_paise))

    def settle(self, bill: BillState, on: date) -> None:
        """Removes a fully paid bill from the open bills. It searches at the front, then from the back."""
        bill.settled_on = on
        bills, place = self.open_bills, 0
        if bills[0] is not bill:
            place = len(bills) - 1
            while bills[place] is not bill:
                place -= 1
        del bills[place]

    def close(self, on: date, *, status: LoanStatus = LoanStatus.CLOSED) -> None:
        """Ends the loan: sets the status and the closing date, and stops billing."""
        self.status = status
        self.closed_on = on
        self.next_billing_on = None


class Decision(NamedTuple):
    """The result of a decision about one loan: the new position, and the rows that lead to it.

    `states` are the bills whose unpaid part changed, by cycle, including new bills.
    """

    position: Position
    transfers: Sequence[Transfer]
    states: dict[int, BillState]
    plans: Sequence[PlanVersion]

    def then(self, later: "Decision") -> "Decision":
        """This decision and a later one, made on this one's position, as a single decision."""
        return Decision(
            later.position,
            [*self.transfers, *later.transfers],
            self.states | later.states,
            [*self.plans, *later.plans],
        )


def due_date(billed_on: date, terms: RepaymentTerms) -> date:
    """The due date of a bill: the billing date plus the product's `due_after_days`."""
    return date.fromordinal(billed_on.toordinal() + terms.due_after_days)


def due_date_of(position: Position, *, cycle: int, billed_on: date) -> date:
    """The due date of the bill of a cycle to come. Interest that a moratorium defers waits for the first instalment
    after it."""
    altered, due_on = position.alterations, position.plan.due_on
    if altered is not None and altered.defers(cycle) and due_on:
        billed_on = due_on[min(altered.waits(position.next_cycle), len(due_on) - 1)]
    # `due_date`, inlined for speed: a statement asks for each of its instalments.
    return date.fromordinal(billed_on.toordinal() + position.terms.due_after_days)
