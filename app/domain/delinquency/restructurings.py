"""Restructured loans: a test that a borrower in financial difficulty has to pass before being standard again.

A loan that is restructured for financial difficulty is non-performing at once. It is upgraded only when a part of the
restructured principal is repaid, a time has passed since the first payment fell due, and nothing is in arrears. The
part and the time are those of the rulebook on the day of the restructuring. Whether a default within that time needs
another restructuring is for a person to judge. Source: docs/decisions/0042.
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


class Trial(NamedTuple):
    """What a restructured loan has to show: the part of its principal that is repaid, and the months that passed."""

    percent: Decimal
    months: int

    def passed_on(self, restructuring: Restructuring) -> date | None:
        """The first day-end at which it is shown; None if it is not shown yet."""
        if restructuring.first_due_on is None:
            return None
        numerator, denominator = percent_ratio(self.percent)
        needed = round_ratio(restructuring.principal_paise * numerator, denominator, mode=RoundingMode.UP)
        total = 0
        for day, amount in restructuring.repaid:
            total += amount
            if total >= needed:
                return max(day, add_months(restructuring.first_due_on, self.months))
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
