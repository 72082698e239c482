"""Bank transactions: written by the hundred thousand, read as sums."""

from dataclasses import fields

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_csv
from app.domain.scoring_facts import BankFacts

COLUMNS = ("customer_id", "import_id", "row_number", "transacted_on", "direction", "amount_paise", "description")

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

_REGISTERED = text(
    """
SELECT c.customer_id FROM customers AS c
WHERE c.state = 'customer' AND c.customer_id > :after AND EXISTS (
    SELECT FROM bank_transactions AS t WHERE t.customer_id = c.customer_id AND t.import_id = :import_id)
ORDER BY c.customer_id
LIMIT :limit
"""
)


async def add_transactions(session: AsyncSession, rows: bytes) -> None:
    """Copies rows of CSV, in the order of `COLUMNS`, into the table."""
    await copy_csv(session, table="bank_transactions", columns=COLUMNS, rows=rows)


async def get_bank_facts(session: AsyncSession, customer_id: int) -> BankFacts:
    """What a customer's transactions sum to; of nobody's transactions it is all zero and none."""
    row = (await session.execute(_FACTS, {"customer_id": customer_id})).one()
    return BankFacts(**{known.name: getattr(row, known.name) for known in fields(BankFacts)})


async def list_registered_of_import(session: AsyncSession, import_id: int, *, after: int, limit: int) -> list[int]:
    """A page of the registered customers who got rows from an import, in order."""
    found = await session.execute(_REGISTERED, {"import_id": import_id, "after": after, "limit": limit})
    return list(found.scalars())
