"""Loans of other lenders. They are imported from files, read as facts, and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date

from sqlalchemy import BigInteger, Text, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.copying import copy_csv
from app.db.models import ExternalLoan as ExternalLoanRow
from app.db.models.lending import loan_numbers
from app.db.repositories import public_ids
from app.domain.credit.scoring_facts import LoanFacts
from app.domain.lending.external_loans import ExternalLoan

#: Stands in place of the product code of our loans.
COLUMNS = (
    "customer_id", "id", "external_id", "amount_paise", "tenure", "annual_rate_percent", "instalment_paise",
    "paid_on_time", "approved_on", "ends_on", "import_id", "row_number",
)  # fmt: skip

_FOUND = [
    ExternalLoanRow.id.label("loan_id"),
    *(getattr(ExternalLoanRow, known.name) for known in fields(ExternalLoan) if known.name != "loan_id"),
]


async def find_external_loan(session: AsyncSession, loan_id: int) -> ExternalLoan | None:
    """The external loan with this loan number. None if there is no such loan, or if it is one of our loans."""
    owner = await public_ids.find_owner(session, "loan", loan_id)
    if owner is None or owner.year is not None:
        return None
    statement = select(*_FOUND).where(ExternalLoanRow.customer_id == owner.customer_id, ExternalLoanRow.id == loan_id)
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else ExternalLoan(**row)


async def list_for_customer(
    session: AsyncSession, customer_id: int, *, after: int = 0, limit: int | None = None
) -> list[ExternalLoan]:
    """A customer's external loans, including ended ones, in order of their numbers."""
    statement = (
        select(*_FOUND)
        .where(ExternalLoanRow.customer_id == customer_id, ExternalLoanRow.id > after)
        .order_by(ExternalLoanRow.id)
        .limit(limit)
    )
    return [ExternalLoan(**row) for row in (await session.execute(statement)).mappings()]


_FACTS = text(
    """
SELECT count(*) AS loans_taken,
       count(*) FILTER (WHERE date_part('year', approved_on) = date_part('year', CAST(:as_of AS date)))
           AS loans_this_year,
       coalesce(sum(amount_paise), 0)::bigint AS volume_paise,
       coalesce(sum(amount_paise) FILTER (WHERE ends_on >= :as_of), 0)::bigint AS active_paise,
       coalesce(sum(instalment_paise) FILTER (WHERE ends_on >= :as_of), 0)::bigint AS active_emi_paise,
       coalesce(sum(tenure), 0)::bigint AS instalments,
       coalesce(sum(paid_on_time), 0)::bigint AS paid_on_time,
       min(approved_on) AS first_on
FROM external_loans
WHERE customer_id = :customer_id AND approved_on <= :as_of
"""
)


async def get_loan_facts(session: AsyncSession, customer_id: int, *, as_of: date) -> LoanFacts:
    """The sums of a customer's external loans as of a date. For the share paid on time, the whole tenure counts."""
    row = (await session.execute(_FACTS, {"customer_id": customer_id, "as_of": as_of})).mappings().one()
    return LoanFacts(**row)


async def count_external_loans(session: AsyncSession) -> int:
    """How many external loans there are."""
    return int((await session.execute(select(func.count()).select_from(ExternalLoanRow))).scalar_one())


# --- imports ---

_KNOWN = text(
    """
SELECT e.customer_id, e.external_id FROM external_loans AS e
JOIN unnest(:customers, :ids) AS n(customer_id, external_id)
  ON n.customer_id = e.customer_id AND n.external_id = e.external_id
"""
).bindparams(bindparam("customers", type_=ARRAY(BigInteger)), bindparam("ids", type_=ARRAY(Text)))

_ADD_PUBLIC_IDS = text(
    """
INSERT INTO public_ids (kind, number, customer_id)
SELECT 'loan', n.number, n.customer_id FROM unnest(:numbers, :customers) AS n(number, customer_id)
"""
).bindparams(bindparam("numbers", type_=ARRAY(BigInteger)), bindparam("customers", type_=ARRAY(BigInteger)))


async def list_known(
    session: AsyncSession, *, customers: Sequence[int], external_ids: Sequence[str]
) -> set[tuple[int, str]]:
    """Which of the pairs of customer and external id exist already."""
    found = await session.execute(_KNOWN, {"customers": list(customers), "ids": list(external_ids)})
    return {(row.customer_id, row.external_id) for row in found}


async def list_next_loan_numbers(session: AsyncSession, count: int) -> list[int]:
    """`count` new loan numbers, in order."""
    numbers = select(loan_numbers.next_value()).select_from(func.generate_series(1, count))
    return sorted((await session.execute(numbers)).scalars())


async def add_external_loans(session: AsyncSession, rows: bytes, *, owners: Mapping[int, int]) -> None:
    """Copies loans, as CSV in the order of `COLUMNS`. `owners` is the customer of each loan number."""
    await session.execute(_ADD_PUBLIC_IDS, {"numbers": list(owners), "customers": list(owners.values())})
    await copy_csv(session, table="external_loans", columns=COLUMNS, rows=rows)


_SCORABLE = text(
    """
SELECT DISTINCT e.customer_id FROM external_loans AS e
JOIN customers AS c ON c.customer_id = e.customer_id AND c.state = 'customer'
WHERE e.import_id = :import_id AND EXISTS (SELECT FROM bank_transactions AS t WHERE t.customer_id = e.customer_id)
ORDER BY e.customer_id
"""
)


_SCORABLE_CUSTOMERS = text(
    """
SELECT c.customer_id FROM customers AS c
JOIN unnest(:customers) AS n(customer_id) ON n.customer_id = c.customer_id
WHERE c.state = 'customer' AND EXISTS (SELECT FROM bank_transactions AS t WHERE t.customer_id = c.customer_id)
ORDER BY c.customer_id
"""
).bindparams(bindparam("customers", type_=ARRAY(BigInteger)))


async def list_scorable(session: AsyncSession, *, customers: Sequence[int]) -> list[int]:
    """Those of the customers who are registered and have bank transactions, so that they can be scored."""
    return list((await session.execute(_SCORABLE_CUSTOMERS, {"customers": list(customers)})).scalars())


async def list_scorable_of_import(session: AsyncSession, import_id: int) -> list[int]:
    """The customers of an import of loans who are registered and have bank transactions, so that they can be scored."""
    return list((await session.execute(_SCORABLE, {"import_id": import_id})).scalars())
