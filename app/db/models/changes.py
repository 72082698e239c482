"""Changes of living loans, and notices of new rates."""

from sqlalchemy import BigInteger, Date, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, not_negative, of_loan, one_of
from app.db.types import BusinessDate, Document, Instant, Number, Paise, Rate


class LoanChange(Base):
    """A change of a living loan: a reset of its rate, a restructuring, another due day, a top-up.

    Its number comes from the sequence of payments. It never changes, except that it is undone once.
    """

    __tablename__ = "loan_changes"
    __table_args__ = (
        of_loan(),
        ForeignKeyConstraint(["customer_id", "proposal_id"], ["proposals.customer_id", "proposals.id"]),
        one_of("kind", "rate_reset", "restructure", "due_day", "top_up"),
        Index("ix_loan_changes_loan", "customer_id", "loan_id"),
        # A proposal can be executed only once.
        Index("uq_loan_changes_proposal", "customer_id", "proposal_id", unique=True),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    made_on: Mapped[BusinessDate]
    booked_on: Mapped[BusinessDate]
    terms: Mapped[Document]
    proposal_id: Mapped[int | None] = mapped_column(BigInteger)
    undone_on: Mapped[BusinessDate | None]
    undone_reason: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class RateNotice(Base):
    """A reset that the borrower was told of, before the day from which it counts: the rate, and what shall give.

    `change_id` is the change that was made on the day, `failure` why none could be.
    """

    __tablename__ = "rate_notices"
    __table_args__ = (
        of_loan(),
        one_of("adjusts", "emi", "tenor", "both"),
        not_negative("annual_rate_percent"),
        Index("ix_rate_notices_open", "effective_on", postgresql_where=text("change_id IS NULL")),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    effective_on: Mapped[BusinessDate] = mapped_column(Date, primary_key=True, autoincrement=False)
    annual_rate_percent: Mapped[Rate]
    adjusts: Mapped[str] = mapped_column(Text)
    emi_paise: Mapped[Paise | None]
    told_on: Mapped[BusinessDate]
    chosen_on: Mapped[BusinessDate | None]
    change_id: Mapped[Number | None]
    failure: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
