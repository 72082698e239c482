"""Billing runs, the ranges that workers claim, and the loans that could not be billed.

A worker claims a range with a lease. If the worker dies, the range can be claimed again when the lease expires. The
transaction that writes the bills of a range also marks it as done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Boolean, ColumnElement, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import BillingRange, BillingRun, Loan, ParkedLoan


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """The progress of a run: its ranges, and the sums of those that are done."""

    run_id: int
    business_date: date
    status: str
    loans_due: int
    ranges: int
    ranges_done: int
    loans: int
    bills: int
    demanded_paise: int
    parked: int
    started_at: datetime
    finished_at: datetime | None
    accounts_due: int = 0
    accounts: int = 0
    statements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRange:
    """A range of a run that one worker has claimed until its lease expires."""

    run_id: int
    number: int
    from_customer_id: int
    to_customer_id: int
    business_date: date


# Written as text, without parameters: PostgreSQL must see these values to match the partial index.
OPEN_RUN = text("status IN ('running', 'paused')")
#: True if the statement inserted the row. In an existing row that it locked, `xmax` is this transaction.
IS_NEW: ColumnElement[bool] = literal_column("billing_runs.xmax = 0", Boolean)


async def find_last_finished_date(session: AsyncSession) -> date | None:
    """The latest business date with a finished run."""
    return (
        await session.execute(select(func.max(BillingRun.business_date)).where(BillingRun.status == "finished"))
    ).scalar_one()


class OpenRun(NamedTuple):
    """The open run of a date, and whether it was just opened."""

    run_id: int
    status: str
    is_new: bool


async def open_run(session: AsyncSession, *, business_date: date, actor: str, now: datetime) -> OpenRun:
    """Opens a run, or finds and locks the open run of that date.

    This is one statement on purpose: between an insert that fails and a second query, the open run could end. The
    database itself retries the insert if that happens.
    """
    statement = pg_insert(BillingRun).values(
        business_date=business_date, status="running", actor=actor, loans_due=0, started_at=now
    )
    found = await session.execute(
        statement.on_conflict_do_update(
            index_elements=["business_date"], index_where=OPEN_RUN, set_={"business_date": business_date}
        ).returning(BillingRun.id, BillingRun.status, IS_NEW)
    )
    return OpenRun(*found.one())


_CUT = text(
    """
WITH loans_due AS (
    SELECT customer_id FROM loans WHERE status = 'active' AND next_event_on <= :business_date
), accounts_due AS (
    SELECT customer_id FROM card_accounts WHERE status = 'open' AND next_event_on <= :business_date
), due AS (
    SELECT customer_id, (dense_rank() OVER (ORDER BY customer_id) - 1) / :size AS slice
    FROM (SELECT customer_id FROM loans_due UNION ALL SELECT customer_id FROM accounts_due) AS both_kinds
), cut AS (
    INSERT INTO billing_ranges (run_id, number, from_customer_id, to_customer_id, status, attempts, loans, bills,
                                demanded_paise, parked)
    SELECT :run_id, slice + 1, min(customer_id), max(customer_id), 'waiting', 0, 0, 0, 0, 0
    FROM due GROUP BY slice
)
UPDATE billing_runs SET loans_due = (SELECT count(*) FROM loans_due),
       accounts_due = (SELECT count(*) FROM accounts_due)
WHERE id = :run_id
"""
)


async def cut_ranges(session: AsyncSession, *, run_id: int, business_date: date, size: int) -> None:
    """Divides the due loans and card accounts of a run into ranges of `size` customers."""
    await session.execute(_CUT, {"run_id": run_id, "business_date": business_date, "size": size})


_SPANS = text(
    """
SELECT min(customer_id) AS first, max(customer_id) AS last FROM (
    SELECT customer_id, (dense_rank() OVER (ORDER BY customer_id) - 1) / :size AS slice
    FROM loans WHERE status = 'active' AND next_event_on <= :business_date
) AS due GROUP BY slice ORDER BY slice
"""
)


async def list_due_spans(session: AsyncSession, *, business_date: date, size: int) -> list[tuple[int, int]]:
    """Divides the due loans of a date into spans of `size` customers. Returns the first and last customer of each."""
    rows = await session.execute(_SPANS, {"business_date": business_date, "size": size})
    return [(row.first, row.last) for row in rows]


_CLAIM = text(
    """
UPDATE billing_ranges AS r SET status = 'claimed', claimed_by = :worker, leased_until = :until, attempts = attempts + 1
FROM billing_runs AS run
WHERE run.id = r.run_id AND run.status = 'running' AND r.run_id = :run_id AND r.number = (
    SELECT number FROM billing_ranges
    WHERE run_id = :run_id AND (status = 'waiting' OR (status = 'claimed' AND leased_until < :now))
    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING r.run_id, r.number, r.from_customer_id, r.to_customer_id, run.business_date
"""
)


async def claim_range(
    session: AsyncSession, *, run_id: int, worker: str, now: datetime, until: datetime
) -> ClaimedRange | None:
    """Claims the next free range of a run, or one with an expired lease. Returns None if there is none."""
    claimed = await session.execute(_CLAIM, {"run_id": run_id, "worker": worker, "now": now, "until": until})
    row = claimed.mappings().one_or_none()
    return None if row is None else ClaimedRange(**row)


async def finish_range(
    session: AsyncSession, claimed: ClaimedRange, *, worker: str, totals: "RangeTotals", now: datetime
) -> bool:
    """Marks a range as done, in the transaction that wrote its bills. Returns False if another worker claimed it."""
    statement = (
        update(BillingRange)
        .where(
            BillingRange.run_id == claimed.run_id,
            BillingRange.number == claimed.number,
            BillingRange.claimed_by == worker,
            BillingRange.status == "claimed",
        )
        .values(
            status="done",
            loans=totals.loans,
            bills=totals.bills,
            demanded_paise=totals.demanded_paise,
            parked=totals.parked,
            accounts=totals.accounts,
            statements=totals.statements,
            finished_at=now,
        )
        .returning(BillingRange.number)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


@dataclass(slots=True)
class RangeTotals:
    """The sums of a range."""

    loans: int = 0
    bills: int = 0
    demanded_paise: int = 0
    parked: int = 0
    accounts: int = 0
    statements: int = 0


async def finish_run(session: AsyncSession, run_id: int, *, now: datetime) -> bool:
    """Finishes a run if all its ranges are done. Returns whether this call finished it."""
    unfinished = select(BillingRange.number).where(BillingRange.run_id == run_id, BillingRange.status != "done")
    ended = await session.execute(
        update(BillingRun)
        .where(BillingRun.id == run_id, BillingRun.status == "running", ~unfinished.exists())
        .values(status="finished", finished_at=now)
        .returning(BillingRun.id)
    )
    return ended.scalar_one_or_none() is not None


async def is_run_over(session: AsyncSession, run_id: int) -> bool:
    """Whether workers have nothing left to do for a run."""
    status = (await session.execute(select(BillingRun.status).where(BillingRun.id == run_id))).scalar_one()
    return status != "running"


async def set_run_status(
    session: AsyncSession, run_id: int, *, before: Sequence[str], after: str, finished_at: datetime | None = None
) -> bool:
    """Changes the status of a run if it is one of `before`. Returns whether it was."""
    statement = (
        update(BillingRun)
        .where(BillingRun.id == run_id, BillingRun.status.in_(before))
        .values(status=after, finished_at=finished_at)
        .returning(BillingRun.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


_PROGRESS = """
SELECT run.id AS run_id, run.business_date, run.status, run.loans_due, run.accounts_due,
       run.started_at, run.finished_at,
       count(r.number) AS ranges, count(*) FILTER (WHERE r.status = 'done') AS ranges_done,
       coalesce(sum(r.loans), 0)::bigint AS loans, coalesce(sum(r.bills), 0)::bigint AS bills,
       coalesce(sum(r.accounts), 0)::bigint AS accounts, coalesce(sum(r.statements), 0)::bigint AS statements,
       coalesce(sum(r.demanded_paise), 0)::bigint AS demanded_paise, coalesce(sum(r.parked), 0)::bigint AS parked
FROM billing_runs AS run LEFT JOIN billing_ranges AS r ON r.run_id = run.id
"""


async def find_run(session: AsyncSession, run_id: int) -> RunProgress | None:
    """The progress of a run, or None."""
    found = await session.execute(text(_PROGRESS + "WHERE run.id = :run_id GROUP BY run.id"), {"run_id": run_id})
    row = found.mappings().one_or_none()
    return None if row is None else RunProgress(**row)


async def list_runs(session: AsyncSession, *, before: int, limit: int) -> list[RunProgress]:
    """The latest runs, newest first."""
    statement = text(_PROGRESS + "WHERE run.id < :before GROUP BY run.id ORDER BY run.id DESC LIMIT :limit")
    rows = await session.execute(statement, {"before": before, "limit": limit})
    return [RunProgress(**row) for row in rows.mappings()]


async def park_loan(
    session: AsyncSession, *, customer_id: int, loan_id: int, run_id: int, code: str, message: str, now: datetime
) -> None:
    """Stores that a run could not bill a loan, and why."""
    values = {"run_id": run_id, "code": code, "message": message, "parked_at": now}
    statement = pg_insert(ParkedLoan).values(customer_id=customer_id, loan_id=loan_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["customer_id", "loan_id"], set_=values))


class Parked(NamedTuple):
    """A loan that a run could not bill, and why."""

    loan_id: int
    disbursed_on: date
    code: str
    message: str
    parked_at: datetime


async def list_parked_loans(session: AsyncSession, run_id: int, *, limit: int) -> list[Parked]:
    """The loans that a run could not bill."""
    same = (Loan.customer_id == ParkedLoan.customer_id) & (Loan.id == ParkedLoan.loan_id)
    statement = (
        select(ParkedLoan.loan_id, Loan.disbursed_on, ParkedLoan.code, ParkedLoan.message, ParkedLoan.parked_at)
        .join(Loan, same)
        .where(ParkedLoan.run_id == run_id)
        .order_by(ParkedLoan.loan_id)
        .limit(limit)
    )
    return [Parked(*row) for row in await session.execute(statement)]
