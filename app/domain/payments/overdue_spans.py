"""The days on which principal was overdue and bore the interest of the contract, as a replay finds them."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.domain.billing.open_bills import Overdue
from app.domain.lending.late_days import bears_late_interest, overdue_principal_paise
from app.domain.lending.positions import LoanStatus, Position


class OverdueSpan(NamedTuple):
    """Days on which principal (paise) was overdue."""

    from_on: date
    to_on: date
    principal_paise: int


@dataclass(slots=True)
class OverdueTrace:
    """Collects the spans of one replay, up to `noted_until`."""

    spans: list[OverdueSpan] = field(default_factory=list)
    noted_until: date = date.min

    def note(self, position: Position, *, until: date) -> None:
        """Notes what was overdue since it was last counted."""
        if position.late_counted_on is None or position.status is not LoanStatus.ACTIVE:
            return
        # An event that only makes a new plan counts no days.
        since, self.noted_until = max(position.late_counted_on, self.noted_until), until
        if since < until and (principal := overdue_principal_paise(position)):
            self.spans.append(OverdueSpan(since, until, principal))

    def note_first_days(self, position: Position, overdue: Overdue, *, on: date) -> None:
        """Notes the days from the due date of a bill to the day on which it was found overdue."""
        if not position.terms.counts_late_days:
            return
        for bill in reversed(position.open_bills):
            if bill.cycle == overdue.cycle and (principal := bears_late_interest(position, bill)):
                self.spans.append(OverdueSpan(bill.due_on, on, principal))
