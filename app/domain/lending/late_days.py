"""Late days: what was overdue, multiplied by the days for which it was.

Two terms of a product need it: the interest of the contract on overdue principal, where the plan sets the interest, and
a penal charge for each day. A bill counts from its due date until it is paid, if more than the product's tolerance of
it is unpaid. The position holds two sums of paise x days since the last bill, and the day through which they are
counted. They are counted on before anything changes that is overdue, so each span of days has one amount. The next bill
demands both, and rounds each once. Source: docs/business-rules.md, charges of a loan.
"""

from datetime import date

from app.domain.calendar import YEAR_UNITS
from app.domain.lending.positions import BillState, LoanStatus, Position
from app.domain.money import percent_ratio, round_ratio
from app.domain.products.charges import penal_charge_paise


def count_late_days(position: Position, *, on: date) -> None:
    """Counts the late days up to `on`, that day excluded. Call it before a change of what is overdue."""
    if position.terms.counts_late_days and position.status is LoanStatus.ACTIVE:
        position.late_principal_days, position.late_amount_days = _late_days(position, on=on)
        position.late_counted_on = on


def begin_late_days(position: Position, bill: BillState, *, on: date) -> None:
    """Counts a bill that was just closed as overdue, from its due date up to `on`. The others are counted already."""
    if position.terms.counts_late_days:
        principal, amount = _days_of(position, bill, since=bill.due_on, on=on)
        position.late_principal_days += principal
        position.late_amount_days += amount


def late_interest_paise(position: Position, *, on: date) -> int:
    """The interest of the contract on overdue principal since the last bill, up to `on`, in paise.

    Example: 36,500.00 overdue for 20 days at 12 % on actual/365 is 240.00.
    """
    terms = position.terms
    if terms.charges is None or not terms.charges.overdue_interest or terms.is_daily:
        return 0
    if position.status is not LoanStatus.ACTIVE:
        return 0
    numerator, denominator = percent_ratio(position.rate_percent)
    days, rounding = _late_days(position, on=on)[0], terms.interest_rounding
    return round_ratio(
        days * numerator, denominator * YEAR_UNITS[terms.day_count], mode=rounding.mode, unit=rounding.unit_paise
    )


def penal_paise(position: Position, *, on: date) -> int:
    """The penal charge since the last bill, up to `on`, in paise."""
    charges = position.terms.charges
    if charges is None or charges.penal_rate is None or position.status is not LoanStatus.ACTIVE:
        return 0
    return penal_charge_paise(_late_days(position, on=on)[1], annual_percent=charges.penal_rate.annual_percent)


def overdue_principal_paise(position: Position) -> int:
    """The principal that is overdue and bears interest as such, in paise."""
    principal = 0
    for bill in position.open_bills:
        if bill.closed_on is not None:
            principal += bears_late_interest(position, bill)
    return principal


def bears_late_interest(position: Position, bill: BillState) -> int:
    """The unpaid principal of an overdue bill, in paise; 0 where less than the product's tolerance is unpaid."""
    unpaid = bill.unpaid_interest_paise + bill.unpaid_principal_paise
    return bill.unpaid_principal_paise if unpaid >= max(position.terms.tolerance_paise, 1) else 0


def take_late_interest(position: Position, *, on: date) -> int:
    """The interest on overdue principal up to `on`, in paise. It is posted now, so the next days count from here."""
    paise = late_interest_paise(position, on=on)
    count_late_days(position, on=on)
    position.late_principal_days = 0
    return paise


def take_penal(position: Position, *, on: date) -> int:
    """The penal charge up to `on`, in paise. It is posted now, so the next days count from here."""
    paise = penal_paise(position, on=on)
    count_late_days(position, on=on)
    position.late_amount_days = 0
    return paise


def _late_days(position: Position, *, on: date) -> tuple[int, int]:
    """Overdue principal, and overdue principal and interest, in paise x days up to `on`."""
    principal, amount = position.late_principal_days, position.late_amount_days
    counted_on = position.late_counted_on
    if counted_on is None:
        return principal, amount
    for bill in position.open_bills:
        if bill.closed_on is not None:
            of_principal, of_amount = _days_of(position, bill, since=counted_on, on=on)
            principal += of_principal
            amount += of_amount
    return principal, amount


def _days_of(position: Position, bill: BillState, *, since: date, on: date) -> tuple[int, int]:
    """The same of one bill over `[since, on)`, both beginning no earlier than its terms say."""
    terms = position.terms
    unpaid = bill.unpaid_interest_paise + bill.unpaid_principal_paise
    if unpaid < max(terms.tolerance_paise, 1):
        return 0, 0
    penal = None if terms.charges is None else terms.charges.penal_rate
    grace = 0 if penal is None else penal.grace_days
    first, last, due = since.toordinal(), on.toordinal(), bill.due_on.toordinal()
    of_principal, of_amount = max(last - max(first, due), 0), max(last - max(first, due + grace), 0)
    return bill.unpaid_principal_paise * of_principal, unpaid * of_amount
