"""The book of a day by class, vintages and roll rates: sums over all loans, each one statement.

Balances are the sums of the ledger by value date, classes are what is believed now of the day. They read whole tables.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.provisions import BookLine
from app.domain.delinquency.risk import Roll, VintageCount


def _states(day: str) -> str:
    """The latest believed change of each loan until a day."""
    return f"""
    SELECT DISTINCT ON (customer_id, facility_id) customer_id, facility_id, class_after, oldest_due_on
    FROM delinquency_changes
    WHERE kind = 'loan' AND known_until IS NULL AND changed_on <= :{day}
    ORDER BY customer_id, facility_id, changed_on DESC, number DESC
"""  # noqa: S608 - only the name of a value is put in


def _balance(account: str, *, debit: str, credit: str) -> str:
    side = f"CASE WHEN debit = '{account}' THEN {debit} WHEN credit = '{account}' THEN {credit} ELSE 0 END"
    return f"coalesce(sum({side}), 0)::bigint"


_OWED = f"""
    SELECT customer_id, loan_id,
           {_balance("principal", debit="amount_paise", credit="-amount_paise")} AS principal_paise,
           {_balance("interest", debit="amount_paise", credit="-amount_paise")} AS interest_paise,
           {_balance("interest_suspense", debit="-amount_paise", credit="amount_paise")} AS suspended_paise
    FROM transfers WHERE value_date <= :on GROUP BY customer_id, loan_id
"""  # noqa: S608 - only names of our own accounts are put in
_BOOK = text(
    f"""
WITH states AS ({_states("on")}), owed AS ({_OWED})
SELECT coalesce(states.class_after, 'standard') AS asset_class,
       coalesce((p.terms -> 'offer' ->> 'is_secured')::boolean, false) AS is_secured,
       CASE WHEN states.oldest_due_on IS NULL THEN 0
            ELSE 1 + (SELECT count(*) FROM unnest(CAST(:bounds AS int[])) AS bound
                      WHERE CAST(:on AS date) - states.oldest_due_on + 1 > bound)
       END::int AS age,
       count(*) AS loans, sum(owed.principal_paise)::bigint AS principal_paise,
       sum(owed.interest_paise)::bigint AS interest_paise, sum(owed.suspended_paise)::bigint AS suspended_paise
FROM loans AS l
JOIN owed ON owed.customer_id = l.customer_id AND owed.loan_id = l.id
JOIN products AS p ON p.code = l.product_code AND p.version = l.product_version
LEFT JOIN states ON states.customer_id = l.customer_id AND states.facility_id = l.id
WHERE l.disbursed_on <= :on AND (l.closed_on IS NULL OR l.closed_on > :on)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608
)
_VINTAGES = text(
    """
WITH failed AS (
    SELECT customer_id, facility_id, min(changed_on) AS failed_on
    FROM delinquency_changes
    WHERE kind = 'loan' AND known_until IS NULL AND changed_on <= :on AND class_after = ANY(CAST(:classes AS text[]))
    GROUP BY customer_id, facility_id
)
SELECT date_trunc('month', l.disbursed_on)::date AS month, NULL::date AS failed_in, count(*) AS loans,
       sum(l.disbursed_paise)::bigint AS disbursed_paise
FROM loans AS l WHERE l.disbursed_on <= :on GROUP BY 1
UNION ALL
SELECT date_trunc('month', l.disbursed_on)::date,
       date_trunc('month', failed_on)::date, count(*), sum(l.disbursed_paise)::bigint
FROM loans AS l JOIN failed ON failed.customer_id = l.customer_id AND failed.facility_id = l.id
WHERE l.disbursed_on <= :on GROUP BY 1, 2
"""
)
_ROLLS = text(
    f"""
WITH earlier AS ({_states("on")}), later AS ({_states("until")}), owed AS ({_OWED})
SELECT coalesce(earlier.class_after, 'standard') AS before,
       CASE WHEN l.closed_on IS NULL OR l.closed_on > :until THEN coalesce(later.class_after, 'standard')
            WHEN l.status = 'written_off' THEN 'written_off' ELSE 'closed' END AS after,
       count(*) AS loans, sum(owed.principal_paise)::bigint AS principal_paise
FROM loans AS l
JOIN owed ON owed.customer_id = l.customer_id AND owed.loan_id = l.id
LEFT JOIN earlier ON earlier.customer_id = l.customer_id AND earlier.facility_id = l.id
LEFT JOIN later ON later.customer_id = l.customer_id AND later.facility_id = l.id
WHERE l.disbursed_on <= :on AND (l.closed_on IS NULL OR l.closed_on > :on)
GROUP BY 1, 2
"""  # noqa: S608
)


async def sum_book(session: AsyncSession, *, on: date, bounds: Sequence[int]) -> list[BookLine]:
    """The loans on the books at a day-end, by class, security and age. `bounds` are the last days of the ages."""
    rows = await session.execute(_BOOK, {"on": on, "bounds": list(bounds)})
    return [BookLine(**{**row, "asset_class": AssetClass(row["asset_class"])}) for row in rows.mappings()]


async def count_vintages(session: AsyncSession, *, on: date, classes: Sequence[AssetClass]) -> list[VintageCount]:
    """The loans of each month of disbursal, and of them those that came into one of these classes, by age."""
    values = {"on": on, "classes": [each.value for each in classes]}
    return [VintageCount(**row) for row in (await session.execute(_VINTAGES, values)).mappings()]


async def sum_rolls(session: AsyncSession, *, on: date, until: date) -> list[Roll]:
    """How the loans on the books at one day-end stand at a later one."""
    rows = await session.execute(_ROLLS, {"on": on, "until": until})
    return [Roll(**row) for row in rows.mappings()]
