"""What a group of applications asks for before it decides: the scores, what waits already, and numbers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories.credit.applications import PENDING
from app.db.statements import Statement


class Wanted(NamedTuple):
    """Whose application it is, the scorecard of the product, and the product."""

    customer_id: int
    scorecard: str
    product_code: str


class Found(NamedTuple):
    """The customer's latest score by the scorecard, and whether an application for the product waits for a score."""

    score_id: int | None
    score: Decimal | None
    is_one_waiting: bool


class Numbers(NamedTuple):
    """The number of an application, and that of its loan if it has one."""

    application_id: int
    loan_id: int | None


_FIND = Statement(
    f"""
SELECT n.customer_id, s.id AS score_id, s.score, a.id IS NOT NULL AS is_one_waiting
FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:scorecards AS text[]), CAST(:products AS text[]))
     AS n(customer_id, scorecard, product)
LEFT JOIN LATERAL (
    SELECT id, score FROM credit_scores
    WHERE customer_id = n.customer_id AND customer_id = ANY(CAST(:customer_ids AS bigint[]))
      AND scorecard_code = n.scorecard ORDER BY id DESC LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT id FROM applications
    WHERE customer_id = n.customer_id AND customer_id = ANY(CAST(:customer_ids AS bigint[]))
      AND product_code = n.product AND status = '{PENDING}' LIMIT 1
) AS a ON true
"""  # noqa: S608 - only a constant is put in
)
_DRAW = Statement(
    """
SELECT n.place, nextval('application_numbers') AS application_id,
       CASE WHEN n.has_loan THEN nextval('loan_numbers') END AS loan_id
FROM unnest(CAST(:have_loans AS boolean[])) WITH ORDINALITY AS n(has_loan, place) ORDER BY n.place
"""
)


async def find_facts(session: AsyncSession, wanted: Sequence[Wanted]) -> dict[int, Found]:
    """The facts of locked customers, by customer."""
    customer_ids, scorecards, products = (list(column) for column in zip(*wanted, strict=True))
    rows = await _FIND.list(session, customer_ids=customer_ids, scorecards=scorecards, products=products)
    return {row.customer_id: Found(row.score_id, row.score, row.is_one_waiting) for row in rows}


async def draw_numbers(session: AsyncSession, have_loans: Sequence[bool]) -> list[Numbers]:
    """A number for each application, and one for its loan where it has one."""
    rows = await _DRAW.list(session, have_loans=list(have_loans))
    return [Numbers(row.application_id, row.loan_id) for row in rows]
