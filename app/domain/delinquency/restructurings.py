"""Restructured loans: what a borrower in financial difficulty has to show before being standard again.

A loan that is restructured for financial difficulty is non-performing at once. What it has to show is set by the
rulebook on the day of the restructuring: a part of the restructured principal is repaid, a time has passed since the
first payment fell due, and nothing was in default until then. Whether it did is judged by `monitoring`. Source:
docs/decisions/0057.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.domain.billing.cycles import Bill
from app.domain.calendar import add_months
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.money import RoundingMode, percent_ratio, round_ratio
from app.domain.payments.changes import ChangeKind, LoanChange


class Restructuring(NamedTuple):
    """A restructuring for financial difficulty, with what happened since.

    `principal_paise` is the principal left on the day with the interest that was capitalised since. `first_due_on` is
    the later of the days on which the first interest and the first principal fell due (None: not yet). `repaid` are
    (value date, principal in paise), in order.
    """

    on: date
    principal_paise: int
    first_due_on: date | None
    repaid: Sequence[tuple[date, int]]

    def repaid_paise(self, on: date) -> int:
        """The principal that was repaid since, by the end of a day."""
        return sum(amount for day, amount in self.repaid if day <= on)


class Trial(NamedTuple):
    """What a restructured loan has to show, by the rulebook of the day of the restructuring.

    `percent` of the principal is repaid, `months` have passed since the first payment, and in the monitoring period no
    facility of the borrower was past due for more than `default_after_days`. The period begins with the restructuring
    (`at_once`), or else with the first payment. With `clear_at_end`, what is overdue when it ends is a default too.
    After a default only another restructuring makes the loan standard (`anew_after_default`).
    """

    percent: Decimal
    months: int
    default_after_days: int
    at_once: bool
    clear_at_end: bool
    anew_after_default: bool

    def needed_paise(self, restructuring: Restructuring) -> int:
        """The principal that is to be repaid; a part of a paisa counts as one."""
        numerator, denominator = percent_ratio(self.percent)
        return round_ratio(restructuring.principal_paise * numerator, denominator, mode=RoundingMode.UP)

    def earliest_on(self, restructuring: Restructuring) -> date | None:
        """The day before which the loan is not standard again; None while nothing has fallen due since."""
        first = restructuring.first_due_on
        return None if first is None else add_months(first, self.months)

    def passed_on(self, restructuring: Restructuring) -> date | None:
        """The first day-end at which the part is repaid and the time has passed; None if it is not so yet."""
        earliest = self.earliest_on(restructuring)
        if earliest is None:
            return None
        needed = self.needed_paise(restructuring)
        total = 0
        if total >= needed:
            return earliest
        for day, amount in restructuring.repaid:
            total += amount
            if total >= needed:
                return max(day, earliest)
        return None


def restructurings_of(
    changes: Iterable[LoanChange], transfers: Iterable[Transfer], bills: Iterable[Bill], *, disbursed_paise: int
) -> tuple[Restructuring, ...]:
    """The restructurings of a loan, from what its life posted and billed, without the disbursal."""
    moved, issued = list(transfers), list(bills)
    return tuple(
        _restructuring(change, moved, issued, disbursed_paise=disbursed_paise)
        for change in changes
        if change.kind is ChangeKind.RESTRUCTURE and change.for_difficulty
    )


def _restructuring(
    change: LoanChange, transfers: Sequence[Transfer], bills: Sequence[Bill], *, disbursed_paise: int
) -> Restructuring:
    on, principal = change.made_on, disbursed_paise
    repaid: list[tuple[date, int]] = []
    for one in transfers:
        lowers, raises = one.credit is Account.PRINCIPAL, one.debit is Account.PRINCIPAL
        amount = one.amount_paise * (raises - lowers)
        if one.value_date <= on or one.kind is Kind.CAPITALISED:
            principal += amount
        elif lowers and one.kind is not Kind.WRITE_OFF:
            repaid.append((one.value_date, one.amount_paise))
    later = [bill for bill in bills if bill.billed_on > on]
    interest = [bill.due_on for bill in later if bill.interest_paise > 0 and bill.principal_due_paise >= 0]
    principals = [bill.due_on for bill in later if bill.principal_due_paise > 0]
    first = max(min(interest, default=min(principals)), min(principals)) if principals else None
    return Restructuring(on, principal, first, sorted(repaid))
