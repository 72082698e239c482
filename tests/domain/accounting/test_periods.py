"""Periods: which days may be closed, by whom, and what a closed day refuses."""

from datetime import date

import pytest

from app.domain.accounting.periods import (
    OwnPeriod,
    Period,
    PeriodAlreadyClosed,
    PeriodDecided,
    PeriodNotOver,
    PeriodStatus,
    check_decision,
    check_end,
    check_withdrawal,
    first_day,
)
from app.domain.errors import DomainError
from app.domain.lending.closing import PeriodClosed, check_open
from app.domain.people.access import Actor, Forbidden, Role

MAKER = Actor(role=Role.OFFICER, user_account_id=1)
SAME_PERSON = Actor(role=Role.ADMIN, user_account_id=1)
ADMIN = Actor(role=Role.ADMIN, user_account_id=2)
OFFICER = Actor(role=Role.OFFICER, user_account_id=3)
NOVEMBER = Period(
    number=1, begins_on=date(2026, 11, 1), ends_on=date(2026, 11, 30), status=PeriodStatus.PROPOSED, maker_id=1
)


@pytest.mark.parametrize(
    "ends_on, closed_through, error",
    [
        (date(2026, 11, 30), None, None),
        (date(2026, 11, 30), date(2026, 11, 29), None),
        (date(2026, 12, 1), None, PeriodNotOver),
        (date(2027, 1, 31), None, PeriodNotOver),
        (date(2026, 11, 30), date(2026, 11, 30), PeriodAlreadyClosed),
        (date(2026, 10, 31), date(2026, 11, 30), PeriodAlreadyClosed),
    ],
)
def test_only_days_that_are_over_and_open_are_closed(
    ends_on: date, closed_through: date | None, error: type[DomainError] | None
) -> None:
    if error is None:
        check_end(ends_on, today=date(2026, 12, 1), closed_through=closed_through)
        return
    with pytest.raises(error):
        check_end(ends_on, today=date(2026, 12, 1), closed_through=closed_through)


@pytest.mark.parametrize(
    "closed_through, first_booked_on, expected",
    [
        (date(2026, 10, 31), date(2025, 1, 1), date(2026, 11, 1)),
        (None, date(2026, 11, 5), date(2026, 11, 5)),
        (None, None, date(2026, 11, 30)),
        (None, date(2026, 12, 5), date(2026, 11, 30)),
    ],
)
def test_a_period_begins_where_the_last_one_ended(
    closed_through: date | None, first_booked_on: date | None, expected: date
) -> None:
    found = first_day(closed_through=closed_through, first_booked_on=first_booked_on, ends_on=date(2026, 11, 30))
    assert found == expected


def test_another_admin_decides() -> None:
    check_decision(NOVEMBER, checker=ADMIN)
    with pytest.raises(OwnPeriod):
        check_decision(NOVEMBER, checker=SAME_PERSON)
    with pytest.raises(Forbidden):
        check_decision(NOVEMBER, checker=OFFICER)


def test_the_maker_withdraws() -> None:
    check_withdrawal(NOVEMBER, by=MAKER)
    with pytest.raises(Forbidden):
        check_withdrawal(NOVEMBER, by=ADMIN)


@pytest.mark.parametrize("status", [PeriodStatus.CLOSED, PeriodStatus.REJECTED, PeriodStatus.WITHDRAWN])
def test_a_period_is_decided_once(status: PeriodStatus) -> None:
    decided = Period(number=1, begins_on=NOVEMBER.begins_on, ends_on=NOVEMBER.ends_on, status=status, maker_id=1)
    with pytest.raises(PeriodDecided, match=status.value):
        check_decision(decided, checker=ADMIN)
    with pytest.raises(PeriodDecided, match=status.value):
        check_withdrawal(decided, by=MAKER)


@pytest.mark.parametrize(
    "booked_on, is_open",
    [
        ([], True),
        ([date(2026, 12, 1)], True),
        ([date(2026, 12, 1), date(2026, 11, 30)], False),
        ([date(2026, 11, 30)], False),
        ([date(2025, 1, 1)], False),
    ],
)
def test_a_closed_day_takes_no_transfer(booked_on: list[date], is_open: bool) -> None:
    check_open(booked_on, closed_through=None)
    if is_open:
        check_open(booked_on, closed_through=date(2026, 11, 30))
        return
    with pytest.raises(PeriodClosed, match="the books are closed through 2026-11-30"):
        check_open(booked_on, closed_through=date(2026, 11, 30))
