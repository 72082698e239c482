"""The bills to come: the future bills of a loan, if every bill is paid when it is raised.

The plan holds the amounts that were expected when the plan was made. A bill follows from the position: on the daily
bases the interest-bearing balance may have changed since, and the next bill includes adjustments of earlier interest.
Every view of the future (schedule, statement, next due, simulation) uses this module, so that a run later bills what
the view showed.

The assumption: bills that are open on the day are paid on that day, and each later bill is paid in full on its billing
date. Source: docs/decisions/0026.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from app.domain.lending.late_days import late_interest_paise, penal_paise
from app.domain.lending.loans import accrued_between, accrued_paise
from app.domain.lending.positions import LoanStatus, Position
from app.domain.money import round_ratio
from app.domain.schedules.interest import Movement, daily_interest_ratio


class BillToCome(NamedTuple):
    """A bill that is not raised yet. Money in paise. It has no past dues: earlier bills are assumed to be paid.

    `credit_paise` is the part that a credit of interest will pay. `charges_paise` come on top of the amount.
    """

    cycle: int
    billed_on: date
    principal_paise: int
    interest_paise: int
    credit_paise: int = 0
    charges_paise: int = 0

    @property
    def amount_paise(self) -> int:
        """Principal and interest."""
        return self.principal_paise + self.interest_paise

    @property
    def unpaid_paise(self) -> int:
        """The amount and the charges, without what a credit of interest pays. Advances are not subtracted."""
        return self.principal_paise + self.interest_paise - self.credit_paise + self.charges_paise


def bills_to_come(position: Position, *, on: date) -> Iterator[BillToCome]:
    """The future bills, in order, of a loan that is caught up to `on`.

    Empty when the loan is not active, or ends when its open bills are paid.
    """
    if position.status is not LoanStatus.ACTIVE or (position.open_bills and _ends_with_open_bills(position, on=on)):
        return iter(())
    return _by_balance(position, on=on) if position.is_daily else _by_plan(position, on=on)


def charges_to_come(position: Position, *, on: date) -> int:
    """The charges that the next bill demands if what is open is paid on the day, in paise."""
    return position.unbilled_charges_paise + penal_paise(position, on=on)


def next_instalment_paise(position: Position, *, on: date) -> int:
    """The unpaid amount of the next bill to come, in paise; 0 when there is none."""
    return next((bill.unpaid_paise for bill in bills_to_come(position, on=on)), 0)


def _ends_with_open_bills(position: Position, *, on: date) -> bool:
    left, terms = position.undemanded_principal_paise + position.unbilled_interest_paise, position.terms
    may_close_rest = terms.closes_small_rest and not position.plan.due_on
    if left > 0 and not may_close_rest:
        return False
    accrued, charges = accrued_paise(position, on=on), charges_to_come(position, on=on)
    if may_close_rest and left + accrued + charges < terms.tolerance_paise:
        # The payment of the open bills closes the loan, and the rest is written off.
        return True
    return left <= 0 and accrued == charges == 0


def _by_plan(position: Position, *, on: date) -> Iterator[BillToCome]:
    """Where the plan sets the interest: the planned bills, and an adjustment on the first bill that can take it."""
    undemanded, pending = position.undemanded_principal_paise, position.unbilled_interest_paise
    late, charges = late_interest_paise(position, on=on), charges_to_come(position, on=on)
    for cycle, (billed_on, principal, interest) in enumerate(_rows(position), start=position.next_cycle):
        if principal < 0:
            # Its interest becomes principal. An adjustment waits, and so do charges and overdue interest.
            yield BillToCome(cycle, billed_on, principal, interest)
            undemanded += interest
            continue
        planned, late = interest + late, 0
        bill = BillToCome(cycle, billed_on, principal, planned)
        bill, pending = _with_adjustment(bill, pending) if pending else (bill, 0)
        yield bill._replace(charges_paise=charges) if charges else bill
        charges = 0
        undemanded -= principal
        if undemanded + pending <= 0:
            # The rest of the credit pays the rest of the principal.
            return


def _with_adjustment(bill: BillToCome, pending_paise: int) -> tuple[BillToCome, int]:
    """The bill including the pending adjustment of interest, and the part of the adjustment that is still pending."""
    interest = max(bill.interest_paise + pending_paise, 0)
    pending = pending_paise + bill.interest_paise - interest
    credit = min(-pending, bill.principal_paise)
    return bill._replace(interest_paise=interest, credit_paise=credit), pending + credit


def _by_balance(position: Position, *, on: date) -> Iterator[BillToCome]:
    """On the daily bases the instalment stays; the accrued interest comes first, and the rest is principal."""
    undemanded, advance = position.undemanded_principal_paise, position.advance_paise
    mode, unit = position.terms.interest_rounding.mode, position.terms.interest_rounding.unit_paise
    per_day, denominator = _ratio_of_a_day(position)
    began, pending = position.cycle_began_on, position.unbilled_interest_paise
    charges = charges_to_come(position, on=on)
    balance, movements = position.principal_paise - advance, position.movements
    for movement in movements:
        balance -= movement.delta_paise
    if position.open_bills:
        # By assumption the open bills are paid on the day, and so is their principal.
        movements = [*movements, Movement(on, undemanded - position.principal_paise)]
    cycle, last = position.next_cycle, position.next_cycle + len(position.plan.due_on) - 1
    for billed_on, planned_principal, planned_interest in _rows(position):
        if denominator and not movements:
            exact = per_day * max(balance, 0) * (billed_on.toordinal() - began.toordinal()), denominator
        else:
            exact = accrued_between(position, balance, began, billed_on, movements=movements)
        accrued = round_ratio(*exact, mode=mode, unit=unit)
        interest = accrued if not pending else max(accrued + pending, 0)
        if planned_principal < 0:
            yield BillToCome(cycle, billed_on, -accrued, accrued)
            cycle, undemanded = cycle + 1, undemanded + accrued
            balance, movements, began = undemanded - advance, [], billed_on
            continue
        principal = undemanded
        if cycle < last:
            principal = min(max(planned_principal + planned_interest - interest, 0), undemanded)
        bill = BillToCome(cycle, billed_on, principal, accrued)
        bill, pending = _with_adjustment(bill, pending) if pending else (bill, 0)
        bill, charges = bill._replace(charges_paise=charges) if charges else bill, 0
        yield bill
        cycle, undemanded = cycle + 1, undemanded - principal
        if undemanded + pending <= 0:
            return
        advance = max(advance - bill.unpaid_paise, 0) if advance else 0
        balance, movements, began = undemanded - advance, [], billed_on


def _ratio_of_a_day(position: Position) -> tuple[int, int]:
    """A day's interest for a paisa, as a ratio; (0, 0) where the rate or the day count may change."""
    if position.alterations is not None:
        return 0, 0
    terms = position.terms
    return daily_interest_ratio(position.annual_rate_percent, terms.interest_basis, terms.day_count)


def _rows(position: Position) -> Iterable[tuple[date, int, int]]:
    """(billing date, planned principal, planned interest) of each bill to come."""
    plan = position.plan
    if plan.due_on:
        return zip(plan.due_on, plan.principal_paise, plan.interest_paise, strict=True)
    # After the end of the plan, one more bill demands the interest on overdue principal.
    return () if position.next_billing_on is None else ((position.next_billing_on, 0, 0),)
