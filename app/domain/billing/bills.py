"""A bill as it is issued."""

from datetime import date
from typing import NamedTuple


class Bill(NamedTuple):
    """The demand of one cycle. It never changes once issued. A named tuple, because a run writes millions of them.

    Money in paise. `total_due_paise` and `minimum_due_paise` include past dues and the bill's own charges. In a
    moratorium whose interest is capitalised, `principal_due_paise` is below zero by the interest, and nothing is
    demanded.
    """

    cycle: int
    from_on: date
    billed_on: date
    due_on: date
    booked_on: date
    opening_principal_paise: int
    interest_paise: int
    principal_due_paise: int
    past_due_paise: int
    total_due_paise: int
    minimum_due_paise: int
    schedule_version: int
    charges_paise: int = 0

    @property
    def own_minimum_paise(self) -> int:
        """The minimum of the bill's own interest and principal, without past dues and charges."""
        return self.minimum_due_paise - self.past_due_paise - self.charges_paise
