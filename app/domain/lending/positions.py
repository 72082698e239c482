"""Where a loan stands, and what a decision about it comes to.

The contract never changes. The plan is a schedule in force, replaced as a whole by a new version. The *position* is
where the loan stands today: which cycle comes next, what is owed and since when, which bills are open. Decisions about
a loan (billing a cycle, taking a payment) read a position, work on a copy of it, and hand the copy back together with
the transfers, bills and plans that lead from the one to the other. The same functions serve one loan and a million.

The interest-bearing balance is what interest is counted on. On the daily bases it is the ledger's: principal lent and
not repaid, less what was paid in advance, from each payment's value date on. On the bases `period` and `flat` the plan
sets the interest, so it is the principal not yet demanded by a bill.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from app.domain.lending.ledger import Transfer
from app.domain.products.products import RepaymentTerms
from app.domain.schedules.interest import Movement


class LoanStatus(StrEnum):
    """The life of a loan."""

    ACTIVE = "active"
    CLOSED = "closed"
    WRITTEN_OFF = "written_off"


#: Asked for every loan of a run, and a member is looked up in its class each time.
_ACTIVE = LoanStatus.ACTIVE


class PlanReason(StrEnum):
    """Why a version of the plan was made."""

    DISBURSAL = "disbursal"
    PREPAYMENT = "prepayment"
    RETURNED = "returned_to_plan"
    REPLAY = "replay"
    RESTORED = "restored"


class Plan(NamedTuple):
    """The planned instalments from the next cycle on: element 0 is that of the next cycle."""

    due_on: Sequence[date]
    principal_paise: Sequence[int]
    interest_paise: Sequence[int]


class PlanVersion(NamedTuple):
    """A new version of the plan. `first_planned` is the number of its first instalment; the earlier ones stand.

    A plan made by a replay says after which payment of its day it was made.
    """

    version: int
    made_on: date
    reason: PlanReason
    first_planned: int
    emi_paise: int
    plan: Plan
    after_payment_id: int | None = None


@dataclass(slots=True)
class BillState:
    """What payments have left of a bill. `minimum_paise` is the bill's own minimum, without past dues."""

    cycle: int
    due_on: date
    minimum_paise: int
    demanded_paise: int
    unpaid_charges_paise: int
    unpaid_interest_paise: int
    unpaid_principal_paise: int
    returned_paise: int = 0
    closed_on: date | None = None
    settled_on: date | None = None

    @property
    def unpaid_paise(self) -> int:
        """All that is still asked for by this bill."""
        return self.unpaid_charges_paise + self.unpaid_interest_paise + self.unpaid_principal_paise

    @property
    def minimum_unpaid_paise(self) -> int:
        """What is still missing to the bill's own minimum, charges aside."""
        unpaid = self.unpaid_interest_paise + self.unpaid_principal_paise
        paid = self.demanded_paise - self.returned_paise - unpaid
        return min(max(self.minimum_paise - paid, 0), unpaid)

    def copy(self) -> "BillState":
        """An independent copy."""
        return BillState(
            self.cycle,
            self.due_on,
            self.minimum_paise,
            self.demanded_paise,
            self.unpaid_charges_paise,
            self.unpaid_interest_paise,
            self.unpaid_principal_paise,
            self.returned_paise,
            self.closed_on,
            self.settled_on,
        )


@dataclass(slots=True)
class Asked:
    """What open bills still ask for: in all, and of principal."""

    paise: int
    principal_paise: int


@dataclass(slots=True)
class Position:
    """Where a loan stands: all that a decision about it needs to know. Money in paise.

    `next_cycle` is the number of the next instalment to bill, `cycle_began_on` the day its cycle began; `movements`
    are the changes of the interest-bearing balance since then; `advances` what is left of each payment made in advance,
    oldest first; `plan` the instalments from the next cycle on; `open_bills` the unsettled ones, oldest first.
    `last_event_on` is the latest value date of anything: an earlier one needs a replay.
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
    #: What the open bills ask for, while a clerk keeps count of it: thousands of them may be open.
    asked: Asked | None = field(default=None, compare=False, repr=False)

    def copy(self) -> "Position":
        """A position to decide on, independent of this one."""
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
        )

    @property
    def is_daily(self) -> bool:
        """Whether interest follows the ledger day by day, and not the plan."""
        return self.terms.is_daily

    @property
    def undemanded_principal_paise(self) -> int:
        """Principal that no bill has asked for yet."""
        if not self.open_bills:
            return self.principal_paise
        if self.asked is not None:
            return self.principal_paise - self.asked.principal_paise
        return self.principal_paise - sum(bill.unpaid_principal_paise for bill in self.open_bills)

    @property
    def owed_paise(self) -> int:
        """Principal, interest and charges on the books, whether a bill has asked for them or not; an advance aside."""
        return self.principal_paise + self.interest_paise + self.charges_paise

    @property
    def maturity(self) -> date | None:
        """The last date of the plan in force; None when all of it is billed."""
        return self.plan.due_on[-1] if self.plan.due_on else None

    def overdue_paise(self, on: date) -> int:
        """What is unpaid of bills whose last day has passed; nothing while all of it is below the tolerance."""
        overdue = sum([bill.unpaid_paise for bill in self.open_bills if bill.due_on < on])
        return overdue if overdue >= self.terms.tolerance_paise else 0

    @property
    def next_event_on(self) -> date | None:
        """The first business date on which a run has something to do here: to bill, or to close an overdue bill."""
        if self.status is not _ACTIVE:
            return None
        earliest = self.next_billing_on
        # As `unclosed` does, without its turns: asked for every loan of a run.
        for bill in reversed(self.open_bills):
            if bill.closed_on is not None:
                break
            if earliest is None or bill.due_on < earliest:
                closing = closing_date(bill)
                if earliest is None or closing < earliest:
                    earliest = closing
        return earliest

    def ask(self, amount_paise: int, *, principal: int = 0) -> None:
        """Keeps count: open bills ask for so much more (or, negative, less), and so much of it is principal."""
        assert self.asked is not None, "a clerk keeps count"
        self.asked.paise += amount_paise
        self.asked.principal_paise += principal

    def move(self, value_date: date, delta_paise: int) -> None:
        """Notes a change of the interest-bearing balance from a value date on."""
        if delta_paise:
            self.movements.append(Movement(value_date=value_date, delta_paise=delta_paise))

    def settle(self, bill: BillState, on: date) -> None:
        """Takes a fully paid bill off the open ones: payments settle from the front, billing at the back."""
        bill.settled_on = on
        bills, place = self.open_bills, 0
        if bills[0] is not bill:
            place = len(bills) - 1
            while bills[place] is not bill:
                place -= 1
        del bills[place]

    def close(self, on: date, *, status: LoanStatus = LoanStatus.CLOSED) -> None:
        """The end: nothing is owed on the books and nothing will be billed."""
        self.status = status
        self.closed_on = on
        self.next_billing_on = None


class Decision(NamedTuple):
    """What a decision about one loan comes to: where it stands now, and the rows that lead there.

    `states` are the bills whose unpaid part changed, by cycle, new ones included.
    """

    position: Position
    transfers: Sequence[Transfer]
    states: dict[int, BillState]
    plans: Sequence[PlanVersion]

    def then(self, later: "Decision") -> "Decision":
        """This decision followed by one that was made on its outcome, as one."""
        return Decision(
            later.position,
            [*self.transfers, *later.transfers],
            self.states | later.states,
            [*self.plans, *later.plans],
        )


def due_date(billed_on: date, terms: RepaymentTerms) -> date:
    """By when an instalment is to be paid: its own date, on which it is billed, and the product's days after it."""
    return date.fromordinal(billed_on.toordinal() + terms.due_after_days)


def closing_date(bill: BillState) -> date:
    """The day after a bill's due date, on which it is overdue and its cycle is closed."""
    return date.fromordinal(bill.due_on.toordinal() + 1)
