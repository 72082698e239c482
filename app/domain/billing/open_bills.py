"""What open bills ask for together.

A loan that nobody pays may have thousands of them, so nobody walks through all of them at each cycle: a clerk keeps
count of the sums, and what is new stands at the end.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from app.domain.lending.positions import Asked, BillState, closing_date


def asked_by(bills: Sequence[BillState]) -> Asked:
    """What these open bills still ask for."""
    if not bills:
        return Asked(0, 0)
    return Asked(sum([bill.unpaid_paise for bill in bills]), sum([bill.unpaid_principal_paise for bill in bills]))


def overdue_on(bills: Sequence[BillState], *, day: date) -> list[BillState]:
    """The bills that become overdue on a day, the oldest first."""
    return [bill for bill in unclosed(bills) if closing_date(bill) == day][::-1]


def past_due_paise(bills: Sequence[BillState], asked: Asked | None, *, on: date) -> int:
    """What is still asked for by open bills whose due date has passed: all of `asked` but the newest."""
    assert asked is not None, "a clerk keeps count"
    past_due = asked.paise
    for bill in reversed(bills):
        if bill.due_on < on:
            break
        past_due -= bill.unpaid_paise
    return past_due


def unclosed(bills: Sequence[BillState]) -> Iterator[BillState]:
    """The open bills whose cycles are not closed, the newest first. Cycles are closed in their order, so before a
    closed bill there are only closed ones."""
    for bill in reversed(bills):
        if bill.closed_on is not None:
            return
        yield bill
