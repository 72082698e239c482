"""Bills as they are shown: the demand, which never changes, and its unpaid part, which does.

A loan may have cycles that no run has billed yet. A read session bills them in memory and writes nothing. So a view
shows the bills that a payment would find.
"""

from collections.abc import Iterable
from typing import NamedTuple

from app.domain.billing.cycles import Bill, Billing
from app.domain.lending.positions import BillState


class IssuedBill(NamedTuple):
    """A bill as it was issued, and its unpaid part."""

    bill: Bill
    left: BillState


def bills_up_to_date(stored: Iterable[IssuedBill], billing: Billing) -> list[IssuedBill]:
    """All bills of a loan after `billing`, by cycle: the stored bills in their new state, and the new bills."""
    states = billing.decision.states
    # A run may have issued a bill after the position was read. Then the bill is in both, and is shown once.
    found = {bill.cycle: IssuedBill(bill, states[bill.cycle]) for bill in billing.bills}
    found |= {bill.cycle: IssuedBill(bill, states.get(bill.cycle, left)) for bill, left in stored}
    return [found[cycle] for cycle in sorted(found)]
