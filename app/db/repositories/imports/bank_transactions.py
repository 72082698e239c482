"""Bank transactions: written by the hundred thousand, read as sums."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_csv
from app.domain.credit.scoring_facts import BankFacts

COLUMNS = ("customer_id", "import_id", "row_number", "transacted_on", "direction", "amount_paise", "description")
KNOWN_COLUMNS = ("customer_id", "import_id", "of_import_id", "of_row_number", "row_number", "description")

# The year of recent credits ends with the latest transaction, which one pass can only know beforehand.
_FACTS = text(
    """
SELECT count(*) AS transactions,
       coalesce(sum(amount_paise) FILTER (WHERE direction = 'CREDIT'), 0)::bigint AS credits_paise,
       coalesce(sum(amount_paise) FILTER (WHERE direction = 'DEBIT'), 0)::bigint AS debits_paise,
       coalesce(sum(amount_paise) FILTER (
           WHERE direction = 'CREDIT' AND transacted_on > (latest.last_on - interval '12 months')::date), 0)::bigint
           AS recent_credits_paise,
       min(transacted_on) AS first_on,
       max(latest.last_on) AS last_on
FROM bank_transactions AS t
CROSS JOIN (SELECT max(transacted_on) AS last_on FROM bank_transactions WHERE customer_id = :customer_id) AS latest
WHERE t.customer_id = :customer_id
"""
)

_NUMBERS, _DAYS = ARRAY(BigInteger), ARRAY(Date)

_REGISTERED = text(
    """
SELECT c.customer_id FROM customers AS c
WHERE c.state = 'customer' AND c.customer_id > :after AND EXISTS (
    SELECT FROM bank_statements AS s WHERE s.customer_id = c.customer_id AND s.import_id = :import_id)
ORDER BY c.customer_id
LIMIT :limit
"""
)

_OTHER_STATEMENTS = text(
    """
SELECT s.customer_id, s.import_id FROM bank_statements AS s
JOIN unnest(:customers) AS n(customer_id) ON n.customer_id = s.customer_id
WHERE s.import_id <> :import_id AND s.first_on <= :last_on AND s.last_on >= :first_on
"""
).bindparams(bindparam("customers", type_=_NUMBERS))

_ADD_STATEMENTS = text(
    """
INSERT INTO bank_statements AS s (customer_id, import_id, first_on, last_on)
SELECT n.customer_id, :import_id, :first_on, :last_on FROM unnest(:customers) AS n(customer_id)
ON CONFLICT (customer_id, import_id) DO UPDATE
SET first_on = least(s.first_on, excluded.first_on), last_on = greatest(s.last_on, excluded.last_on)
"""
).bindparams(bindparam("customers", type_=_NUMBERS))

# A row that this import has met already is no longer looked for: in one file it is met once. A row that had no
# description has the one of the first row that met it.
_OTHERS = """
SELECT t.customer_id, t.transacted_on,
       CASE t.direction WHEN 'CREDIT' THEN t.amount_paise ELSE -t.amount_paise END AS paise,
       coalesce(t.description, d.description) AS description, t.import_id, t.row_number
FROM unnest(:customers, :imports) AS n(customer_id, import_id)
JOIN bank_transactions AS t ON t.customer_id = n.customer_id AND t.import_id = n.import_id
LEFT JOIN known_transactions AS k
  ON k.customer_id = t.customer_id AND k.import_id = :import_id
 AND k.of_import_id = t.import_id AND k.of_row_number = t.row_number
LEFT JOIN known_transactions AS d
  ON d.customer_id = t.customer_id AND d.of_import_id = t.import_id AND d.of_row_number = t.row_number
 AND d.description IS NOT NULL
"""
_IN_DAYS = "WHERE k.customer_id IS NULL AND t.transacted_on BETWEEN :first_on AND :last_on LIMIT :limit"
_WITH_AMOUNTS = """
JOIN unnest(:holders, :days, :amounts) AS g(customer_id, transacted_on, amount_paise)
  ON g.customer_id = t.customer_id AND g.transacted_on = t.transacted_on AND g.amount_paise = t.amount_paise
WHERE k.customer_id IS NULL
"""
_PAIRS = (bindparam("customers", type_=_NUMBERS), bindparam("imports", type_=_NUMBERS))
_OTHERS_IN_DAYS = text(_OTHERS + _IN_DAYS).bindparams(*_PAIRS)
_OTHERS_LIKE = text(_OTHERS + _WITH_AMOUNTS).bindparams(
    *_PAIRS,
    bindparam("holders", type_=_NUMBERS),
    bindparam("days", type_=_DAYS),
    bindparam("amounts", type_=_NUMBERS),
)

#: A customer and one of the imports that brought rows of theirs.
Statement = tuple[int, int]


async def add_transactions(session: AsyncSession, rows: bytes) -> None:
    """Copies rows of CSV, in the order of `COLUMNS`, into the table."""
    await copy_csv(session, table="bank_transactions", columns=COLUMNS, rows=rows)


async def add_statements(
    session: AsyncSession, import_id: int, *, customers: Sequence[int], first_on: date, last_on: date
) -> None:
    """Notes that an import brings rows of some customers, between two days or fewer."""
    values = {"import_id": import_id, "customers": list(customers), "first_on": first_on, "last_on": last_on}
    await session.execute(_ADD_STATEMENTS, values)


async def list_other_statements(
    session: AsyncSession, import_id: int, *, customers: Sequence[int], first_on: date, last_on: date
) -> list[Statement]:
    """What other imports may have brought of the customers between two days."""
    values = {"import_id": import_id, "customers": list(customers), "first_on": first_on, "last_on": last_on}
    return [(row.customer_id, row.import_id) for row in await session.execute(_OTHER_STATEMENTS, values)]


async def list_others_in_days(
    session: AsyncSession, import_id: int, *, statements: Sequence[Statement], first_on: date, last_on: date, limit: int
) -> Sequence[Any]:
    """Rows of statements between two days that this import has not met yet, as customer_id, transacted_on, paise (less
    than 0 for a debit), description, import_id, row_number; at most `limit`."""
    days = {"first_on": first_on, "last_on": last_on, "limit": limit}
    found = await session.execute(_OTHERS_IN_DAYS, _of_statements(import_id, statements) | days)
    return found.all()


async def list_others_like(
    session: AsyncSession, import_id: int, *, statements: Sequence[Statement], like: Sequence[tuple[int, date, int]]
) -> Sequence[Any]:
    """The same, of all days, where a row has the customer, the day and the amount of one of `like`."""
    holders, days, amounts = (list(column) for column in zip(*like, strict=True))
    wanted = {"holders": holders, "days": days, "amounts": amounts}
    return (await session.execute(_OTHERS_LIKE, _of_statements(import_id, statements) | wanted)).all()


def _of_statements(import_id: int, statements: Sequence[Statement]) -> dict[str, Any]:
    customers, imports = (list(column) for column in zip(*statements, strict=True))
    return {"import_id": import_id, "customers": customers, "imports": imports}


async def add_known(session: AsyncSession, rows: bytes) -> None:
    """Copies, as CSV in the order of `KNOWN_COLUMNS`, which rows of a file were there already, and as which."""
    await copy_csv(session, table="known_transactions", columns=KNOWN_COLUMNS, rows=rows)


async def get_bank_facts(session: AsyncSession, customer_id: int) -> BankFacts:
    """What a customer's transactions sum to; of nobody's transactions it is all zero and none."""
    row = (await session.execute(_FACTS, {"customer_id": customer_id})).one()
    return BankFacts(**{known.name: getattr(row, known.name) for known in fields(BankFacts)})


async def list_registered_of_import(session: AsyncSession, import_id: int, *, after: int, limit: int) -> list[int]:
    """A page of the registered customers who got rows from an import, in order."""
    found = await session.execute(_REGISTERED, {"import_id": import_id, "after": after, "limit": limit})
    return list(found.scalars())
