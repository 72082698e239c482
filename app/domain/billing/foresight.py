"""Foresight: the position of a loan on a later day, with a bound on the computation.

A request for a far date costs the server the computation of every cycle until then. So the number of computed rows is
bounded, and the refusal names the last date that the service can answer.
"""

from datetime import date
from typing import Final

from app.domain.billing.cycles import Billing, CycleBiller
from app.domain.errors import Invalid
from app.domain.lending.positions import Position

#: The cost of billing one cycle, in rows of a new plan. One row takes about ten microseconds.
ROWS_OF_A_CYCLE: Final = 4


class HorizonTooFar(Invalid):
    """More billing cycles lie before that day than are computed. Name a day up to `figures.last_date`."""

    code = "horizon_too_far"


def foresee(position: Position, *, through: date, most_rows: int, booked_on: date | None = None) -> Billing:
    """`catch_up` with a bound. Each row of a new plan counts as one, and each bill as `ROWS_OF_A_CYCLE`.

    The caller's position stays as it is. Raises HorizonTooFar beyond `most_rows`; `last_date` is the last date that can
    be answered.
    """
    position, left, planned = position.copy(), most_rows, 0
    biller = CycleBiller(position, booked_on=booked_on or through)
    while (event_on := position.next_event_on) is not None and event_on <= through:
        if left < 0:
            last = date.fromordinal(event_on.toordinal() - 1)
            raise HorizonTooFar(
                f"the position of this loan can be computed up to {last} only", field="on", last_date=last
            )
        billed = len(biller.bills)
        biller.close_cycles(on=event_on)
        if position.next_billing_on == event_on:
            biller.bill_cycle(on=event_on)
        left -= ROWS_OF_A_CYCLE * (len(biller.bills) - billed)
        left -= sum(len(version.plan.due_on) for version in biller.plans[planned:])
        planned = len(biller.plans)
    return biller.outcome()
