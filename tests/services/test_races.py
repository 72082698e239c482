"""Many at once on one loan: real connections, real locks; after each race the books are reconciled by the fixture."""

import asyncio
from datetime import UTC, date, datetime

from app.db.repositories import work as work_repository
from app.db.repositories.billing import runs
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.services import outbox
from app.services.billing import runs as billing
from app.services.lending import loans
from app.services.work import Desk, Work
from tests.services.lending_desk import FAR, OFFICER, LendingDesk


async def test_identical_payments_are_one_payment(lending: LendingDesk) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    receipts = await asyncio.gather(*(lending.pay(loan, amount=1_000_00, reference="same") for _ in range(40)))
    assert len({receipt.payment_id for receipt in receipts}) == 1
    assert sum(not receipt.replayed for receipt in receipts) == 1
    async with lending.desk.open(SYSTEM) as work:
        assert (await loans.view_loan(work, loan)).position.advance_paise == 1_000_00


async def test_different_payments_all_count(lending: LendingDesk) -> None:
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24)
    await asyncio.gather(*(lending.pay(loan, amount=100_01, reference=str(one)) for one in range(40)))
    async with lending.desk.open(SYSTEM) as work:
        assert (await loans.view_loan(work, loan)).position.advance_paise == 40 * 100_01


async def test_payments_race_two_runs_for_one_date(lending: LendingDesk) -> None:
    made = [await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12) for _ in range(12)]
    await lending.set_date(date(2027, 1, 25))
    async with lending.desk.open(OFFICER) as work:
        run_id = await billing.start_run(work)
    workers = [
        billing.run_billing(lending.desk, run_id=run_id, worker=f"worker {number}", until=FAR) for number in range(3)
    ]
    payments = [lending.pay(loan, amount=500_00, reference="race") for loan in made]
    await asyncio.gather(*workers, *payments)
    async with lending.desk.open(SYSTEM) as work:
        for loan in made:
            position = (await loans.view_loan(work, loan)).position
            assert position.next_cycle == 3
            # 435.00 + 65.00 of the first bill, whichever came first.
            assert position.principal_paise == 50_000_00 - 65_00


async def test_a_reversal_races_a_payment(lending: LendingDesk) -> None:
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
    async with lending.desk.open(SYSTEM) as work:
        position = (await loans.view_loan(work, loan)).position
    assert (position.open_bills, position.advance_paise) == ([], 0)


async def test_runs_are_started_while_the_run_in_the_way_ends(lending: LendingDesk) -> None:
    """Every start is answered with a run that is there, and no date ever has two open ones."""
    desk = Desk(sessions=lending.desk.sessions, doorbell=lending.desk.doorbell)
    started: set[int] = set()

    async def start() -> None:
        async with desk.open(OFFICER) as work:
            run_id = await billing.start_run(work)
            # Whoever started a run sees it open until their transaction ends.
            assert (await billing.get_run(work, run_id)).status == "running"
        started.add(run_id)
        async with desk.open(OFFICER) as work:
            await runs.finish_run(work.session, run_id, now=work.now)

    for _ in range(40):
        await asyncio.gather(*(start() for _ in range(10)))
    async with desk.open(OFFICER) as work:
        listed = await billing.list_runs(work, before=2**62, limit=1_000)
    assert {run.run_id for run in listed} == started
    assert {run.status for run in listed} == {"finished"}


async def test_a_run_that_ends_before_the_starter_commits_waits_for_it(lending: LendingDesk) -> None:
    async with lending.desk.open(OFFICER) as work:
        first = await billing.start_run(work)
    async with lending.desk.open(OFFICER) as work:
        assert await billing.start_run(work) == first
        ending = asyncio.create_task(finish(lending, first))
        await asyncio.sleep(0.2)
        assert not ending.done()
    await ending
    async with lending.desk.open(OFFICER) as work:
        assert await billing.start_run(work) > first


async def test_a_start_that_waits_for_the_end_of_a_run_opens_the_next(lending: LendingDesk) -> None:
    async with lending.desk.open(OFFICER) as work:
        first = await billing.start_run(work)

    async def start() -> int:
        async with lending.desk.open(OFFICER) as work:
            return await billing.start_run(work)

    async with lending.desk.open(OFFICER) as work:
        await runs.finish_run(work.session, first, now=work.now)
        starting = asyncio.create_task(start())
        await asyncio.sleep(0.2)
        assert not starting.done()
    assert await starting == first + 1


async def test_a_job_asked_for_while_it_waits_is_done_after_the_change(lending: LendingDesk) -> None:
    """Not before: what the second one changes is not there to be seen until its transaction ends."""
    done: list[str] = []

    async def deed(work: Work, payload: dict[str, object]) -> None:
        done.append("done")

    async with lending.desk.open(SYSTEM) as work:
        await work.enqueue("score_customer", key="7")
        (job,) = work.jobs
    async with lending.desk.open(SYSTEM) as work:
        await work.enqueue("score_customer", key="7")
        assert [one.outbox_id for one in work.jobs] == [job.outbox_id]
        assert not await outbox.perform(lending.desk, job.outbox_id, deed=deed)
    assert done == []
    assert await outbox.perform(lending.desk, job.outbox_id, deed=deed)
    assert done == ["done"]


async def test_a_long_job_asked_for_while_it_ends_is_not_done(lending: LendingDesk) -> None:
    """A run resumed in the moment in which its worker finds it paused goes on."""
    desk = Desk(sessions=lending.desk.sessions, doorbell=lending.desk.doorbell, clock=lambda: datetime.now(UTC))
    async with desk.open(OFFICER) as work:
        run_id = await billing.start_run(work)
        (job,) = work.jobs
        await billing.pause_run(work, run_id)

    async def finds_it_paused(desk: Desk, payload: dict[str, object]) -> bool:
        over = await billing.run_billing(desk, run_id=run_id, worker="test", until=FAR)
        async with desk.open(OFFICER) as work:
            await billing.resume_run(work, run_id)
        return over

    async def goes_on(desk: Desk, payload: dict[str, object]) -> bool:
        return await billing.run_billing(desk, run_id=run_id, worker="test", until=FAR)

    assert await outbox.perform_in_steps(desk, job.outbox_id, deed=finds_it_paused) is False
    assert await outbox.perform_in_steps(desk, job.outbox_id, deed=goes_on) is True
    async with desk.open(OFFICER) as work:
        assert (await billing.get_run(work, run_id)).status == "finished"


async def test_asking_for_a_run_whose_job_was_lost_brings_the_job_back(lending: LendingDesk) -> None:
    async with lending.desk.open(OFFICER) as work:
        run_id = await billing.start_run(work)
        await work_repository.finish_outbox(work.session, work.jobs[0].outbox_id, now=work.now)
    async with lending.desk.open(OFFICER) as work:
        assert await billing.start_run(work) == run_id
        assert [(job.name, job.key) for job in work.jobs] == [("run_billing", str(run_id))]


async def finish(lending: LendingDesk, run_id: int) -> None:
    async with lending.desk.open(OFFICER) as work:
        assert await runs.finish_run(work.session, run_id, now=work.now)
