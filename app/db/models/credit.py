"""Applications for credit with their decisions, and scores. A score is a row with its facts, factors and reasons."""

from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Sequence,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, one_of
from app.db.types import BusinessDate, Document, Documents, Instant, Number, Paise, Rate

application_numbers = Sequence("application_numbers", metadata=Base.metadata)


class Application(Base):
    """One application. A refusal keeps all its reasons, each with its code and the figures that were compared."""

    __tablename__ = "applications"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        ForeignKeyConstraint(["product_code", "product_version"], ["products.code", "products.version"]),
        one_of("status", "pending", "offered", "approved", "refused", "expired"),
        Index(
            "uq_applications_pending",
            "customer_id",
            "product_code",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "uq_applications_offered",
            "customer_id",
            "product_code",
            unique=True,
            postgresql_where=text("status = 'offered'"),
        ),
        Index("ix_applications_fingerprint", "customer_id", "fingerprint", "created_at"),
        # For lists across customers.
        Index("ix_applications_number", "id"),
        Index("ix_applications_status", "status", "id"),
        Index("ix_applications_product", "product_code", "id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    product_code: Mapped[str] = mapped_column(Text)
    product_version: Mapped[int] = mapped_column(Integer)
    amount_paise: Mapped[Paise]
    instalments: Mapped[int] = mapped_column(SmallInteger)
    requested_rate_percent: Mapped[Rate | None]
    annual_rate_percent: Mapped[Rate | None]
    purpose: Mapped[str | None] = mapped_column(Text)
    # The first due date and the rhythm that the applicant chose; with an offer, all that the loan will agree on.
    agreement: Mapped[Document | None]
    # Where more is asked for on a loan: which one, and by which proposal.
    top_up: Mapped[Document | None]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(Text)
    reasons: Mapped[Documents]
    score_id: Mapped[Number | None]
    loan_id: Mapped[Number | None]
    account_id: Mapped[Number | None]
    applied_on: Mapped[BusinessDate]
    expires_on: Mapped[BusinessDate | None]
    decided_on: Mapped[BusinessDate | None]
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class KeyFacts(Base):
    """What was offered for one application, as its key facts statement names it, and whether it was accepted.

    It is never changed, except that it is accepted once; then it has its loan. `fees` are those of the disbursal.
    """

    __tablename__ = "key_facts"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "application_id"], ["applications.customer_id", "applications.id"]),
        CheckConstraint("valid_until >= issued_on", name="valid_from_its_day"),
        CheckConstraint("(accepted_on IS NULL) = (loan_id IS NULL)", name="accepted_with_its_loan"),
        Index("ix_key_facts_loan", "customer_id", "loan_id", postgresql_where=text("loan_id IS NOT NULL")),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    issued_on: Mapped[BusinessDate]
    valid_until: Mapped[BusinessDate]
    amount_paise: Mapped[Paise]
    annual_rate_percent: Mapped[Rate]
    instalments: Mapped[int] = mapped_column(SmallInteger)
    fees: Mapped[Documents]
    apr_percent: Mapped[Rate]
    accepted_on: Mapped[BusinessDate | None]
    accepted_at: Mapped[Instant | None]
    accepted_by: Mapped[str | None] = mapped_column(Text)
    accepted_language: Mapped[str | None] = mapped_column(Text)
    loan_id: Mapped[Number | None]
    # The loan as a top-up leaves it, from which its statement is drawn.
    top_up: Mapped[Document | None]


score_numbers = Sequence("score_numbers", metadata=Base.metadata)


class CreditScore(Base):
    """One score of one customer by one version of a scorecard. It can be replayed from its facts."""

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
