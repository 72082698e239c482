"""Periods on the database: proposed by one, closed by another, final; and reports that begin where one ended."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.repositories.accounting import periods as repository
from app.db.repositories.accounting.periods import StoredPeriod
from app.domain.accounting.periods import (
    BooksBusy,
    OwnPeriod,
    PeriodAlreadyClosed,
    PeriodDecided,
    PeriodNotOver,
    PeriodProposed,
    RunsOpen,
)
from app.domain.lending.closing import PeriodClosed
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.domain.products.seeded import STANDARD_LOAN
from app.services.accounting import agreement, periods, reports
from app.services.billing import runs
from app.services.lending.disbursal import LoanOrder, disburse_loan
from tests.databases import connection
from tests.services.lending_desk import OFFICER, LendingHelper

NOVEMBER, DECEMBER = date(2026, 11, 30), date(2026, 12, 31)
ADMIN = Actor(role=Role.ADMIN, user_account_id=2)
DUE = date(2026, 12, 21)


async def propose(lending: LendingHelper, ends_on: date, *, by: Actor = OFFICER) -> StoredPeriod:
    async with lending.uow_factory.open(by) as uow:
        return await periods.propose(uow, ends_on=ends_on)


async def approve(lending: LendingHelper, number: int, *, by: Actor = ADMIN) -> StoredPeriod:
    async with lending.uow_factory.open(by) as uow:
        return await periods.approve(uow, number, note="figures agreed")


async def close(lending: LendingHelper, ends_on: date) -> StoredPeriod:
    return await approve(lending, (await propose(lending, ends_on)).period.number)


async def kept(lending: LendingHelper) -> dict[str, Any]:
    async with lending.uow_factory.open(SYSTEM) as uow:
        clock = (await uow.session.execute(text("SELECT closed_through FROM business_clock"))).scalar()
        count = (await uow.session.execute(text("SELECT count(*) FROM book_balances"))).scalar()
        statuses = await uow.session.execute(text("SELECT number, status FROM book_periods ORDER BY number"))
        return {"closed_through": clock, "balances": count, "periods": [tuple(row) for row in statuses]}


async def trial(lending: LendingHelper, on: date) -> list[tuple[str, int]]:
    async with lending.uow_factory.open(OFFICER) as uow:
        return [(line.code, line.balance_paise) for line in (await reports.view_trial_balance(uow, on=on)).lines]


async def test_a_period_is_closed_by_two_people_and_stays_as_it_was(lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await lending.run_billing(on=DUE)
    await lending.pay(loan, amount=10_661_85)
    await lending.set_date(date(2027, 1, 5))
    before = await trial(lending, DECEMBER)
    assert before == [("1010", -109_338_15), ("1110", 110_538_15), ("4110", -1_200_00)]
    proposed = await propose(lending, DECEMBER)
    assert (proposed.period.begins_on, proposed.period.ends_on, proposed.maker) == (
        date(2026, 11, 21), DECEMBER, "officer:1",
    )  # fmt: skip
    closed = await approve(lending, proposed.period.number)
    assert (closed.period.status, closed.checker, closed.note) == ("closed", "admin:2", "figures agreed")
    assert await kept(lending) == {"closed_through": DECEMBER, "balances": 4, "periods": [(1, "closed")]}
    # A payment that came in December is booked in January: the closed figures stay, the present ones have it.
    await lending.pay(loan, amount=20_000_00, value_date=date(2026, 12, 24))
    assert await trial(lending, DECEMBER) == before
    assert dict(await trial(lending, date(2027, 1, 5)))["1010"] == -109_338_15 + 20_000_00
    async with lending.uow_factory.open(OFFICER) as uow:
        january = await reports.view_profit_and_loss(uow, from_on=date(2027, 1, 1), to_on=date(2027, 1, 5))
        total = (await reports.view_trial_balance(uow)).debit_paise
        found = await agreement.compare(uow)
    assert january.result_paise == 0
    assert (found.total_paise, found.closed_through, found.differences) == (total, DECEMBER, ())


async def test_the_next_period_begins_where_the_last_one_ended(lending: LendingHelper) -> None:
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await lending.run_billing(on=DUE)
    await lending.set_date(date(2027, 1, 5))
    await close(lending, NOVEMBER)
    assert await trial(lending, date(2026, 11, 29)) == await trial(lending, NOVEMBER)
    second = await close(lending, DECEMBER)
    assert (second.period.number, second.period.begins_on) == (2, date(2026, 12, 1))
    async with lending.uow_factory.open(SYSTEM) as uow:
        await uow.business_date()
        first = await repository.list_balances(uow.session, 1)
        assert [tuple(line) for line in first] == [
            ("loans", "STANDARD_LOAN", "cash", 0, 120_000_00, 1),
            ("loans", "STANDARD_LOAN", "principal", 120_000_00, 0, 1),
        ]
        assert await repository.list_balances(uow.session, 2) == await reports.sum_from_ledgers(uow, DECEMBER)


async def test_who_and_when_is_refused_and_nothing_changes(lending: LendingHelper) -> None:
    await lending.set_date(date(2026, 12, 1))
    with pytest.raises(PeriodNotOver):
        await propose(lending, date(2026, 12, 1))
    own = await propose(lending, NOVEMBER, by=ADMIN)
    with pytest.raises(PeriodProposed):
        await propose(lending, date(2026, 11, 29))
    with pytest.raises(OwnPeriod):
        await approve(lending, own.period.number)
    with pytest.raises(Forbidden):
        await approve(lending, own.period.number, by=OFFICER)
    assert await kept(lending) == {"closed_through": None, "balances": 0, "periods": [(1, "proposed")]}
    async with lending.uow_factory.open(ADMIN) as uow:
        await periods.withdraw(uow, own.period.number)
    with pytest.raises(PeriodDecided, match="withdrawn"):
        await approve(lending, own.period.number, by=Actor(role=Role.ADMIN, user_account_id=3))
    second = await propose(lending, NOVEMBER)
    async with lending.uow_factory.open(ADMIN) as uow:
        await periods.reject(uow, second.period.number, note="the bank is not agreed")
    assert await kept(lending) == {
        "closed_through": None, "balances": 0, "periods": [(1, "withdrawn"), (2, "rejected")],
    }  # fmt: skip
    await close(lending, NOVEMBER)
    with pytest.raises(PeriodAlreadyClosed):
        await propose(lending, NOVEMBER)


async def test_an_unfinished_run_of_the_period_is_finished_first(lending: LendingHelper) -> None:
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await lending.set_date(DUE)
    async with lending.uow_factory.open(OFFICER) as uow:
        run_id = await runs.start_run(uow)
    await lending.set_date(date(2027, 1, 1))
    proposed = await propose(lending, DECEMBER)
    with pytest.raises(RunsOpen):
        await approve(lending, proposed.period.number)
    async with lending.uow_factory.open(OFFICER) as uow:
        await runs.cancel_run(uow, run_id)
    assert (await approve(lending, proposed.period.number)).period.status == "closed"


async def test_the_approval_waits_for_what_began_earlier(
    lending: LendingHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that read the clock before midnight may still write. Either it ends, or the period stays open."""
    monkeypatch.setattr(periods, "LOOKS", 3)
    await lending.set_date(NOVEMBER)
    async with lending.uow_factory.open(SYSTEM) as earlier:
        assert await earlier.business_date() == NOVEMBER
        await lending.set_date(date(2026, 12, 1))
        proposed = await propose(lending, NOVEMBER)
        with pytest.raises(BooksBusy):
            await approve(lending, proposed.period.number)
        assert (await kept(lending))["closed_through"] is None
        monkeypatch.setattr(periods, "LOOKS", 50)
        waiting = asyncio.create_task(approve(lending, proposed.period.number))
        await asyncio.sleep(0.3)
        assert not waiting.done()
    assert (await waiting).period.status == "closed"


async def test_work_that_began_before_the_close_cannot_write_after_it(
    lending: LendingHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = await lending.add_customer()
    await lending.set_date(date(2026, 12, 1))
    monkeypatch.setattr(repository, "has_older_transactions", _nobody)
    proposed = await propose(lending, NOVEMBER)
    async with lending.uow_factory.open(OFFICER) as late:
        late.set_clock(None)
        assert await late.business_date() < NOVEMBER
        await approve(lending, proposed.period.number)
        with pytest.raises(PeriodClosed):
            await disburse_loan(
                late,
                LoanOrder(
                    customer_id=customer_id,
                    product=STANDARD_LOAN,
                    amount_paise=100_000_00,
                    instalments=12,
                    annual_rate_percent=Decimal(12),
                ),
            )
        await late.session.rollback()


async def _nobody(*_: object, **__: object) -> bool:
    return False


async def test_the_database_refuses_a_closed_day_that_is_not_over(lending: LendingHelper) -> None:
    await lending.set_date(date(2026, 12, 1))
    with pytest.raises(DBAPIError, match="closed_days_are_over"):
        async with lending.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(text("UPDATE business_clock SET closed_through = business_date"))


async def test_what_was_kept_cannot_be_changed_and_a_change_of_the_ledger_is_seen(
    lending: LendingHelper, owner_dsn: str
) -> None:
    await lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await lending.set_date(date(2026, 12, 1))
    await close(lending, NOVEMBER)
    for statement in ("UPDATE book_balances SET debit_paise = 1", "DELETE FROM book_balances"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with lending.uow_factory.open(SYSTEM) as uow:
                await uow.session.execute(text(statement))
    # The owner of the schema may do anything; the comparison says so.
    async with connection(owner_dsn) as database:
        await database.execute("UPDATE transfers SET amount_paise = amount_paise + 1")
    async with lending.uow_factory.open(SYSTEM) as uow:
        found = await agreement.compare(uow)
    assert [(one.what, one.kept_paise, one.ledger_paise) for one in found.differences] == [
        ("principal of all loans", 120_000_00, 120_000_01),
        ("loans STANDARD_LOAN cash through 2026-11-30", -120_000_00, -120_000_01),
        ("loans STANDARD_LOAN principal through 2026-11-30", 120_000_00, 120_000_01),
    ]
    async with connection(owner_dsn) as database:
        await database.execute("UPDATE transfers SET amount_paise = amount_paise - 1")
