"""The daily run: make sure that every business date up to today is closed.

A run is a row; its work is cut into ranges of customers that any number of workers claim under a lease. A range is one
transaction: read the due loans, decide each with the same pure function that a single payment uses, write the loans by
comparing their versions, and copy the rows of those that were written. A loan that a payment changed in between is
decided again; one that cannot be decided is parked with its reason, and the others go on. Killing a worker costs the
range it held, whose transaction never happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog

from app.db.models import ParkedLoan
from app.db.repositories import billing as bill_repository
from app.db.repositories import billing_runs as repository
from app.db.repositories import ledger as ledger_repository
from app.db.repositories import positions as position_repository
from app.db.repositories import products as product_repository
from app.db.repositories import schedules as schedule_repository
from app.db.repositories.billing_runs import ClaimedRange, RangeTotals, RunProgress
from app.db.repositories.loans import LoanKey, ProductKey
from app.db.repositories.positions import Stored
from app.db.session import RefusedByDatabase
from app.domain.access import SYSTEM
from app.domain.billing import Billing, catch_up
from app.domain.errors import DomainError, Invalid, NotFound
from app.domain.products import RepaymentTerms
from app.services import loans
from app.services.work import Desk, Work

#: Customers in a range: a fraction of a second of work, so that a lost one costs little.
RANGE_SIZE = 1_000
LEASE = timedelta(seconds=30)
JOB = "run_billing"

log = structlog.get_logger(__name__)


class RunNotFound(NotFound):
    """There is no such run."""

    code = "billing_run_not_found"


class RunDateInFuture(Invalid):
    """A date that has not come yet cannot be closed."""

    code = "run_date_in_future"


class LeaseLost(Exception):
    """The lease ended before the work did; whoever holds the range now does it."""


@dataclass(slots=True)
class Batch:
    """What the loans of a range came to, ready to be written."""

    billings: list[Billing] = field(default_factory=list)
    refused: list[tuple[LoanKey, str, str]] = field(default_factory=list)


async def start_run(work: Work, *, business_date: date | None = None) -> int:
    """Opens the run for a business date (default: today's) and asks workers to do it; an open one is answered as it is.

    Raises RunDateInFuture.
    """
    today = await work.business_date()
    target = business_date or today
    if target > today:
        raise RunDateInFuture(f"the business date is {today}", field="business_date")
    run_id = await repository.add_run(work.session, business_date=target, actor=work.actor.label, now=work.now)
    if run_id is None:
        found = await repository.find_open_run(work.session, target)
        assert found is not None, "only an open run stands in the way of another"
        return found
    await repository.cut_ranges(work.session, run_id=run_id, business_date=target, size=RANGE_SIZE)
    await work.enqueue(JOB, key=str(run_id), payload={"run_id": run_id})
    return run_id


async def get_run(work: Work, run_id: int) -> RunProgress:
    """How far a run is. Raises RunNotFound."""
    progress = await repository.find_run(work.session, run_id)
    if progress is None:
        raise RunNotFound("there is no such run", field="run_id")
    return progress


async def list_runs(work: Work, *, before: int, limit: int) -> list[RunProgress]:
    """The latest runs, newest first."""
    return await repository.list_runs(work.session, before=before, limit=limit)


async def list_parked(work: Work, run_id: int, *, limit: int) -> Sequence[ParkedLoan]:
    """The loans that a run could not bill. Raises RunNotFound."""
    await get_run(work, run_id)
    return await repository.list_parked_loans(work.session, run_id, limit=limit)


async def close_until_today(desk: Desk) -> int | None:
    """Opens the run for today unless it was done already; what cron calls, as often as it likes."""
    async with desk.open(SYSTEM) as work:
        last = await repository.find_last_finished_date(work.session)
        if last is not None and last >= await work.business_date():
            return None
        return await start_run(work)


async def run_billing(desk: Desk, *, run_id: int, worker: str, until: datetime) -> bool:
    """Works on a run, range by range, until it is done (True) or the time is up (False)."""
    while True:
        async with desk.open(SYSTEM) as work:
            claimed = await repository.claim_range(
                work.session, run_id=run_id, worker=worker, now=work.now, until=work.now + LEASE
            )
            if claimed is None:
                return await repository.finish_run(work.session, run_id, now=work.now)
        await bill_range(desk, claimed, worker=worker)
        if desk.clock() >= until:
            return False


async def bill_range(desk: Desk, claimed: ClaimedRange, *, worker: str) -> None:
    """Bills one range, exactly once: its bills and the mark that it is done are one transaction."""
    try:
        await _bill_whole_range(desk, claimed, worker=worker, one_by_one=False)
    except RefusedByDatabase as error:
        # Some loan's rows do not fit. Loan by loan, only that one stays behind.
        log.warning("range refused by the database", number=claimed.number, error=type(error.orig).__name__)
        await _bill_whole_range(desk, claimed, worker=worker, one_by_one=True)
    except LeaseLost:
        log.warning("lease lost", run_id=claimed.run_id, number=claimed.number)


async def _bill_whole_range(desk: Desk, claimed: ClaimedRange, *, worker: str, one_by_one: bool) -> None:
    async with desk.open(SYSTEM) as work:
        totals = RangeTotals()
        parked: set[LoanKey] = set()
        terms: dict[ProductKey, RepaymentTerms] = {}
        # What a payment changed in between is due still, and is found and decided again.
        while due := [one for one in await _read_due(work, claimed, terms=terms) if key_of(one) not in parked]:
            batch = decide_batch(due, through=claimed.business_date, terms=terms)
            for key, code, message in batch.refused:
                await _park(work, claimed, key, code=code, message=message)
                parked.add(key)
            if one_by_one:
                await _write_one_by_one(work, claimed, batch, totals=totals, parked=parked)
            else:
                await _write(work, claimed.run_id, batch.billings, totals=totals)
        totals.parked = len(parked)
        if not await repository.finish_range(work.session, claimed, worker=worker, totals=totals, now=work.now):
            raise LeaseLost


def key_of(stored: Stored) -> LoanKey:
    """The loan that a stored row is of."""
    return LoanKey(stored.row.customer_id, stored.row.id)


async def _read_due(work: Work, claimed: ClaimedRange, *, terms: dict[ProductKey, RepaymentTerms]) -> list[Stored]:
    due = await position_repository.list_due_loans(
        work.session,
        from_customer_id=claimed.from_customer_id,
        to_customer_id=claimed.to_customer_id,
        through=claimed.business_date,
    )
    for product in {stored.product for stored in due} - terms.keys():
        terms[product] = (await product_repository.get_product(work.session, *product)).repayment
    return due


def decide_batch(due: Sequence[Stored], *, through: date, terms: Mapping[ProductKey, RepaymentTerms]) -> Batch:
    """Decides every loan, each on its own: what is wrong with one is kept with its name, and the others go on."""
    batch = Batch()
    for stored in due:
        try:
            position = position_repository.position_of(stored.row, terms[stored.product])
            batch.billings.append(catch_up(position, through=through))
        except DomainError as error:
            batch.refused.append((key_of(stored), error.code, error.message))
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
            # A broken loan must not keep a million others from being billed.
            log.exception("loan cannot be billed", loan_id=stored.row.id)
            batch.refused.append((key_of(stored), "loan_broken", f"{type(error).__name__} while billing"))
    return batch


async def _write(work: Work, run_id: int, billings: Sequence[Billing], *, totals: RangeTotals) -> None:
    """Writes the loans by comparing versions, and for the ones that were written everything that leads there."""
    written = await position_repository.update_loans(work.session, [billing.decision.position for billing in billings])
    bills, transfers, states, kept = [], [], [], []
    for billing in billings:
        decision = billing.decision
        position = decision.position
        key = LoanKey(position.customer_id, position.loan_id)
        if key not in written:
            continue
        kept.append(key)
        bills += bill_repository.bill_records(position, billing.bills, decision.states, run_id=run_id)
        transfers += [(*key, *transfer) for transfer in decision.transfers]
        states += loans.changed_states(decision, {bill.cycle for bill in billing.bills})
        await schedule_repository.add_plans(work.session, position, decision.plans)
        totals.demanded_paise += sum(bill.interest_paise + bill.principal_due_paise for bill in billing.bills)
    await bill_repository.copy_rows(work.session, "bills", columns=bill_repository.BILL_COLUMNS, records=bills)
    await bill_repository.copy_rows(
        work.session, "transfers", columns=ledger_repository.TRANSFER_COLUMNS, records=transfers
    )
    await bill_repository.update_bill_states(work.session, states)
    await repository.unpark_loans(work.session, kept)
    totals.loans += len(kept)
    totals.bills += len(bills)


async def _write_one_by_one(
    work: Work, claimed: ClaimedRange, batch: Batch, *, totals: RangeTotals, parked: set[LoanKey]
) -> None:
    """The slow way, after the database refused a batch: each loan under a savepoint of its own."""
    for billing in batch.billings:
        position = billing.decision.position
        key = LoanKey(position.customer_id, position.loan_id)
        try:
            async with work.session.begin_nested():
                await _write(work, claimed.run_id, [billing], totals=totals)
        except RefusedByDatabase as error:
            await _park(work, claimed, key, code="refused_by_database", message=type(error.orig).__name__)
            parked.add(key)


async def _park(work: Work, claimed: ClaimedRange, key: LoanKey, *, code: str, message: str) -> None:
    await repository.park_loan(
        work.session,
        customer_id=key.customer_id,
        loan_id=key.loan_id,
        run_id=claimed.run_id,
        code=code,
        message=message,
        now=work.now,
    )
