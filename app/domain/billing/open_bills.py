"""The open bills of a loan: their totals, and those that are found overdue.

A loan that nobody pays may have thousands of open bills. So the biller maintains running totals and does not read all
bills at each cycle. New bills are at the end of the list.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.domain.lending.bill_states import BillState, OpenTotals, closing_date, late_charge_date


class Overdue(NamedTuple):
    """A bill whose cycle was closed as overdue, and what was unpaid of it then, in paise."""

    cycle: int
    closed_on: date
    unpaid_charges_paise: int
    unpaid_interest_paise: int
    unpaid_principal_paise: int
    returned_paise: int


def found_overdue(bill: BillState, *, on: date) -> Overdue:
    """What is unpaid of a bill whose cycle is closed on a day, after its late charge."""
    return Overdue(
        bill.cycle,
        on,
        bill.unpaid_charges_paise,
        bill.unpaid_interest_paise,
        bill.unpaid_principal_paise,
        bill.returned_paise,
    )


def newly_overdue(before: Mapping[int, BillState], after: Mapping[int, BillState]) -> list[Overdue]:
    """The bills, by cycle, that are closed as overdue now and were not before, oldest first."""
    closed_before = {cycle for cycle, bill in before.items() if bill.closed_on is not None}
    return [
        found_overdue(bill, on=bill.closed_on)
        for cycle, bill in sorted(after.items())
        if bill.closed_on is not None and cycle not in closed_before
    ]


def total_unpaid(bills: Sequence[BillState]) -> OpenTotals:
    """The unpaid totals of these open bills, in paise."""
    if not bills:
        return OpenTotals(0, 0)
    return OpenTotals(sum([bill.unpaid_paise for bill in bills]), sum([bill.unpaid_principal_paise for bill in bills]))


def overdue_on(bills: Sequence[BillState], *, day: date) -> list[BillState]:
    """The bills that become overdue on a day, oldest first."""
    return [bill for bill in unclosed(bills) if closing_date(bill) == day][::-1]


def waits_with_later(bill: BillState, bills: Sequence[BillState]) -> bool:
    """Whether a later bill falls due on the same day: what a moratorium deferred bears no late charge of its own."""
    return any(other.cycle > bill.cycle and other.due_on == bill.due_on for other in bills)


def late_on(bills: Sequence[BillState], *, day: date, grace_days: int) -> list[BillState]:
    """The overdue bills whose days of grace have passed on a day, oldest first."""
    found = []
    for bill in reversed(bills):
        charged_on = late_charge_date(bill, grace_days)
        if charged_on < day:
            break
        if charged_on == day and bill.closed_on is not None:
            found.append(bill)
    return found[::-1]


def past_due_paise(bills: Sequence[BillState], open_totals: OpenTotals | None, *, on: date) -> int:
    """The unpaid amount, in paise, of open bills whose due date is before `on`: the total without the newer bills."""
    assert open_totals is not None, "the biller maintains the totals of the open bills"
    past_due = open_totals.paise
    for bill in reversed(bills):
        if bill.due_on < on:
            break
        past_due -= bill.unpaid_paise
    return past_due


def unclosed(bills: Sequence[BillState]) -> Iterator[BillState]:
    """The open bills whose cycles are not closed, newest first.

    Cycles are closed in order, so all bills before a closed bill are closed.
    """
    for bill in reversed(bills):
        if bill.closed_on is not None:
            return
        yield bill
