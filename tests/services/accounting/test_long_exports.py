"""A file of any number of transfers takes the memory of one part of it: the peak of a file four times as long is the
same, although a day holds all of its rows."""

import tracemalloc
from datetime import date

import pytest
from sqlalchemy import text

from app.domain.people.access import Actor, Role
from app.domain.products.seeded import STANDARD_LOAN
from app.services.accounting.exports import Export, ExportForm, ExportOf, export
from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.lending_desk import LendingHelper

DAY = date(2026, 11, 21)
OFFICER = Actor(role=Role.OFFICER, user_account_id=1)
FEW, MANY = 10_000, 40_000
#: Rows of one loan that only an export reads: the loan itself does not know them.
FILL = text(
    """
INSERT INTO transfers (customer_id, loan_id, number, group_number, kind, debit, credit, amount_paise, component,
                       value_date, booked_on)
SELECT customer_id, loan_id, n, n, 'payment', 'cash', 'principal', 100 + n % 977, 'principal', :day, :day
FROM loan_origins, generate_series(CAST(:first AS int), CAST(:last AS int)) AS n
"""
)


async def fill(uow_factory: UnitOfWorkFactory, *, first: int, last: int) -> None:
    async with uow_factory.open(OFFICER) as uow:
        await uow.session.execute(FILL, {"day": DAY, "first": first, "last": last})


async def measured(uow_factory: UnitOfWorkFactory, form: ExportForm) -> tuple[int, int, int]:
    """The bytes of the file, its longest part, and the most memory that Python had at a time while it was made."""
    wanted = Export(of=ExportOf.TRANSFERS, form=form, from_on=DAY, to_on=DAY)
    whole = longest = 0
    tracemalloc.start()
    try:
        async for part in export(lambda: uow_factory.open(OFFICER), wanted):
            whole += len(part)
            longest = max(longest, len(part))
        return whole, longest, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", [ExportForm.CSV, ExportForm.XLSX])
async def test_a_long_file_takes_no_more_memory_than_a_short_one(
    unreconciled: LendingHelper, uow_factory: UnitOfWorkFactory, form: ExportForm
) -> None:
    await unreconciled.disburse(STANDARD_LOAN, amount=100_000, rate="12", instalments=12)
    await fill(uow_factory, first=101, last=FEW)
    await measured(uow_factory, form)  # what is loaded once is not of a file
    short = await measured(uow_factory, form)
    await fill(uow_factory, first=FEW + 1, last=MANY)
    long = await measured(uow_factory, form)
    assert long[0] > 3.5 * short[0]
    assert long[1] < 512 * 2**10
    assert long[2] < short[2] * 1.2, (short, long)
    assert long[2] < 24 * 2**20
