"""Scorecards and scores, and the facts about loans from which a score is computed."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CreditScore, PublicId
from app.db.models import Scorecard as ScorecardRow
from app.db.models.credit import score_numbers
from app.db.repositories import public_ids
from app.db.statements import Statement
from app.domain.calendar import Frequency
from app.domain.credit.scoring import Scorecard, ScorecardUnknown, Scored, ScoreNotFound
from app.domain.credit.scoring_facts import LoanFacts
from app.domain.lending.contracts import monthly_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScore:
    """A score as it was stored."""

    id: int
    customer_id: int
    scorecard_code: str
    scorecard_version: int
    score: Decimal
    facts: dict[str, Any]
    factors: dict[str, Any]
    reasons: list[Any]
    as_of: date
    computed_at: datetime


_FIELDS = [known.name for known in fields(StoredScore)]
_STORED = [getattr(CreditScore, name) for name in _FIELDS]


async def get_scorecard(session: AsyncSession, code: str, *, version: int | None = None) -> Scorecard:
    """A version of a scorecard, by default the latest. Raises `ScorecardUnknown`."""
    statement = select(ScorecardRow.code, ScorecardRow.version, ScorecardRow.parameters).where(
        ScorecardRow.code == code
    )
    if version is not None:
        statement = statement.where(ScorecardRow.version == version)
    row = (await session.execute(statement.order_by(ScorecardRow.version.desc()).limit(1))).one_or_none()
    if row is None:
        raise ScorecardUnknown("there is no such scorecard", field="scorecard")
    return Scorecard(code=row.code, version=row.version, parameters=row.parameters)


_DOCUMENTS = ("facts", "factors", "reasons")
_LATEST = Statement(
    f"""
SELECT {", ".join(f"{name}::text" if name in _DOCUMENTS else name for name in _FIELDS)}
FROM credit_scores WHERE customer_id = :customer_id AND scorecard_code = :scorecard ORDER BY id DESC LIMIT 1
"""  # noqa: S608 - only names of our own columns are put in
)


async def find_latest_score(session: AsyncSession, customer_id: int, *, scorecard: str) -> StoredScore | None:
    """The newest score of a customer by any version of a scorecard."""
    row = await _LATEST.find(session, customer_id=customer_id, scorecard=scorecard)
    if row is None:
        return None
    values = dict(zip(_FIELDS, row, strict=True))
    return StoredScore(**values | {name: orjson.loads(values[name]) for name in _DOCUMENTS})


async def get_score(session: AsyncSession, score_id: int) -> StoredScore:
    """A score by its number. Raises `ScoreNotFound`."""
    owner, row = await public_ids.find_owner(session, "score", score_id), None
    if owner is not None:
        statement = select(*_STORED).where(CreditScore.customer_id == owner.customer_id, CreditScore.id == score_id)
        row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise ScoreNotFound("there is no such score", field="score_id")
    return StoredScore(**row)


async def add_score(session: AsyncSession, customer_id: int, scored: Scored, *, now: datetime) -> int:
    """Stores a score and returns its number."""
    # The number is drawn by the statement that writes its owner.
    numbered = insert(PublicId).values(kind="score", number=score_numbers.next_value(), customer_id=customer_id)
    number = int((await session.execute(numbered.returning(PublicId.number))).scalar_one())
    await session.execute(
        insert(CreditScore).values(
            customer_id=customer_id,
            id=number,
            scorecard_code=scored.scorecard,
            scorecard_version=scored.version,
            score=scored.score,
            facts=scored.facts,
            factors=asdict(scored.factors),
            reasons=reason_documents(scored),
            as_of=scored.as_of,
            computed_at=now,
        )
    )
    return number


def reason_documents(scored: Scored) -> list[dict[str, Any]]:
    """The reasons of a score as JSON objects."""
    return [{"code": reason.code, "figures": dict(reason.figures)} for reason in scored.reasons]


# A bill counts when its due date is over or when it is settled. If only its minimum was paid, the rest went back to the
# plan when the bill was closed. That settled it one day after the due date, and still counts as on time.
_LOAN_FACTS = text(
    """
SELECT count(*) AS loans_taken,
       count(*) FILTER (WHERE date_part('year', l.disbursed_on) = date_part('year', CAST(:as_of AS date)))
           AS loans_this_year,
       coalesce(sum(l.disbursed_paise), 0)::bigint AS volume_paise,
       coalesce(sum(l.principal_paise) FILTER (WHERE l.status = 'active'), 0)::bigint AS active_paise,
       coalesce(jsonb_agg(jsonb_build_array(
               s.emi_paise, p.terms -> 'repayment' -> 'frequency', p.terms -> 'repayment' -> 'every'))
           FILTER (WHERE l.status = 'active'), '[]')::text AS active_instalments,
       coalesce(sum(b.due), 0)::bigint AS instalments,
       coalesce(sum(b.on_time), 0)::bigint AS paid_on_time,
       min(l.disbursed_on) AS first_on,
       (SELECT c.approved_limit_paise FROM customers AS c WHERE c.customer_id = :customer_id) AS limit_paise
FROM loans AS l
JOIN schedules AS s ON s.customer_id = :customer_id AND s.loan_id = l.id AND s.version = l.schedule_version
JOIN products AS p ON p.code = l.product_code AND p.version = l.product_version
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE b.due_on < :as_of OR b.settled_on <= :as_of) AS due,
           count(*) FILTER (
               WHERE b.settled_on <= b.due_on OR (b.returned_paise > 0 AND b.settled_on = b.closed_on)) AS on_time
    FROM bills AS b WHERE b.customer_id = :customer_id AND b.loan_id = l.id
) AS b
WHERE l.customer_id = :customer_id AND l.disbursed_on <= :as_of
"""
)


async def get_loan_facts(session: AsyncSession, customer_id: int, *, as_of: date) -> LoanFacts:
    """The sums of a customer's loans as of a date. Without loans they are all zero."""
    row = dict((await session.execute(_LOAN_FACTS, {"customer_id": customer_id, "as_of": as_of})).mappings().one())
    instalments = orjson.loads(row.pop("active_instalments"))
    return LoanFacts(
        **row,
        active_emi_paise=sum(
            monthly_paise(emi_paise, frequency=Frequency(frequency), every=every)
            for emi_paise, frequency, every in instalments
        ),
    )
