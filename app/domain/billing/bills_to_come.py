"""The bills to come: what a loan will ask for if from a day on everything is paid as it is asked.

The plan says what each instalment was meant to be when the plan was made. What a bill will really ask for follows from
where the loan stands: on the daily bases the balance that bears interest may have gone another way since, and an
adjustment of earlier interest waits for the next bill. Everything that shows a loan's future (schedule, statement, what
is due next, what a change would do) reads it here, so that what is shown is what the run then bills.

The assumption: bills that are open on the day are paid on that day, and each later one in full on its billing date.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from app.domain.lending.loans import accrued_between, accrued_paise
from app.domain.lending.positions import LoanStatus, Position
from app.domain.money import round_ratio
from app.domain.schedules.interest import Movement, interest_of_a_day


class BillToCome(NamedTuple):
    """A bill that is not raised yet. Money in paise; past dues are none, because everything before it was paid.

    `credit_paise` is what a credit of interest will have paid of it.
    """

    cycle: int
    billed_on: date
    principal_paise: int
    interest_paise: int
    credit_paise: int = 0

    @property
    def amount_paise(self) -> int:
        """What it will ask for."""
        return self.principal_paise + self.interest_paise

    @property
    def unpaid_paise(self) -> int:
        """What is to be paid of it, an advance included."""
        return self.amount_paise - self.credit_paise


def bills_to_come(position: Position, *, on: date) -> Iterator[BillToCome]:
    """The bills ahead of a loan that is caught up to a day, in order; none of a loan that has ended, or that ends with
    the bills that are open."""
    if position.status is not LoanStatus.ACTIVE or (position.open_bills and _ends_with_open_bills(position, on=on)):
        return iter(())
    return _by_balance(position, on=on) if position.is_daily else _by_plan(position)


def next_instalment_paise(position: Position, *, on: date) -> int:
    """What the next bill will ask for; 0 where none is to come."""
    return next((bill.unpaid_paise for bill in bills_to_come(position, on=on)), 0)


def _ends_with_open_bills(position: Position, *, on: date) -> bool:
    left = position.undemanded_principal_paise + position.unbilled_interest_paise
    return left <= 0 and accrued_paise(position, on=on) == 0


def _by_plan(position: Position) -> Iterator[BillToCome]:
    """Where the plan sets the interest, it is billed as planned, and an adjustment with the first that can take it."""
    undemanded, waiting, plan = position.undemanded_principal_paise, position.unbilled_interest_paise, position.plan
    columns = zip(plan.due_on, plan.principal_paise, plan.interest_paise, strict=True)
    for cycle, (billed_on, principal, planned) in enumerate(columns, start=position.next_cycle):
        bill, waiting = _with_adjustment(cycle, billed_on, principal, planned, waiting)
        yield bill
        undemanded -= principal
        if undemanded + waiting <= 0:
            # What is left of a credit pays what is left of the principal.
            return


def _with_adjustment(
    cycle: int, billed_on: date, principal_paise: int, accrued_paise: int, waiting_paise: int
) -> tuple[BillToCome, int]:
    """A bill with what it takes of an adjustment that waits, and what of that waits on."""
    if waiting_paise == 0:
        return BillToCome(cycle, billed_on, principal_paise, accrued_paise), 0
    interest = max(accrued_paise + waiting_paise, 0)
    waiting = waiting_paise + accrued_paise - interest
    credit = min(-waiting, principal_paise)
    return BillToCome(cycle, billed_on, principal_paise, interest, credit), waiting + credit


def _by_balance(position: Position, *, on: date) -> Iterator[BillToCome]:
    """On the daily bases the instalment stands, and the interest of the days comes first out of it."""
    undemanded, advance, terms = position.undemanded_principal_paise, position.advance_paise, position.terms
    mode, unit = terms.interest_rounding.mode, terms.interest_rounding.unit_paise
    of_a_day, per = interest_of_a_day(position.annual_rate_percent, terms.interest_basis, terms.day_count)
    began, waiting = position.cycle_began_on, position.unbilled_interest_paise
    balance, movements = position.principal_paise - advance, position.movements
    for movement in movements:
        balance -= movement.delta_paise
    if position.open_bills:
        # What they ask for of the principal is paid on the day.
        movements = [*movements, Movement(on, undemanded - position.principal_paise)]
    cycle, last = position.next_cycle, position.next_cycle + len(position.plan.due_on) - 1
    for billed_on, planned_principal, planned_interest in _rows(position):
        if per and not movements:
            exact = of_a_day * max(balance, 0) * (billed_on.toordinal() - began.toordinal()), per
        else:
            exact = accrued_between(position, balance, began, billed_on, movements=movements)
        accrued = round_ratio(*exact, mode=mode, unit=unit)
        interest = accrued if not waiting else max(accrued + waiting, 0)
        principal = undemanded
        if cycle < last:
            principal = min(max(planned_principal + planned_interest - interest, 0), undemanded)
        bill, waiting = _with_adjustment(cycle, billed_on, principal, accrued, waiting)
        yield bill
        cycle += 1
        undemanded -= principal
        if undemanded + waiting <= 0:
            return
        advance = max(advance - bill.unpaid_paise, 0) if advance else 0
        balance, movements, began = undemanded - advance, [], billed_on


def _rows(position: Position) -> Iterable[tuple[date, int, int]]:
    """When each bill to come is raised, and what was planned of principal and interest."""
    plan = position.plan
    if plan.due_on:
        return zip(plan.due_on, plan.principal_paise, plan.interest_paise, strict=True)
    # Beyond the plan a bill asks for the days that overdue principal was still owed.
    return () if position.next_billing_on is None else ((position.next_billing_on, 0, 0),)
