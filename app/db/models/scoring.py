"""Scores: each a new row with the facts, the factors and the reasons that made it."""

from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, Integer, Numeric, Sequence, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base
from app.db.types import BusinessDate, Document, Documents, Instant

score_numbers = Sequence("score_numbers", metadata=Base.metadata)


class CreditScore(Base):
    """One score of one customer by one version of a scorecard, replayable from its facts."""

    __tablename__ = "credit_scores"
    __table_args__ = (
        ForeignKeyConstraint(["scorecard_code", "scorecard_version"], ["scorecards.code", "scorecards.version"]),
        Index("ix_credit_scores_latest", "customer_id", "scorecard_code", "id"),
        # Staff replay a score by its number alone.
        Index("ix_credit_scores_id", "id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scorecard_code: Mapped[str] = mapped_column(Text)
    scorecard_version: Mapped[int] = mapped_column(Integer)
    score: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    facts: Mapped[Document]
    factors: Mapped[Document]
    reasons: Mapped[Documents]
    as_of: Mapped[BusinessDate]
    computed_at: Mapped[Instant]
