"""What is unpaid of a bill. The bill itself never changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(slots=True)
class BillState:
    """The unpaid part of a bill, in paise. `minimum_paise` is the bill's own minimum, without past dues.

    `returned_paise` is principal that went back to the plan. `closed_on` is the day its cycle was closed as overdue,
    `settled_on` the day nothing of it was left to pay.
    """

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
        """Charges, interest and principal that are unpaid on this bill."""
        return self.unpaid_charges_paise + self.unpaid_interest_paise + self.unpaid_principal_paise

    @property
    def minimum_unpaid_paise(self) -> int:
        """The unpaid part of the bill's own minimum, without charges."""
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


def closing_date(bill: BillState) -> date:
    """The day after a bill's due date. On this day the bill is overdue and its cycle is closed."""
    return date.fromordinal(bill.due_on.toordinal() + 1)


def next_due_event(bills: Sequence[BillState], next_billing_on: date | None) -> date | None:
    """The next billing date, or the first closing date of a bill before it; None when there is neither. `bills` are
    open, the oldest first."""
    earliest = next_billing_on
    # The loop of `unclosed`, inlined for speed: a run executes it for every loan with an open bill.
    for bill in reversed(bills):
        if bill.closed_on is not None:
            break
        if earliest is None or bill.due_on < earliest:
            closing = closing_date(bill)
            if earliest is None or closing < earliest:
                earliest = closing
    return earliest


def late_charge_date(bill: BillState, grace_days: int) -> date:
    """The day on which an overdue bill is charged for being late: the day after its days of grace."""
    return date.fromordinal(bill.due_on.toordinal() + 1 + grace_days)


def next_late_charge(bills: Sequence[BillState], *, grace_days: int, after: date) -> date | None:
    """The first day after a day on which the days of grace of an overdue bill have passed. `bills` are open, the oldest
    first. What an earlier day asked for is done."""
    found = None
    for bill in reversed(bills):
        charged_on = late_charge_date(bill, grace_days)
        if charged_on <= after:
            break
        if bill.closed_on is not None:
            found = charged_on
    return found


@dataclass(slots=True)
class OpenTotals:
    """The unpaid totals of the open bills, in paise: all components, and principal alone."""

    paise: int
    principal_paise: int
