"""What is unpaid of a bill. The bill itself never changes."""

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


@dataclass(slots=True)
class OpenTotals:
    """The unpaid totals of the open bills, in paise: all components, and principal alone."""

    paise: int
    principal_paise: int
