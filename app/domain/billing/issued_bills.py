"""Bills as they are shown: what was demanded, which never changes, beside what is left of it, which does.

A loan may have cycles that no run has closed yet. Looking at it closes them in memory and writes nothing, so that what
is shown is what a payment would meet, and asking is never a deed.
"""

from collections.abc import Iterable
from typing import NamedTuple

from app.domain.billing.cycles import Bill, Billing
from app.domain.lending.positions import BillState


class IssuedBill(NamedTuple):
    """A bill as it was issued, and what is left of it."""

    bill: Bill
    left: BillState


def bills_up_to_date(stored: Iterable[IssuedBill], billing: Billing) -> list[IssuedBill]:
    """All bills of a loan that was brought up to a date: those in the books, with what changed of them, and the new."""
    states = billing.decision.states
    # One that a run has issued since the position was read is in both, and shown once.
    found = {bill.cycle: IssuedBill(bill, states[bill.cycle]) for bill in billing.bills}
    found |= {bill.cycle: IssuedBill(bill, states.get(bill.cycle, left)) for bill, left in stored}
    return [found[cycle] for cycle in sorted(found)]
