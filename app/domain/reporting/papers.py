"""Papers of a loan: what an interest certificate and the letters say, and when they are refused.

All figures come from the transfers of the loan and from its position.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.errors import Conflict, Invalid, NotFound, Rejected
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import LoanStatus, Position
from app.domain.money import format_inr
from app.domain.payments.payments import LoanNotActive, LoanWrittenOff

#: Where money of the borrower comes from: paid now, or paid before.
_PAID_FROM: Final = frozenset({Account.CASH, Account.ADVANCE})
_INTEREST: Final = frozenset({Account.INTEREST_INCOME, Account.INTEREST_SUSPENSE})
#: A foreclosure letter that is valid for longer promises what nobody can foresee.
MOST_DAYS_VALID: Final = 31
#: In India a financial year begins on the first of April.
_APRIL: Final = 4


class DuesOutstanding(Conflict):
    """The loan is not repaid, so there is no letter that nothing is due. Pay what `figures` names, or ask for a
    foreclosure letter."""

    code = "dues_outstanding"


class PaperUnknown(NotFound):
    """There is no such paper, or not in this language. Follow a link of a page."""

    code = "paper_unknown"


class YearNotCovered(Rejected):
    """The loan did not run in this financial year, or the year has not begun. Name a year between the disbursal and the
    business date."""

    code = "year_not_covered"


class ForeclosureTooFar(Invalid):
    """The letter would be valid for too long. Name a day within a month."""

    code = "foreclosure_day_too_far"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestYear:
    """The interest of a financial year, in paise. `to_on` is before the end of the year where the year is not over."""

    from_on: date
    to_on: date
    ends_on: date
    principal_repaid_paise: int
    interest_paid_paise: int
    interest_charged_paise: int
    charges_paid_paise: int
    principal_paise: int

    @property
    def is_provisional(self) -> bool:
        """Whether the year is not over."""
        return self.to_on < self.ends_on


def financial_year_of(day: date) -> int:
    """The calendar year in which the financial year of a day begins."""
    return day.year if day.month >= _APRIL else day.year - 1


def first_day_of_year(year: int) -> date:
    """The first day of the financial year that begins in a calendar year."""
    return date(year, _APRIL, 1)


def interest_of_year(transfers: Iterable[Transfer], position: Position, *, year: int, today: date) -> InterestYear:
    """The interest of the financial year that begins in April of `year`, up to the business date.

    What was paid in advance counts on the day on which it paid a bill, and a fee on the day of the disbursal, also
    where it was deducted or financed: then the loan paid it, and it is repaid as principal. A reversed payment does not
    count, whenever it was reversed. Raises YearNotCovered.
    """
    from_on, ends_on = first_day_of_year(year), date.fromordinal(first_day_of_year(year + 1).toordinal() - 1)
    last = position.closed_on or today
    if not financial_year_of(position.disbursed_on) <= year <= financial_year_of(last):
        raise YearNotCovered(f"the loan did not run in the year from {from_on}", field="year")
    to_on = min(ends_on, today)
    known = [transfer for transfer in transfers if transfer.value_date <= to_on]
    inside = [transfer for transfer in known if transfer.value_date >= from_on]
    return InterestYear(
        from_on=from_on,
        to_on=to_on,
        ends_on=ends_on,
        principal_repaid_paise=_paid(inside, Account.PRINCIPAL),
        interest_paid_paise=_paid(inside, Account.INTEREST),
        interest_charged_paise=_charged(inside),
        charges_paid_paise=_paid(inside, Account.CHARGES) + _fees(inside),
        principal_paise=_balance(known, Account.PRINCIPAL),
    )


def _paid(transfers: Sequence[Transfer], account: Account) -> int:
    """What was paid to an account, less what was taken back. A disbursal is no payment, and a top-up that is undone
    neither."""
    paid, lent = 0, {transfer.number for transfer in transfers if transfer.kind is Kind.DISBURSAL}
    for transfer in transfers:
        if transfer.reverses in lent:
            continue
        if transfer.credit is account and transfer.debit in _PAID_FROM:
            paid += transfer.amount_paise
        elif transfer.debit is account and transfer.credit in _PAID_FROM and transfer.kind is Kind.REVERSAL:
            paid -= transfer.amount_paise
    return paid


def _fees(transfers: Iterable[Transfer]) -> int:
    """The fees of the disbursal with their tax. They were paid on its day, by the borrower or out of what was lent, and
    were never owed as charges."""
    return sum(transfer.amount_paise for transfer in transfers if transfer.kind is Kind.FEE)


def _charged(transfers: Iterable[Transfer]) -> int:
    """The interest that was asked for, less what was corrected."""
    charged = 0
    for transfer in transfers:
        if transfer.debit is Account.INTEREST and transfer.credit in _INTEREST:
            charged += transfer.amount_paise
        elif transfer.credit is Account.INTEREST and transfer.debit in _INTEREST:
            charged -= transfer.amount_paise
    return charged


def _balance(transfers: Iterable[Transfer], account: Account) -> int:
    return sum(
        transfer.amount_paise * ((transfer.debit is account) - (transfer.credit is account)) for transfer in transfers
    )


def to_be_current_paise(position: Position, *, on: date) -> int:
    """What must be paid so that no bill with a due date up to a day is unpaid."""
    if position.status is not LoanStatus.ACTIVE:
        return 0
    return sum(bill.unpaid_paise for bill in position.open_bills if bill.due_on <= on)


def check_no_dues(position: Position) -> None:
    """Refuses a no-dues letter for a loan that is not repaid. Raises DuesOutstanding."""
    if position.status is LoanStatus.CLOSED:
        return
    if position.status is LoanStatus.WRITTEN_OFF:
        raise DuesOutstanding("the loan was written off and not repaid", outstanding_paise=0)
    raise DuesOutstanding(
        f"{format_inr(position.owed_paise)} is owed", outstanding_paise=position.owed_paise - position.advance_paise
    )


def check_foreclosure(position: Position, *, on: date, today: date) -> None:
    """Refuses a foreclosure letter for a loan that is not active, or for a day that is too far ahead.

    Raises LoanNotActive, LoanWrittenOff, ForeclosureTooFar.
    """
    if position.status is LoanStatus.WRITTEN_OFF:
        raise LoanWrittenOff("the loan was written off")
    if position.status is not LoanStatus.ACTIVE:
        raise LoanNotActive("the loan is closed")
    if (on - today).days > MOST_DAYS_VALID:
        raise ForeclosureTooFar(f"a letter is valid for at most {MOST_DAYS_VALID} days", field="on")
