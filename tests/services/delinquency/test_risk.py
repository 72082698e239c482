"""Reports of the book as of any day, on loans that were lent, paid and failed."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.people.access import ANONYMOUS, Forbidden
from app.services.delinquency import risk
from app.services.delinquency.risk import ReportDayInFuture
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_day_ends import DUE, EMI, lend
from tests.services.lending_desk import OFFICER

FAILED = date(2027, 3, 21)


async def book(desk: Desk) -> None:
    """Two loans of 1,20,000: one that nobody pays, and one that is paid on the first two due dates."""
    await lend(desk)
    good = await lend(desk)
    for on in (DUE, date(2027, 1, 21)):
        await desk.run(on=on)
        await desk.lending.pay(good, amount=EMI)
    await desk.run(on=date(2027, 3, 22))


async def test_provisions_as_of_two_days(desk: Desk) -> None:
    await book(desk)
    async with desk.uow_factory.open(OFFICER) as uow:
        first = await risk.view_book(uow, on=date(2027, 1, 22))
        last = await risk.view_book(uow)
    # On 22 January: 1,20,000 with two bills unpaid, and the other loan after two instalments of principal.
    assert [
        (one.asset_class, one.loans, one.principal_paise, one.net_paise, one.provision_paise)
        for one in first.provisions
    ] == [
        ("standard", 1, 1_20_000_00 - 9_461_85 - 9_556_47, 1_00_981_68, 403_93),
        ("sma_1", 1, 1_20_000_00, 1_20_000_00 + 1_200_00 + 1_105_38, 489_22),
    ]
    owed = 1_200_00 + 1_105_38 + 1_009_82 + 913_30
    assert (last.on, last.judged_through) == (FAILED, FAILED)
    failed = last.provisions[-1]
    assert (failed.asset_class, failed.principal_paise, failed.interest_paise, failed.suspended_paise) == (
        "sub_standard", 1_20_000_00, owed, owed,
    )  # fmt: skip
    assert (failed.net_paise, failed.rate_percent, failed.provision_paise) == (1_20_000_00, Decimal(10), 12_000_00)
    assert [(one.after_days, one.loans) for one in last.at_risk] == [(0, 2), (30, 1), (60, 1), (90, 1)]


async def test_vintages_and_roll_rates(desk: Desk) -> None:
    await book(desk)
    async with desk.uow_factory.open(OFFICER) as uow:
        (vintage,) = await risk.view_vintages(uow)
        rolls = await risk.view_rolls(uow)
    assert (vintage.month, vintage.loans, vintage.disbursed_paise) == (date(2026, 11, 1), 2, 2_40_000_00)
    assert vintage.failed_percent == tuple(Decimal(share) for share in ("0.00", "0.00", "0.00", "0.00", "50.00"))
    assert (rolls.on, rolls.until) == (date(2027, 2, 28), FAILED)
    assert [(one.before, one.after, one.loans, one.share_percent) for one in rolls.rolls] == [
        ("sma_0", "sma_0", 1, Decimal("100.00")),
        ("sma_2", "sub_standard", 1, Decimal("100.00")),
    ]


async def test_who_may_read_and_which_day(desk: Desk) -> None:
    async with desk.uow_factory.open(ANONYMOUS) as uow:
        with pytest.raises(Forbidden):
            await risk.view_book(uow)
    async with desk.uow_factory.open(OFFICER) as uow:
        assert (await risk.view_book(uow)).provisions == []
        with pytest.raises(ReportDayInFuture):
            await risk.view_book(uow, on=date(2100, 1, 1))
