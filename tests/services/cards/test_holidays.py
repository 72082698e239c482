"""Working days of card accounts: Sundays and the holidays that were loaded are none."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.products.seeded import REVOLVING_CARD
from app.domain.products.working_days import working_days_later
from app.services.cards import movements, opening, views
from app.services.cards.movements import MoneyRequest
from app.services.products.calendars import count_working_days
from app.services.products.holidays import HolidayFileInvalid, load_holidays
from tests.services.lending_desk import OFFICER, LendingHelper

#: START of these tests is Saturday, 21 November 2026.
TODAY = date(2026, 11, 21)
FILE = ["on,name", "2026-11-24,Guru Nanak Jayanti", "2026-11-30,A day of the state"]


@pytest.mark.parametrize(
    "days, holidays, expected",
    [
        (1, [], date(2026, 11, 23)),
        (7, [], date(2026, 11, 30)),
        (3, [date(2026, 11, 24)], date(2026, 11, 26)),
        (7, [date(2026, 11, 24), date(2026, 11, 30)], date(2026, 12, 2)),
        (0, [], TODAY),
    ],
)
def test_working_days_later(days: int, holidays: list[date], expected: date) -> None:
    """The 22nd and the 29th are Sundays. Saturdays count."""
    assert working_days_later(TODAY, days, holidays=frozenset(holidays)) == expected


async def test_a_closing_and_a_payout_wait_for_holidays(lending: LendingHelper) -> None:
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(OFFICER) as uow:
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=10_000_00, statement_day=15
        )
        assert (await views.quote_closing(uow, key.account_id, on=None)).close_by == date(2026, 11, 30)
    reordered = ["name,on", *(",".join(reversed(line.split(","))) for line in FILE[1:])]
    for lines in (FILE, reordered):
        async with lending.uow_factory.open(OFFICER) as uow:
            assert await load_holidays(uow, lines) == 2
    async with lending.uow_factory.open(OFFICER) as uow:
        assert (await views.quote_closing(uow, key.account_id, on=None)).close_by == date(2026, 12, 2)
        await movements.take_payment(uow, key.account_id, MoneyRequest(paise=100_00, reference="P"))
    async with lending.uow_factory.open(replace(OFFICER, user_account_id=2)) as uow:
        paid_out = await movements.pay_out_credit(uow, key.account_id, paise=None)
    assert (paid_out.paise, paid_out.pay_by) == (100_00, date(2026, 11, 26))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["on,name"],
        ["on,name", "2026-11-24,One", "24.11.2026,Two"],
        ["on,name", "2026-11-24,"],
        ["on,name", "2026-11-24"],
        ["on,name", "2026-11-24,Id, or the day after"],
        ["on,name", "20261124,One"],
        ["on,name", "2026-W48-2,One"],
        ["on,name", "2026-11-24,One", "2026-11-24,Two"],
        ["on,name", "2026-11-24,One\ufffd"],
        ["on,name", "2026-11-24,One\0"],
        ["on,name", '2026-11-24,"One'],
        ["on,on", "2026-11-24,2026-11-25"],
    ],
)
async def test_a_file_that_is_wrong_is_refused_as_a_whole(lending: LendingHelper, lines: list[str]) -> None:
    with pytest.raises(HolidayFileInvalid):
        async with lending.uow_factory.open(OFFICER) as uow:
            await load_holidays(uow, lines)
    async with lending.uow_factory.open(OFFICER) as uow:
        assert await count_working_days(uow, TODAY, 2) == date(2026, 11, 24)
