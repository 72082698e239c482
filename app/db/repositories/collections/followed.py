"""What the work list needs of many customers at a day-end, and which day-ends it has followed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.collections.assigning import CaseKey
from app.db.repositories.collections.cases import case_of
from app.db.statements import Statement
from app.domain.collections.cases import Case
from app.domain.delinquency.facilities import FacilityKey
from app.domain.rulebook.kinds import ProductKind


class FollowedDay(NamedTuple):
    """A day-end: the business date on which it was begun, what was written, and whether it is done."""

    day: date
    ran_on: date
    cases: int
    verdicts: int
    finished_at: datetime | None


class DayRange(NamedTuple):
    """Customers who are still to be followed."""

    number: int
    customer_ids: Sequence[int]


# A promise that was judged is judged again when a payment of its loan or card was entered, or taken back, since then.
_CUSTOMERS = Statement(
    """
SELECT customer_id FROM delinquencies WHERE oldest_due_on IS NOT NULL
UNION
SELECT customer_id FROM collection_cases WHERE closed_on IS NULL
UNION
SELECT customer_id FROM collection_promises WHERE status = 'open'
UNION
SELECT p.customer_id FROM collection_promises AS p
JOIN payments AS m ON m.customer_id = p.customer_id AND m.loan_id = p.facility_id
WHERE p.kind = 'loan' AND p.status IN ('kept', 'broken') AND m.booked_on >= CAST(:since AS date)
UNION
SELECT p.customer_id FROM collection_promises AS p
JOIN payments AS m ON m.customer_id = p.customer_id AND m.loan_id = p.facility_id
WHERE p.kind = 'loan' AND p.status IN ('kept', 'broken') AND m.reversed_on >= CAST(:since AS date)
UNION
SELECT p.customer_id FROM collection_promises AS p
JOIN card_postings AS m ON m.customer_id = p.customer_id AND m.account_id = p.facility_id
WHERE p.kind = 'card' AND p.status IN ('kept', 'broken') AND m.kind IN ('payment', 'returned_payment')
  AND m.posted_on >= CAST(:since AS date)
ORDER BY 1
"""
)
# What was written off is not in the work list: nothing is due on it.
_LATE = Statement(
    """
SELECT customer_id, kind, facility_id, asset_class, oldest_due_on FROM delinquencies
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND oldest_due_on IS NOT NULL AND asset_class <> 'loss'
"""
)
_OVERDUE = Statement(
    """
SELECT customer_id, loan_id,
       sum(unpaid_charges_paise + unpaid_interest_paise + unpaid_principal_paise)::bigint AS overdue_paise
FROM bills
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND settled_on IS NULL AND due_on <= CAST(:through AS date)
GROUP BY customer_id, loan_id
"""
)
_CARDS = Statement(
    """
SELECT * FROM card_accounts
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND id = ANY(CAST(:account_ids AS bigint[]))
"""
)
_CASES = Statement(
    """
SELECT customer_id, kind, facility_id, opened_on, closed_on, oldest_due_on, asset_class, overdue_paise
FROM collection_cases WHERE customer_id = ANY(CAST(:customer_ids AS bigint[]))
"""
)
_CASE = {
    "customer_id": "bigint", "kind": "text", "facility_id": "bigint", "opened_on": "date", "closed_on": "date",
    "oldest_due_on": "date", "asset_class": "text", "overdue_paise": "bigint",
}  # fmt: skip
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _CASE.items())
# What was planned ends with the arrears; the officer stays.
_PUT = Statement(
    f"""
INSERT INTO collection_cases ({", ".join(_CASE)})
SELECT n.* FROM unnest({_ARRAYS}) AS n
ON CONFLICT (customer_id, kind, facility_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in list(_CASE)[3:])},
    next_action = CASE WHEN excluded.closed_on IS NULL THEN collection_cases.next_action END,
    next_action_on = CASE WHEN excluded.closed_on IS NULL THEN collection_cases.next_action_on END
"""  # noqa: S608 - only names of our own columns are put in
)


async def list_customers(session: AsyncSession, *, since: date) -> list[int]:
    """The customers whose cases or promises a day-end may change. `since` is when the day-end before was followed."""
    return [row.customer_id for row in await _CUSTOMERS.list(session, since=since)]


async def list_late(session: AsyncSession, customer_ids: Sequence[int]) -> Sequence[Any]:
    """The loans and cards of customers that have an unpaid instalment, with their classes."""
    return await _LATE.list(session, customer_ids=list(customer_ids))


async def sum_overdue(session: AsyncSession, customer_ids: Sequence[int], *, through: date) -> dict[CaseKey, int]:
    """What is unpaid of the bills of loans that were due by a day, in paise."""
    rows = await _OVERDUE.list(session, customer_ids=list(customer_ids), through=through)
    return {CaseKey(row.customer_id, FacilityKey(ProductKind.LOAN, row.loan_id)): row.overdue_paise for row in rows}


async def list_card_accounts(session: AsyncSession, keys: Sequence[CaseKey]) -> Sequence[Any]:
    """The rows of card accounts."""
    if not keys:
        return []
    return await _CARDS.list(
        session,
        customer_ids=[key.customer_id for key in keys],
        account_ids=[key.facility.number for key in keys],
    )


async def list_stored(session: AsyncSession, customer_ids: Sequence[int]) -> dict[CaseKey, Case]:
    """The cases of customers, open and closed."""
    rows = await _CASES.list(session, customer_ids=list(customer_ids))
    return {CaseKey(row.customer_id, FacilityKey(ProductKind(row.kind), row.facility_id)): case_of(row) for row in rows}


async def put_cases(session: AsyncSession, cases: dict[CaseKey, Case]) -> None:
    """Writes what a day-end changed."""
    if not cases:
        return
    rows = [
        (
            key.customer_id,
            key.facility.kind.value,
            key.facility.number,
            case.opened_on,
            case.closed_on,
            case.figures.oldest_due_on,
            case.figures.asset_class.value,
            case.figures.overdue_paise,
        )
        for key, case in cases.items()
    ]
    columns = zip(_CASE, zip(*rows, strict=True), strict=True)
    await _PUT.list(session, **{name: list(values) for name, values in columns})


# --- which day-ends ---------------------------------------------------------------------------------------------------

_LATEST = text("SELECT day, ran_on, cases, verdicts, finished_at FROM collection_days ORDER BY day DESC LIMIT 1")
_CLAIM = text(
    "SELECT number, customer_ids FROM collection_day_ranges WHERE day = :day AND cases IS NULL ORDER BY number LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
_FINISH = text(
    """
UPDATE collection_days AS d SET finished_at = :now, cases = r.cases, verdicts = r.verdicts
FROM (SELECT coalesce(sum(cases), 0) AS cases, coalesce(sum(verdicts), 0) AS verdicts,
             count(*) FILTER (WHERE cases IS NULL) AS waiting
      FROM collection_day_ranges WHERE day = :day) AS r
WHERE d.day = :day AND d.finished_at IS NULL AND r.waiting = 0
RETURNING d.cases, d.verdicts
"""
)


async def find_latest(session: AsyncSession) -> FollowedDay | None:
    """The latest day-end, followed or being followed."""
    row = (await session.execute(_LATEST)).one_or_none()
    return None if row is None else FollowedDay(*row)


async def open_day(
    session: AsyncSession, day: date, *, ran_on: date, ranges: Sequence[Sequence[int]], now: datetime
) -> bool:
    """Opens a day-end with the customers to follow. False if another worker has opened it."""
    opened = await session.execute(
        text(
            "INSERT INTO collection_days (day, ran_on, cases, verdicts, started_at) VALUES (:day, :ran_on, 0, 0, :now)"
            " ON CONFLICT DO NOTHING RETURNING day"
        ),
        {"day": day, "ran_on": ran_on, "now": now},
    )
    if opened.one_or_none() is None:
        return False
    if ranges:
        await session.execute(
            text("INSERT INTO collection_day_ranges (day, number, customer_ids) VALUES (:day, :number, :customer_ids)"),
            [
                {"day": day, "number": number, "customer_ids": list(customers)}
                for number, customers in enumerate(ranges, start=1)
            ],
        )
    return True


async def claim_range(session: AsyncSession, day: date) -> DayRange | None:
    """Customers whom no other worker is following. They are this transaction's until it ends."""
    row = (await session.execute(_CLAIM, {"day": day})).one_or_none()
    return None if row is None else DayRange(*row)


async def finish_range(session: AsyncSession, day: date, number: int, *, cases: int, verdicts: int) -> None:
    """Marks customers as followed, and counts what was written."""
    await session.execute(
        text(
            "UPDATE collection_day_ranges SET cases = :cases, verdicts = :verdicts"
            " WHERE day = :day AND number = :number"
        ),
        {"day": day, "number": number, "cases": cases, "verdicts": verdicts},
    )


async def finish_day(session: AsyncSession, day: date, *, now: datetime) -> tuple[int, int] | None:
    """Marks a day-end as followed. Returns how many cases and verdicts were written; None while another worker follows
    customers, or when another one has marked it."""
    row = (await session.execute(_FINISH, {"day": day, "now": now})).one_or_none()
    if row is None:
        return None
    await session.execute(text("DELETE FROM collection_day_ranges WHERE day = :day"), {"day": day})
    return row.cases, row.verdicts
