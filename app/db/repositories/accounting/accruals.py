"""Loans and card accounts that bore interest on a day, some hundred at a time, and which of them are non-performing."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.cards.accounts import COLUMNS, AccountKey
from app.db.repositories.lending.loans import ProductKey
from app.db.repositories.lending.positions import POSITIONS, Stored
from app.db.session import Record
from app.db.statements import Statement

_ON_THE_BOOKS = "l.disbursed_on <= :on AND (l.closed_on IS NULL OR l.closed_on > :on)"
_SPAN = Statement(
    f"""
SELECT min(customer_id) AS first, max(customer_id) AS last
FROM (SELECT l.customer_id FROM loans AS l WHERE l.customer_id > :after AND {_ON_THE_BOOKS}
      ORDER BY l.customer_id LIMIT :limit) AS page
"""  # noqa: S608 - no value is put in
)
# The bounds are repeated for each joined table, because the planner does not infer them.
_LOANS = Statement(
    POSITIONS.format(further="10000", of="BETWEEN :first AND :last")
    + f"WHERE l.customer_id BETWEEN :first AND :last AND {_ON_THE_BOOKS}\n"
)
_NON_PERFORMING = Statement(
    "SELECT facility_id FROM delinquencies "
    "WHERE customer_id BETWEEN :first AND :last AND kind = 'loan' AND non_performing_since <= :on"
)


_CARD_ACCOUNTS = Statement(
    f"""
SELECT {", ".join(f"a.{name}" for name in COLUMNS)}, d.facility_id IS NOT NULL AS is_non_performing
FROM card_accounts AS a
LEFT JOIN delinquencies AS d ON d.customer_id = a.customer_id AND d.kind = 'card' AND d.facility_id = a.id
  AND d.non_performing_since <= :on
WHERE a.opened_on <= :on AND (a.ended_on IS NULL OR a.ended_on > :on)
  AND (a.customer_id, a.id) > (:customer_id, :account_id)
ORDER BY a.customer_id, a.id LIMIT :limit
"""  # noqa: S608 - only names of our own columns are put in
)


class CardOfDay(NamedTuple):
    """A card account that was open at the end of a day."""

    key: AccountKey
    row: Record
    is_non_performing: bool


async def find_card_accounts(session: AsyncSession, *, on: date, after: AccountKey, limit: int) -> list[CardOfDay]:
    """The next card accounts, in order of their customers."""
    rows = await _CARD_ACCOUNTS.list(session, on=on, limit=limit, **after._asdict())
    return [CardOfDay(AccountKey(row.customer_id, row.id), row, row.is_non_performing) for row in rows]


class LoansOfDay(NamedTuple):
    """Loans that were on the books on a day, and the numbers of those that are non-performing since then or before.
    `last` is the last customer; ask for those after."""

    last: int
    loans: list[Stored]
    non_performing: frozenset[int]


async def find_loans(session: AsyncSession, *, on: date, after: int, limit: int) -> LoansOfDay | None:
    """The loans of the next customers; None if there are no more."""
    span = await _SPAN.find(session, on=on, after=after, limit=limit)
    if span.last is None:
        return None
    bounds = {"first": span.first, "last": span.last, "on": on}
    rows = await _LOANS.list(session, **bounds)
    late = await _NON_PERFORMING.list(session, **bounds)
    return LoansOfDay(
        span.last,
        [Stored(ProductKey(row.product_code, row.product_version), row) for row in rows],
        frozenset(row.facility_id for row in late),
    )
