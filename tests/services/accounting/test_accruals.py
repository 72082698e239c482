"""Interest that has accrued and is not billed, at the end of a day: now, and seen from later."""

from datetime import date
from functools import partial

import pytest

from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.accounting.accruals import Accrued, AccruedLine, sum_accrued
from app.services.accounting.reports import DaysInvalid
from tests.services.delinquency.conftest import Desk
from tests.services.lending_desk import OFFICER, LendingHelper

#: 12 % of 1,20,000 is 1,200 for the month from 21 November, which has 30 days.
MADE, DUE = date(2026, 11, 21), date(2026, 12, 21)
LOAN = LoanReference(number=1, year=None)


async def accrued(lending: LendingHelper, on: date) -> Accrued:
    return await sum_accrued(partial(lending.uow_factory.open, OFFICER), on=on)


async def lend(lending: LendingHelper) -> None:
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)


async def test_a_day_is_accrued_when_it_ends(lending: LendingHelper) -> None:
    await lend(lending)
    await lending.set_date(DUE)
    found = {day: (await accrued(lending, day)).performing_paise for day in (MADE, date(2026, 11, 30))}
    # The loan's first day counts, as the bill's own day does not.
    assert found == {MADE: 40_00, date(2026, 11, 30): 400_00}
    assert (await accrued(lending, date(2026, 12, 20))).performing_paise == 1_200_00


async def test_what_is_billed_is_not_accrued_any_more_but_was_then(lending: LendingHelper) -> None:
    await lend(lending)
    await lending.run_billing(on=DUE)
    await lending.pay(LOAN, amount=10_661_85)
    # A month of 31 days begins, on 1,10,538.15.
    assert (await accrued(lending, DUE)).performing_paise == round(110_538_15 * 12 / 1200 / 31)
    await lending.run_billing(on=date(2027, 1, 21))
    await lending.pay(LOAN, amount=10_661_85)
    # Seen from January: the end of November and of December, of which the bills came later.
    assert (await accrued(lending, date(2026, 11, 30))).lines == [AccruedLine("STANDARD_LOAN", 1, 400_00, 0)]
    assert (await accrued(lending, date(2026, 12, 31))).performing_paise == round(110_538_15 * 0.01 * 11 / 31)
    assert (await accrued(lending, date(2026, 11, 20))).lines == []


async def test_a_loan_that_has_ended_had_accrued_before(lending: LendingHelper) -> None:
    await lend(lending)
    await lending.set_date(date(2026, 12, 6))
    await lending.pay(LOAN, amount=120_600_00)
    assert (await accrued(lending, date(2026, 12, 6))).lines == []
    assert (await accrued(lending, date(2026, 12, 5))).performing_paise == 600_00


async def test_that_of_a_failed_loan_is_apart(desk: Desk) -> None:
    await lend(desk.lending)
    await desk.run(on=date(2027, 4, 22))
    found = await accrued(desk.lending, date(2027, 4, 22))
    assert (found.performing_paise, found.lines[0].non_performing_paise) == (0, found.non_performing_paise)
    assert found.non_performing_paise > 0


async def test_a_day_to_come_is_refused(lending: LendingHelper) -> None:
    with pytest.raises(DaysInvalid):
        await accrued(lending, date(2027, 1, 1))
