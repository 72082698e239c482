"""Files for credit bureaus: what loans are reported by, and every line as it was given."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Date, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_rows


class BureauFile(NamedTuple):
    """A file: its day, what it holds, what it was compared with, and how far it is."""

    as_on: date
    kind: str
    since: date | None
    known_on: date
    records: int
    after_customer_id: int
    made_at: datetime
    finished_at: datetime | None


class SaidRecord(NamedTuple):
    """A line that was given: as on which day, in which kind of file, known and made when."""

    as_on: date
    kind: str
    known_on: date
    made_at: datetime
    line: str


_FILE = "as_on, kind, since, known_on, records, after_customer_id, made_at, finished_at"


def _sum(account: str, *, credit: bool = False) -> str:
    debit, other = ("-amount_paise", "amount_paise") if credit else ("amount_paise", "-amount_paise")
    side = f"CASE WHEN debit = '{account}' THEN {debit} WHEN credit = '{account}' THEN {other} ELSE 0 END"
    return f"coalesce(sum({side}), 0)::bigint"


_PAGE = text(
    """
SELECT DISTINCT customer_id FROM loans WHERE customer_id > :after AND disbursed_on <= :as_on
ORDER BY customer_id LIMIT :customers
"""
)
_FACTS = text(
    f"""
SELECT l.customer_id, l.id, l.product_code, l.product_version, l.status, l.disbursed_on, l.closed_on,
       l.disbursed_paise, l.annual_rate_percent, l.instalments, s.emi_paise,
       moved.principal_paise, moved.interest_paise, moved.charges_paise, moved.advance_paise, moved.written_off_paise,
       coalesce(c.class_after, 'standard') AS asset_class, c.oldest_due_on, c.non_performing_since,
       (SELECT max(p.value_date) FROM payments AS p
        WHERE p.customer_id = l.customer_id AND p.loan_id = l.id AND p.reversed_on IS NULL AND p.value_date <= :as_on)
           AS last_paid_on,
       (SELECT b.line FROM bureau_records AS b
        WHERE b.customer_id = l.customer_id AND b.loan_id = l.id AND b.as_on < :as_on
        ORDER BY b.as_on DESC LIMIT 1) AS said
FROM loans AS l
JOIN schedules AS s ON s.customer_id = l.customer_id AND s.loan_id = l.id AND s.version = l.schedule_version
CROSS JOIN LATERAL (
    SELECT {_sum("principal")} AS principal_paise, {_sum("interest")} AS interest_paise,
           {_sum("charges")} AS charges_paise, {_sum("advance", credit=True)} AS advance_paise,
           coalesce(sum(CASE WHEN component = 'interest_suspense' THEN 0 WHEN debit = 'write_offs' THEN amount_paise
                             WHEN credit = 'write_offs' THEN -amount_paise ELSE 0 END), 0)::bigint AS written_off_paise
    FROM transfers AS t
    WHERE t.customer_id = l.customer_id AND t.loan_id = l.id AND t.value_date <= :as_on
) AS moved
LEFT JOIN LATERAL (
    SELECT class_after, oldest_due_on, non_performing_since FROM delinquency_changes AS d
    WHERE d.customer_id = l.customer_id AND d.kind = 'loan' AND d.facility_id = l.id AND d.known_until IS NULL
      AND d.changed_on <= :as_on
    ORDER BY d.changed_on DESC, d.number DESC LIMIT 1
) AS c ON true
WHERE l.customer_id = ANY(:customer_ids) AND l.disbursed_on <= :as_on
ORDER BY l.customer_id, l.id
"""  # noqa: S608 - only names of our own accounts are put in
).bindparams(bindparam("customer_ids", type_=ARRAY(BigInteger)))
_SAID = text(
    """
SELECT as_on, line FROM bureau_records
WHERE customer_id = :customer_id AND (as_on, loan_id) > (:after, :after_loan)
ORDER BY as_on, loan_id LIMIT :limit
"""
)
_SAID_IN = text("SELECT as_on, kind, known_on, made_at FROM bureau_files WHERE as_on = ANY(:days)").bindparams(
    bindparam("days", type_=ARRAY(Date))
)
_LINES = text(
    """
SELECT customer_id, loan_id, line FROM bureau_records
WHERE as_on = :as_on AND (customer_id, loan_id) > (:customer_id, :loan_id)
ORDER BY customer_id, loan_id LIMIT :limit
"""
)


# The key of a job is its day, as YYYY-MM-DD.
_EARLIER = text(
    """
SELECT EXISTS (SELECT FROM bureau_files WHERE as_on < :as_on AND finished_at IS NULL)
    OR EXISTS (SELECT FROM outbox WHERE job = 'make_bureau_file' AND done_at IS NULL AND key < :key)
"""
)


async def list_facts(session: AsyncSession, *, as_on: date, after: int, customers: int) -> Sequence[Any]:
    """The loans of the next customers as they stood at the end of a day, each with the last line that was given."""
    # Two statements: the second one names its customers, so that a cluster sends it to their servers.
    page = await session.scalars(_PAGE, {"as_on": as_on, "after": after, "customers": customers})
    return (await session.execute(_FACTS, {"as_on": as_on, "customer_ids": list(page)})).all()


async def find_file(session: AsyncSession, as_on: date) -> BureauFile | None:
    """The file of a day."""
    found = await session.execute(text(f"SELECT {_FILE} FROM bureau_files WHERE as_on = :as_on"), {"as_on": as_on})  # noqa: S608
    row = found.one_or_none()
    return None if row is None else BureauFile(*row)


async def list_files(session: AsyncSession, *, before: date, limit: int) -> list[BureauFile]:
    """The files of days before a day, the newest first."""
    statement = text(f"SELECT {_FILE} FROM bureau_files WHERE as_on < :before ORDER BY as_on DESC LIMIT :limit")  # noqa: S608
    return [BureauFile(*row) for row in await session.execute(statement, {"before": before, "limit": limit})]


async def is_earlier_to_be_made(session: AsyncSession, as_on: date) -> bool:
    """Whether the file of an earlier day is asked for, or begun and not complete. Workers take the jobs in any order,
    and a file is compared with those before it."""
    found: bool = await session.scalar(_EARLIER, {"as_on": as_on, "key": as_on.isoformat()})
    return found


async def open_file(
    session: AsyncSession, as_on: date, *, kind: str, since: date | None, known_on: date, now: datetime, actor: str
) -> None:
    """Opens the file of a day. Does nothing if it is there."""
    await session.execute(
        text(
            "INSERT INTO bureau_files (as_on, kind, since, known_on, records, after_customer_id, made_at, actor)"
            " VALUES (:as_on, :kind, :since, :known_on, 0, 0, :now, :actor) ON CONFLICT DO NOTHING"
        ),
        {"as_on": as_on, "kind": kind, "since": since, "known_on": known_on, "now": now, "actor": actor},
    )


async def claim_page(session: AsyncSession, file: BureauFile, *, through_customer_id: int, records: int) -> bool:
    """Marks customers as done. False if another worker has done them."""
    found = await session.execute(
        text(
            "UPDATE bureau_files SET after_customer_id = :through, records = records + :records"
            " WHERE as_on = :as_on AND after_customer_id = :after AND finished_at IS NULL RETURNING as_on"
        ),
        {
            "through": through_customer_id,
            "records": records,
            "as_on": file.as_on,
            "after": file.after_customer_id,
        },
    )
    return found.one_or_none() is not None


async def finish_file(session: AsyncSession, as_on: date, *, now: datetime) -> None:
    """Marks a file as complete."""
    await session.execute(
        text("UPDATE bureau_files SET finished_at = :now WHERE as_on = :as_on AND finished_at IS NULL"),
        {"now": now, "as_on": as_on},
    )


async def copy_lines(session: AsyncSession, records: Sequence[tuple[int, int, date, str]]) -> None:
    """Writes lines: customer, loan, day, line. Run a statement of the session before."""
    await copy_rows(session, "bureau_records", columns=["customer_id", "loan_id", "as_on", "line"], records=records)


async def list_lines(
    session: AsyncSession, as_on: date, *, after: tuple[int, int], limit: int
) -> list[tuple[int, int, str]]:
    """The next lines of a file, by customer and loan."""
    values = {"as_on": as_on, "customer_id": after[0], "loan_id": after[1], "limit": limit}
    return [(row.customer_id, row.loan_id, row.line) for row in await session.execute(_LINES, values)]


async def list_said(
    session: AsyncSession, customer_id: int, *, after: date, after_loan: int, limit: int
) -> list[SaidRecord]:
    """What was said about a borrower, the oldest first."""
    values = {"customer_id": customer_id, "after": after, "after_loan": after_loan, "limit": limit}
    lines = (await session.execute(_SAID, values)).all()
    files = {row.as_on: row for row in await session.execute(_SAID_IN, {"days": sorted({row.as_on for row in lines})})}
    return [
        SaidRecord(row.as_on, files[row.as_on].kind, files[row.as_on].known_on, files[row.as_on].made_at, row.line)
        for row in lines
    ]
