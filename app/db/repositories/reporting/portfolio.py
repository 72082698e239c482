"""The sums of the portfolio. Each is one statement over stored figures.

The statements read whole tables, which takes about a second for a million loans, so `services.reporting.portfolio`
caches the results.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class ProductSums(NamedTuple):
    """The active loans of a product, and what is owed on them. Money in paise."""

    product: str
    loans: int
    principal_paise: int
    interest_paise: int
    charges_paise: int
    advance_paise: int


class MonthSum(NamedTuple):
    """The sum of a month. `month` is its first day."""

    month: date
    amount_paise: int


class AgeSums(NamedTuple):
    """The active loans of one age of debt. `age` is 0 without debt, 1 up to the first bound of days, and so on."""

    age: int
    loans: int
    principal_paise: int
    overdue_paise: int


class ScoreCount(NamedTuple):
    """How many customers have a latest score from `low` up to below `low` + 10."""

    scorecard: str
    low: int
    customers: int


_PRODUCTS = text(
    """
SELECT product_code, count(*), sum(principal_paise)::bigint, sum(interest_paise)::bigint, sum(charges_paise)::bigint,
       sum(advance_paise)::bigint
FROM loans WHERE status = 'active' GROUP BY product_code ORDER BY product_code
"""
)


async def sum_products(session: AsyncSession) -> Sequence[ProductSums]:
    """The amounts owed on active loans, by product."""
    return [ProductSums(*row) for row in await session.execute(_PRODUCTS)]


_DISBURSED = text(
    """
SELECT date_trunc('month', lent_on)::date AS month, sum(paise)::bigint
FROM (
    SELECT disbursed_on, disbursed_paise FROM loans
    UNION ALL
    SELECT made_on, (terms ->> 'amount_paise')::bigint FROM loan_changes WHERE kind = 'top_up' AND undone_on IS NULL
) AS lent (lent_on, paise)
WHERE lent_on >= :since AND lent_on <= :until GROUP BY 1 ORDER BY 1
"""
)
# No payment is booked before its value date: the first condition says nothing new, and has an index, which passes over
# the payments of earlier years.
_COLLECTED = text(
    """
SELECT date_trunc('month', value_date)::date AS month, sum(amount_paise)::bigint
FROM payments
WHERE booked_on >= :since AND reversed_on IS NULL AND value_date >= :since AND value_date <= :until
GROUP BY 1 ORDER BY 1
"""
)


async def sum_disbursed(session: AsyncSession, *, since: date, until: date) -> Sequence[MonthSum]:
    """The amounts lent, by month of disbursal, with the top-ups. Loans of every status count, undone top-ups do not."""
    return [MonthSum(*row) for row in await session.execute(_DISBURSED, {"since": since, "until": until})]


async def sum_collected(session: AsyncSession, *, since: date, until: date) -> Sequence[MonthSum]:
    """The amounts received, by month of value date. Reversed payments do not count."""
    return [MonthSum(*row) for row in await session.execute(_COLLECTED, {"since": since, "until": until})]


# As in a loan statement, overdue is what is unpaid of bills after their due dates, if it is at least the product's
# tolerance. The oldest such bill gives the age.
_AGES = text(
    """
WITH unpaid AS (
    SELECT customer_id, loan_id, min(due_on) AS oldest,
           sum(unpaid_charges_paise + unpaid_interest_paise + unpaid_principal_paise) AS overdue_paise
    FROM bills
    WHERE settled_on IS NULL AND due_on < :on
      AND unpaid_charges_paise + unpaid_interest_paise + unpaid_principal_paise > 0
    GROUP BY customer_id, loan_id
), late AS (
    SELECT unpaid.* FROM unpaid
    JOIN loans AS l ON l.customer_id = unpaid.customer_id AND l.id = unpaid.loan_id
    JOIN products AS p ON p.code = l.product_code AND p.version = l.product_version
    WHERE unpaid.overdue_paise >= coalesce((p.terms -> 'repayment' ->> 'tolerance_paise')::bigint, 0)
)
SELECT CASE WHEN late.oldest IS NULL THEN 0
            ELSE 1 + (SELECT count(*) FROM unnest(CAST(:bounds AS int[])) AS bound
                      WHERE CAST(:on AS date) - late.oldest > bound)
       END::int AS age,
       count(*), sum(loans.principal_paise)::bigint, coalesce(sum(late.overdue_paise), 0)::bigint
FROM loans LEFT JOIN late ON late.customer_id = loans.customer_id AND late.loan_id = loans.id
WHERE loans.status = 'active'
GROUP BY 1 ORDER BY 1
"""
)


async def sum_ages(session: AsyncSession, *, on: date, bounds: Sequence[int]) -> Sequence[AgeSums]:
    """Active loans by the age of their oldest overdue bill. `bounds` are the limits of the ages in days."""
    return [AgeSums(*row) for row in await session.execute(_AGES, {"on": on, "bounds": list(bounds)})]


_SCORES = text(
    """
SELECT scorecard_code, (floor(score / 10) * 10)::int AS low, count(*)
FROM (
    SELECT DISTINCT ON (customer_id, scorecard_code) scorecard_code, score
    FROM credit_scores ORDER BY customer_id, scorecard_code, id DESC
) AS latest
GROUP BY 1, 2 ORDER BY 1, 2
"""
)


async def count_scores(session: AsyncSession) -> Sequence[ScoreCount]:
    """Latest scores by scorecard, in steps of ten points."""
    return [ScoreCount(*row) for row in await session.execute(_SCORES)]
