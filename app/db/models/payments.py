"""Payments, and what the lender gave up of a loan.

What a payment settled is read from its transfers (the view `payment_allocations`). What a concession came to is in
the transfers too, under the concession's number.
"""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Sequence, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, not_negative, of_loan, one_of
from app.db.types import BusinessDate, Instant, Paise

payment_numbers = Sequence("payment_numbers", metadata=Base.metadata)


class Payment(Base):
    """Money received for a loan. A reversed payment stays, with the date on which it was reversed."""

    __tablename__ = "payments"
    __table_args__ = (
        of_loan(),
        CheckConstraint("amount_paise > 0", name="amount_positive"),
        one_of("treated_as", "instalment", "prepayment", "prepay_smaller_emi", "prepay_earlier_end"),
        # The same reference on the same loan is one payment for ever.
        Index(
            "uq_payments_reference",
            "customer_id",
            "loan_id",
            "reference",
            unique=True,
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index("ix_payments_loan", "customer_id", "loan_id", "value_date"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger)
    amount_paise: Mapped[Paise]
    value_date: Mapped[BusinessDate]
    booked_on: Mapped[BusinessDate]
    method: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    instalment: Mapped[int | None] = mapped_column(SmallInteger)
    treated_as: Mapped[str] = mapped_column(Text)
    reversed_on: Mapped[BusinessDate | None]
    reversal_reason: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class Concession(Base):
    """A waiver, with the most that it forgives, a write-off, or a rest that is too small to be asked for. Numbered with
    the payments; inserted, never changed."""

    __tablename__ = "concessions"
    __table_args__ = (
        of_loan(),
        ForeignKeyConstraint(["customer_id", "proposal_id"], ["proposals.customer_id", "proposals.id"]),
        one_of("kind", "waiver", "write_off", "small_balance"),
        # Two people decide, but for a small balance, which the product's tolerance has decided.
        CheckConstraint("(kind = 'small_balance') = (proposal_id IS NULL)", name="proposed_unless_small"),
        not_negative("interest_paise", "charges_paise"),
        Index("ix_concessions_loan", "customer_id", "loan_id"),
        # A proposal is carried out once, whatever else fails.
        Index("uq_concessions_proposal", "customer_id", "proposal_id", unique=True),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    granted_on: Mapped[BusinessDate]
    interest_paise: Mapped[Paise]
    charges_paise: Mapped[Paise]
    proposal_id: Mapped[int | None] = mapped_column(BigInteger)
    granted_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)
