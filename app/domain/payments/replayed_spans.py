"""What a replay notes day by day, so that the interest can be explained.

The days on which principal was overdue and bore the interest of the contract, and the principal that no bill had
demanded. Where the plan sets the interest, the latter is the balance that bears it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.domain.billing.open_bills import Overdue
from app.domain.lending.late_days import bears_late_interest, overdue_principal_paise
from app.domain.lending.ledger import Kind, Transfer
from app.domain.lending.loans import bears_planned_interest
from app.domain.lending.positions import LoanStatus, Position
from app.domain.schedules.interest import Movement, RateChange, Rates


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


class PlannedSpan(NamedTuple):
    """Days with one undemanded principal (paise). Without a plan, or as an extra instalment, it bears no interest."""

    from_on: date
    to_on: date
    principal_paise: int
    bears_interest: bool


@dataclass(slots=True)
class PlannedTrace:
    """Collects the spans of one replay, up to `noted_until`, from the day of the disbursal to the end of the loan.

    What a day begins with is superseded by what happens on it. So a loan that ends on a day with other changes has a
    last span without days: the principal on which it ended.
    """

    noted_until: date
    spans: list[PlannedSpan] = field(default_factory=list)

    def note(self, position: Position, *, until: date) -> None:
        """Notes the days since the last note, on which the position was as it is."""
        if position.is_daily or position.status is not LoanStatus.ACTIVE:
            return
        since, self.noted_until = self.noted_until, max(until, self.noted_until)
        if self.spans and self.spans[-1].from_on == since:
            self.spans.pop()
        principal, bears_interest = position.undemanded_principal_paise, bears_planned_interest(position)
        self.spans.append(PlannedSpan(since, self.noted_until, principal, bears_interest))

    def note_end(self, transfers: Iterable[Transfer]) -> None:
        """Notes what the payment that ended the loan had prepaid before: a rest was too small to go on with."""
        prepaid = sum(one.amount_paise for one in transfers if one.kind is Kind.PREPAYMENT)
        if prepaid and self.spans:
            last, on = self.spans[-1], self.noted_until
            self.spans.append(PlannedSpan(on, on, last.principal_paise - prepaid, last.bears_interest))


def movements_of(spans: Sequence[PlannedSpan]) -> Iterator[Movement]:
    """The changes of the undemanded principal; after the last span, nothing changes."""
    before = 0
    for span in spans:
        if span.principal_paise != before:
            yield Movement(span.from_on, span.principal_paise - before)
        before = span.principal_paise


def rates_of(rates: Rates, spans: Sequence[PlannedSpan]) -> Rates:
    """The rates of a loan, and zero on the days that bear no interest."""
    if all(span.bears_interest for span in spans):
        return rates
    if isinstance(rates, Decimal):
        rates = [RateChange(from_on=spans[0].from_on, rate_percent=rates)]
    found: list[RateChange] = []
    for span in spans:
        in_force = [change for change in rates if change.from_on <= span.from_on][-1].rate_percent
        rate = in_force if span.bears_interest else Decimal(0)
        if not found or found[-1].rate_percent != rate:
            found.append(RateChange(from_on=span.from_on, rate_percent=rate))
        if span.bears_interest:
            found += [change for change in rates if span.from_on < change.from_on < span.to_on]
    return found
