"""Files for credit bureaus on the database: full, incremental, corrected, and what was said."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.db.repositories.delinquency.bureau import SaidRecord
from app.domain.delinquency.bureau import read_line
from app.domain.people.access import SYSTEM
from app.domain.public_ids import LoanReference
from app.services.delinquency import bureau
from app.services.lending import loans
from tests.services.delinquency.conftest import FAR, Desk
from tests.services.delinquency.test_day_ends import CUSTOMER, DUE, EMI, lend

DAY = timedelta(days=1)
EARLIEST = date(1900, 1, 1)


async def make(desk: Desk) -> list[str]:
    """Makes the files that were asked for, as the job does, and returns their days."""
    async with desk.uow_factory.open(SYSTEM) as uow:
        rows = await uow.session.execute(
            text("SELECT id, payload FROM outbox WHERE job = 'make_bureau_file' AND done_at IS NULL ORDER BY key")
        )
        jobs = [(row.id, row.payload) for row in rows]
    for number, payload in jobs:
        assert await bureau.make_file(desk.uow_factory, payload, until=FAR)
        async with desk.uow_factory.open(SYSTEM) as uow:
            done = text("UPDATE outbox SET done_at = :now WHERE id = :id")
            await uow.session.execute(done, {"now": uow.now, "id": number})
    return [payload["as_on"] for _, payload in jobs]


async def said(desk: Desk, customer_id: int = CUSTOMER) -> list[SaidRecord]:
    async with desk.uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        return await bureau.list_said(uow, customer_id, after=EARLIEST, after_loan=0, limit=1000)


async def seen(desk: Desk, customer_id: int = CUSTOMER) -> list[tuple[str, str, str, str]]:
    """What was said about a borrower: the day, the kind of file, days past due, what is overdue."""
    found = []
    for one in await said(desk, customer_id):
        record = read_line(one.line)
        found.append((one.as_on.isoformat(), one.kind, record["days_past_due"], record["overdue"]))
    return found


async def test_full_and_incremental_files(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2026, 12, 1))
    assert await make(desk) == ["2026-11-30"]
    # Nothing changed by the 9th and the 16th; by the 23rd the instalment is two days late.
    await desk.run(on=date(2026, 12, 24))
    assert await make(desk) == ["2026-12-09", "2026-12-16", "2026-12-23"]
    await desk.run(on=date(2027, 1, 1))
    assert await make(desk) == ["2026-12-31"]
    assert await seen(desk) == [
        ("2026-11-30", "full", "0", "0.00"),
        ("2026-12-23", "incremental", "3", "10661.85"),
        ("2026-12-31", "full", "11", "10661.85"),
    ]
    record = read_line((await said(desk))[1].line)
    assert (record["loan_id"], record["asset_class"], record["principal"], record["interest"], record["emi"]) == (
        f"LN-2026-{loan.number:04d}", "sma_0", "120000.00", "1200.00", "10661.85",
    )  # fmt: skip


async def test_a_correction_is_carried_into_the_next_file(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2026, 12, 24))
    await make(desk)
    before = await said(desk)
    # The money had come on the due date. What was said stays, and the next file has it right.
    await desk.lending.pay(loan, amount=EMI, value_date=DUE)
    await desk.correct(CUSTOMER, on=date(2026, 12, 24))
    await desk.run(on=date(2027, 1, 1))
    assert await make(desk) == ["2026-12-31"]
    after = await said(desk)
    assert after[: len(before)] == before
    assert await seen(desk) == [("2026-12-23", "incremental", "3", "10661.85"), ("2026-12-31", "full", "0", "0.00")]
    assert read_line(after[-1].line)["last_paid_on"] == "2026-12-21"


async def test_the_end_of_a_loan_is_said_once(desk: Desk) -> None:
    loan = await lend(desk)
    await desk.run(on=date(2026, 12, 1))
    await make(desk)
    await desk.lending.set_date(date(2026, 12, 5))
    await pay_off(desk, loan)
    await desk.run(on=date(2027, 1, 1))
    assert await make(desk) == ["2026-12-09", "2026-12-16", "2026-12-23", "2026-12-31"]
    assert [(one.as_on, read_line(one.line)["status"]) for one in await said(desk)] == [
        (date(2026, 11, 30), "active"),
        (date(2026, 12, 9), "closed"),
    ]


async def pay_off(desk: Desk, loan: LoanReference) -> None:
    async with desk.uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
    await desk.lending.pay(loan, amount=view.payoff.total_paise)


async def test_a_file_that_is_made_twice_is_made_once(desk: Desk) -> None:
    await lend(desk)
    await desk.run(on=date(2026, 12, 1))
    for _ in range(2):
        assert await bureau.make_file(desk.uow_factory, {"as_on": "2026-11-30"}, until=FAR)
    assert len(await said(desk)) == 1


async def test_a_file_waits_for_one_that_nobody_has_begun(desk: Desk) -> None:
    """Workers take the jobs of a day-end in any order. A line is given when it differs from the one before, so a file
    that is made before an earlier one may leave out what the earlier one changes."""
    await lend(desk)
    await desk.run(on=date(2026, 12, 1))
    await desk.run(on=date(2026, 12, 24))
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert not await bureau.make_file(desk.uow_factory, {"as_on": "2026-12-23"}, until=uow.now)
        rows = await uow.session.execute(text("SELECT as_on, finished_at FROM bureau_files"))
        assert rows.all() == []
    assert await make(desk) == ["2026-11-30", "2026-12-09", "2026-12-16", "2026-12-23"]


async def test_an_earlier_file_comes_first(desk: Desk) -> None:
    await lend(desk)
    await desk.run(on=date(2026, 12, 1))
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert not await bureau.make_step(uow, date(2026, 11, 23))
    assert not await bureau.make_file(desk.uow_factory, {"as_on": "2026-11-30"}, until=FAR)
    assert await bureau.make_file(desk.uow_factory, {"as_on": "2026-11-23"}, until=FAR)
    assert await bureau.make_file(desk.uow_factory, {"as_on": "2026-11-30"}, until=FAR)


@pytest.mark.parametrize("customers", [3])
async def test_many_borrowers_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch, customers: int) -> None:
    monkeypatch.setattr(bureau, "PAGE", 1)
    for _ in range(customers):
        await lend(desk)
    await desk.run(on=date(2026, 12, 1))
    await make(desk)
    async with desk.uow_factory.open(SYSTEM) as uow:
        files = await uow.session.execute(text("SELECT records, finished_at IS NOT NULL AS done FROM bureau_files"))
        row = files.one()
    assert (row.records, row.done) == (customers, True)
    assert [len(await said(desk, CUSTOMER + number)) for number in range(customers)] == [1] * customers
