"""Interest that has accrued and is not billed, at the end of a day: now, and seen from later."""

import math
from datetime import date
from fractions import Fraction
from functools import partial

import pytest

from app.db.repositories.cards import postings
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.accounting.accruals import Accrued, AccruedLine, sum_accrued
from app.services.accounting.reports import DaysInvalid
from app.services.cards import movements
from app.services.cards.movements import MoneyRequest
from tests.services.cards.test_arrears import Holder
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


async def test_a_card_accrues_what_its_statement_then_charges(lending: LendingHelper) -> None:
    holder = Holder(lending)
    await holder.begin()
    account = holder.card.account_id
    async with holder.uow_factory.open(OFFICER) as uow:
        await movements.clear(uow, account, MoneyRequest(paise=10_000_00, reference="CASH-1"), is_cash=True)
    # Cash of 21 November at 42 % bears from its day: 11.506849... a day. The purchase of that day does not, while its
    # statement may be paid in full.
    daily = Fraction(10_000_00 * 42, 36_500)
    for on in (date(2026, 12, 14), date(2026, 12, 16), date(2026, 12, 21)):
        await holder.day(on)
    found = {day: await of_cards(lending, day) for day in (date(2026, 11, 21), date(2026, 12, 14), date(2026, 12, 15))}
    async with holder.uow_factory.open(OFFICER) as uow:
        (statement,) = await postings.list_statements(uow.session, holder.card, before=99, limit=9)
    charged = sum(group["paise"] for group in statement.interest)
    # The statement of 15 December charges the 24 days before it: what had accrued when the day before it ended.
    assert charged == half_up(24 * daily)
    assert list(found.values()) == [half_up(daily), half_up(24 * daily), half_up(daily)]
    assert await of_cards(lending, date(2026, 11, 20)) is None
    # The cash is paid after the day: the day keeps its interest, the days after have less.
    before = await of_cards(lending, date(2026, 12, 20))
    await holder.day(date(2026, 12, 22))
    async with holder.uow_factory.open(OFFICER) as uow:
        await movements.take_payment(uow, account, MoneyRequest(paise=35_000_00, reference="ALL"))
    assert before == half_up(6 * daily)
    assert await of_cards(lending, date(2026, 12, 20)) == before
    assert await of_cards(lending, date(2026, 12, 22)) == half_up(7 * daily)


async def of_cards(lending: LendingHelper, on: date) -> int | None:
    """What had accrued of the card; None if there was none."""
    lines = (await accrued(lending, on)).lines
    return next((line.performing_paise for line in lines if line.product == "REVOLVING_CARD"), None)


def half_up(exact: Fraction) -> int:
    return math.floor(exact + Fraction(1, 2))


async def test_a_day_to_come_is_refused(lending: LendingHelper) -> None:
    with pytest.raises(DaysInvalid):
        await accrued(lending, date(2027, 1, 1))
