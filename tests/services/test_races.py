"""Many at once on one loan: real connections, real locks; after each race the books are reconciled by the fixture."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from app.db.repositories import unit_of_work as uow_repository
from app.db.repositories.billing import runs
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.services import outbox
from app.services.billing import runs as billing
from app.services.lending import loans
from app.services.unit_of_work import DayHasEnded, UnitOfWork, UnitOfWorkFactory
from tests.services.lending_desk import FAR, OFFICER, LendingHelper


async def test_identical_payments_are_one_payment(lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    receipts = await asyncio.gather(*(lending.pay(loan, amount=1_000_00, reference="same") for _ in range(40)))
    assert len({receipt.payment_id for receipt in receipts}) == 1
    assert sum(not receipt.replayed for receipt in receipts) == 1
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert (await loans.view_loan(uow, loan)).position.advance_paise == 1_000_00


async def test_different_payments_all_count(lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await asyncio.gather(*(lending.pay(loan, amount=100_01, reference=str(one)) for one in range(40)))
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert (await loans.view_loan(uow, loan)).position.advance_paise == 40 * 100_01


async def test_payments_race_two_runs_for_one_date(lending: LendingHelper) -> None:
    made = [await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12) for _ in range(12)]
    await lending.set_date(date(2027, 1, 25))
    async with lending.uow_factory.open(OFFICER) as uow:
        run_id = await billing.start_run(uow)
    workers = [
        billing.run_billing(lending.uow_factory, run_id=run_id, worker=f"worker {number}", until=FAR)
        for number in range(3)
    ]
    payments = [lending.pay(loan, amount=500_00, reference="race") for loan in made]
    await asyncio.gather(*workers, *payments)
    async with lending.uow_factory.open(SYSTEM) as uow:
        for loan in made:
            position = (await loans.view_loan(uow, loan)).position
            assert position.next_cycle == 3
            # 435.00 + 65.00 of the first bill, whichever came first.
            assert position.principal_paise == 50_000_00 - 65_00


async def test_a_reversal_races_a_payment(lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await lending.run_billing(on=date(2026, 12, 21))
    first = await lending.pay(loan, amount=9_091_13, reference="bounces")
    outcomes = await asyncio.gather(
        lending.reverse(first.payment_id),
        lending.reverse(first.payment_id),
        lending.pay(loan, amount=9_091_13, reference="stays"),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert [error.code for error in refused] == ["payment_reversed"]
    async with lending.uow_factory.open(SYSTEM) as uow:
        position = (await loans.view_loan(uow, loan)).position
    assert (position.open_bills, position.advance_paise) == ([], 0)


async def test_who_waited_over_midnight_does_not_act_on_the_day_before(lending: LendingHelper) -> None:
    """The next day's bill was issued meanwhile."""
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await lending.run_billing(on=date(2026, 12, 20))
    async with lending.uow_factory.open(OFFICER) as late:
        key = await loans.find_key(late, loan)
        assert await late.business_date() == date(2026, 12, 20)
        await lending.run_billing(on=date(2026, 12, 21))
        with pytest.raises(DayHasEnded):
            await loans.lock_current(late, key)
    async with lending.uow_factory.open(OFFICER) as uow:
        current = await loans.lock_current(uow, key)
        assert [bill.unpaid_paise for bill in current.decision.position.open_bills] == [9_091_13]


@pytest.mark.parametrize("minute, is_refused", [(29, False), (30, True)])
async def test_a_day_ends_at_midnight_in_india(lending: LendingHelper, minute: int, is_refused: bool) -> None:
    """Nobody holds the clock: the date is that of the moment, 18:30 UTC is midnight. An account that was closed on the
    20th was lived to the end of that day, which is no reason to refuse before it has ended."""
    async with lending.uow_factory.open(SYSTEM) as uow:
        await uow_repository.advance_clock(uow.session, date(2026, 12, 1), held=False)
    moments = iter([datetime(2026, 12, 20, 18, 0, tzinfo=UTC), datetime(2026, 12, 20, 18, minute, tzinfo=UTC)])
    factory = UnitOfWorkFactory(
        sessions=lending.uow_factory.sessions, job_queue=lending.uow_factory.job_queue, clock=lambda: next(moments)
    )
    async with factory.open(OFFICER) as waited:
        assert await waited.business_date() == date(2026, 12, 20)
        await waited.check_day(date(2026, 12, 20))
        if is_refused:
            with pytest.raises(DayHasEnded):
                await waited.check_day(date(2026, 12, 21))
        else:
            await waited.check_day(date(2026, 12, 21))


async def test_runs_are_started_while_the_run_in_the_way_ends(lending: LendingHelper) -> None:
    """Every start is answered with a run that is there, and no date ever has two open ones."""
    uow_factory = UnitOfWorkFactory(sessions=lending.uow_factory.sessions, job_queue=lending.uow_factory.job_queue)
    started: set[int] = set()

    async def start() -> None:
        async with uow_factory.open(OFFICER) as uow:
            run_id = await billing.start_run(uow)
            # Whoever started a run sees it open until their transaction ends.
            assert (await billing.get_run(uow, run_id)).status == "running"
        started.add(run_id)
        async with uow_factory.open(OFFICER) as uow:
            await runs.finish_run(uow.session, run_id, now=uow.now)

    for _ in range(40):
        await asyncio.gather(*(start() for _ in range(10)))
    async with uow_factory.open(OFFICER) as uow:
        listed = await billing.list_runs(uow, before=2**62, limit=1_000)
    assert {run.run_id for run in listed} == started
    assert {run.status for run in listed} == {"finished"}


async def test_a_run_that_ends_before_the_starter_commits_waits_for_it(lending: LendingHelper) -> None:
    async with lending.uow_factory.open(OFFICER) as uow:
        first = await billing.start_run(uow)
    async with lending.uow_factory.open(OFFICER) as uow:
        assert await billing.start_run(uow) == first
        ending = asyncio.create_task(finish(lending, first))
        await asyncio.sleep(0.2)
        assert not ending.done()
    await ending
    async with lending.uow_factory.open(OFFICER) as uow:
        assert await billing.start_run(uow) > first


async def test_a_start_that_waits_for_the_end_of_a_run_opens_the_next(lending: LendingHelper) -> None:
    async with lending.uow_factory.open(OFFICER) as uow:
        first = await billing.start_run(uow)

    async def start() -> int:
        async with lending.uow_factory.open(OFFICER) as uow:
            return await billing.start_run(uow)

    async with lending.uow_factory.open(OFFICER) as uow:
        await runs.finish_run(uow.session, first, now=uow.now)
        starting = asyncio.create_task(start())
        await asyncio.sleep(0.2)
        assert not starting.done()
    assert await starting == first + 1


async def test_a_job_asked_for_while_it_waits_is_done_after_the_change(lending: LendingHelper) -> None:
    """Not before: what the second one changes is not there to be seen until its transaction ends."""
    done: list[str] = []

    async def action(uow: UnitOfWork, payload: dict[str, object]) -> None:
        done.append("done")

    async with lending.uow_factory.open(SYSTEM) as uow:
        await uow.enqueue("score_customer", key="7")
        (job,) = uow.jobs
    async with lending.uow_factory.open(SYSTEM) as uow:
        await uow.enqueue("score_customer", key="7")
        assert [one.outbox_id for one in uow.jobs] == [job.outbox_id]
        assert not await outbox.perform(lending.uow_factory, job.outbox_id, action=action)
    assert done == []
    assert await outbox.perform(lending.uow_factory, job.outbox_id, action=action)
    assert done == ["done"]


async def test_a_long_job_asked_for_while_it_ends_is_not_done(lending: LendingHelper) -> None:
    """A run resumed in the moment in which its worker finds it paused goes on."""
    uow_factory = UnitOfWorkFactory(
        sessions=lending.uow_factory.sessions, job_queue=lending.uow_factory.job_queue, clock=lambda: datetime.now(UTC)
    )
    async with uow_factory.open(OFFICER) as uow:
        run_id = await billing.start_run(uow)
        (job,) = uow.jobs
        await billing.pause_run(uow, run_id)

    async def finds_it_paused(uow_factory: UnitOfWorkFactory, payload: dict[str, object]) -> bool:
        over = await billing.run_billing(uow_factory, run_id=run_id, worker="test", until=FAR)
        async with uow_factory.open(OFFICER) as uow:
            await billing.resume_run(uow, run_id)
        return over

    async def goes_on(uow_factory: UnitOfWorkFactory, payload: dict[str, object]) -> bool:
        return await billing.run_billing(uow_factory, run_id=run_id, worker="test", until=FAR)

    assert await outbox.perform_in_steps(uow_factory, job.outbox_id, action=finds_it_paused) is False
    assert await outbox.perform_in_steps(uow_factory, job.outbox_id, action=goes_on) is True
    async with uow_factory.open(OFFICER) as uow:
        assert (await billing.get_run(uow, run_id)).status == "finished"


async def test_asking_for_a_run_whose_job_was_lost_brings_the_job_back(lending: LendingHelper) -> None:
    async with lending.uow_factory.open(OFFICER) as uow:
        run_id = await billing.start_run(uow)
        await uow_repository.finish_outbox(uow.session, uow.jobs[0].outbox_id, now=uow.now)
    async with lending.uow_factory.open(OFFICER) as uow:
        assert await billing.start_run(uow) == run_id
        assert [(job.name, job.key) for job in uow.jobs] == [("run_billing", str(run_id))]


async def finish(lending: LendingHelper, run_id: int) -> None:
    async with lending.uow_factory.open(OFFICER) as uow:
        assert await runs.finish_run(uow.session, run_id, now=uow.now)
