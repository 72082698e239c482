"""Payments, refunds of what is owed to the borrower, concessions (amounts that the lender gives up), changes of living
loans, and notices of new rates.

The transfers of a payment show what it settled (the view `payment_allocations`). The transfers with a concession's
number show its amount.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Sequence,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, not_negative, of_loan, one_of
from app.db.types import BusinessDate, Document, Instant, Number, Paise, Rate

payment_numbers = Sequence("payment_numbers", metadata=Base.metadata)


class Payment(Base):
    """Money received for a loan. A reversed payment stays, with the date on which it was reversed."""

    __tablename__ = "payments"
    __table_args__ = (
        of_loan(),
        CheckConstraint("amount_paise > 0", name="amount_positive"),
        one_of("treated_as", "instalment", "prepayment", "prepay_smaller_emi", "prepay_earlier_end", "recovery"),
        # A reference can be used only once for a loan.
        Index(
            "uq_payments_reference",
            "customer_id",
            "loan_id",
            "reference",
            unique=True,
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index("ix_payments_loan", "customer_id", "loan_id", "value_date"),
        # For lists across customers. New payments are always at its end.
        Index("ix_payments_booked", "booked_on", "id"),
        # What bounced on a day. Few payments do.
        Index("ix_payments_reversed", "reversed_on", "id", postgresql_where=text("reversed_on IS NOT NULL")),
        Index("ix_payments_reference", "reference", "id", postgresql_where=text("reference IS NOT NULL")),
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
    """A waiver, with the largest amounts that it forgives; a write-off; or the remission of a small remaining balance.

    Its number comes from the sequence of payments. It never changes. `taxes` are the charges that a waiver forgives,
    with the tax that is given back of each.
    """

    __tablename__ = "concessions"
    __table_args__ = (
        of_loan(),
        ForeignKeyConstraint(["customer_id", "proposal_id"], ["proposals.customer_id", "proposals.id"]),
        one_of("kind", "waiver", "write_off", "small_balance"),
        # Two people decide, except for a small balance, which is within the product's tolerance.
        CheckConstraint("(kind = 'small_balance') = (proposal_id IS NULL)", name="proposed_unless_small"),
        not_negative("interest_paise", "charges_paise"),
        Index("ix_concessions_loan", "customer_id", "loan_id"),
        # A proposal can be executed only once.
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
    taxes: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    granted_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class Refund(Base):
    """What was owed to the borrower and paid out, by two people. Its number comes from the sequence of payments."""

    __tablename__ = "refunds"
    __table_args__ = (
        of_loan(),
        ForeignKeyConstraint(["customer_id", "proposal_id"], ["proposals.customer_id", "proposals.id"]),
        CheckConstraint("amount_paise > 0", name="amount_positive"),
        Index("ix_refunds_loan", "customer_id", "loan_id"),
        # A proposal can be executed only once.
        Index("uq_refunds_proposal", "customer_id", "proposal_id", unique=True),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger)
    amount_paise: Mapped[Paise]
    paid_on: Mapped[BusinessDate]
    proposal_id: Mapped[int] = mapped_column(BigInteger)
    paid_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


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
        # Each day-end asks for the restructured of some days. Changes of rates are many.
        Index("ix_loan_changes_restructured", "made_on", postgresql_where=text("kind = 'restructure'")),
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
