"""Payments. What a payment settled is read from its transfers (the view `payment_allocations`)."""

from sqlalchemy import BigInteger, CheckConstraint, Index, Sequence, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, of_loan, one_of
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
