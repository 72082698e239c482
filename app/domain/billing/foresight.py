"""Foresight: how a loan will stand on a day ahead, within bounds.

Asking is free for who asks, and costs us every cycle until then. So what is answered is bounded by the work that it
takes, and the refusal names the last day that is answered.
"""

from datetime import date
from typing import Final

from app.domain.billing.cycles import Billing, CycleBiller
from app.domain.errors import Invalid
from app.domain.lending.positions import Position

#: What billing a cycle costs, measured in rows of a plan that is made anew (each some ten microseconds).
ROWS_OF_A_CYCLE: Final = 4


class HorizonTooFar(Invalid):
    """More billing cycles lie before that day than are computed. Name a day up to `figures.last_date`."""

    code = "horizon_too_far"


def foresee(position: Position, *, through: date, most_rows: int, booked_on: date | None = None) -> Billing:
    """`catch_up` within bounds: rows of new plans are counted, and a cycle as `ROWS_OF_A_CYCLE` of them.

    Raises HorizonTooFar, with the last day that is answered.
    """
    position, left, planned = position.copy(), most_rows, 0
    biller = CycleBiller(position, booked_on=booked_on or through)
    while (event_on := position.next_event_on) is not None and event_on <= through:
        if left < 0:
            last = date.fromordinal(event_on.toordinal() - 1)
            raise HorizonTooFar(f"the future of this loan is computed until {last}", field="on", last_date=last)
        billed = len(biller.bills)
        biller.close_cycles(on=event_on)
        if position.next_billing_on == event_on:
            biller.bill_cycle(on=event_on)
        left -= ROWS_OF_A_CYCLE * (len(biller.bills) - billed)
        left -= sum(len(version.plan.due_on) for version in biller.plans[planned:])
        planned = len(biller.plans)
    return biller.outcome()
