"""Far ahead: the work grows with the cycles and not with their square, and what is foreseen is what happens."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import FrameType

import pytest

from app.domain.billing.cycles import bring_up, catch_up
from app.domain.billing.foresight import HorizonTooFar, foresee
from app.domain.billing.open_bills import asked_by, past_due_paise
from app.domain.calendar import Frequency, due_date_number, due_dates
from app.domain.lending.positions import Position
from app.domain.products.products import LateCharge
from app.domain.products.seeded import CREDIT_CARD_LOAN
from tests.domain.made_loans import make_loan

MADE_ON = date(2026, 1, 31)
SHORT_CYCLES = {
    "paid within a fortnight": {"due_after_days": 15},
    "due at once": {"due_after_days": 0},
    "charged when late": {"late_charge": LateCharge(amount_paise=500_00, gst_percent=Decimal(18))},
    "returned to the plan": {"minimum_percent": Decimal("0.01"), "due_after_days": 3},
}


def daily(**terms: object) -> Position:
    repayment = replace(CREDIT_CARD_LOAN.repayment, every=1, frequency=Frequency.DAY, **terms)  # type: ignore[arg-type]
    product = replace(CREDIT_CARD_LOAN, repayment=repayment)
    return make_loan(product, amount=50_000, rate="24", instalments=12, on=MADE_ON)


def lines_of(action: Callable[[], object]) -> int:
    """How many lines of Python a deed runs through: the same on every machine, however busy."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        action()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("terms", SHORT_CYCLES.values(), ids=SHORT_CYCLES)
def test_twice_the_days_are_twice_the_work(terms: dict[str, object]) -> None:
    position = daily(**terms)
    uow = {
        days: lines_of(lambda days=days: catch_up(position, through=MADE_ON + timedelta(days=days)))  # type: ignore[misc]
        for days in (200, 400, 800)
    }
    # 2.0 when each of 400 more cycles costs what each of the first 200 more did; the square would be 4.
    grown = (uow[800] - uow[400]) / (uow[400] - uow[200])
    assert 1.9 < grown < 2.3


@pytest.mark.parametrize("terms", SHORT_CYCLES.values(), ids=SHORT_CYCLES)
def test_what_is_kept_count_of_is_the_sum(terms: dict[str, object]) -> None:
    """Each bill shows as past due what a walk through all open bills comes to on its day."""
    position = daily(**terms)
    for days in range(1, 60):
        on = MADE_ON + timedelta(days=days)
        before = catch_up(position, through=on - timedelta(days=1)).decision.position
        (bill,) = catch_up(before, through=on).bills
        closed = catch_up(before, through=on).decision.position
        overdue = [left for left in closed.open_bills if left.due_on < on and left.cycle != bill.cycle]
        assert bill.past_due_paise == sum(left.unpaid_paise for left in overdue)
        assert past_due_paise(closed.open_bills, asked_by(closed.open_bills), on=on) == sum(
            left.unpaid_paise for left in closed.open_bills if left.due_on < on
        )
        assert closed.asked is None


@pytest.mark.parametrize("terms", SHORT_CYCLES.values(), ids=SHORT_CYCLES)
def test_what_is_foreseen_is_what_happens(terms: dict[str, object]) -> None:
    position, on = daily(**terms), MADE_ON + timedelta(days=90)
    assert foresee(position, through=on, most_rows=10_000) == catch_up(position, through=on)
    assert position == daily(**terms)
    # Foreseen at once, or lived through day by day.
    for days in range(1, 91):
        position = bring_up(position, through=MADE_ON + timedelta(days=days)).decision.position
    assert foresee(daily(**terms), through=on, most_rows=10_000).decision.position == position


def test_the_refusal_names_the_last_day_that_is_answered() -> None:
    position, far = daily(), MADE_ON + timedelta(days=1_000)
    with pytest.raises(HorizonTooFar) as refused:
        foresee(position, through=far, most_rows=400)
    # 100 cycles of four rows each spend them, one more is billed, and the day of the next is too far.
    last = MADE_ON + timedelta(days=101)
    assert (refused.value.code, refused.value.field, refused.value.details) == (
        "horizon_too_far", "on", {"last_date": last},
    )  # fmt: skip
    assert foresee(position, through=last, most_rows=400).decision.position.next_cycle == 102
    with pytest.raises(HorizonTooFar):
        foresee(position, through=last + timedelta(days=1), most_rows=400)


@pytest.mark.parametrize("frequency", Frequency)
@pytest.mark.parametrize("due_day", [None, 1, 28, 29, 30, 31])
def test_a_due_date_is_found_without_the_others(frequency: Frequency, due_day: int | None) -> None:
    if due_day is not None and frequency not in (Frequency.MONTH, Frequency.YEAR):
        return
    for every in (1, 2, 7):
        dates = due_dates(MADE_ON, count=60, frequency=frequency, every=every, due_day=due_day)
        found = [
            due_date_number(MADE_ON, number, frequency=frequency, every=every, due_day=due_day)
            for number in range(1, 61)
        ]
        assert tuple(found) == dates
