"""Bills, the billing runs that issue them, and the loans that a run could not bill."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, LOCAL, Base, not_negative, of_loan, one_of
from app.db.types import BusinessDate, Instant, Number, Paise


class Bill(Base):
    """The bill of one cycle of one loan. It never changes after it is issued.

    The columns from `unpaid_charges_paise` on are not part of the bill. They cache what is unpaid of it, and are the
    only columns that the application's role may update.
    """

    __tablename__ = "bills"
    __table_args__ = (
        of_loan(),
        not_negative(
            "interest_paise",
            "past_due_paise",
            "unpaid_charges_paise",
            "unpaid_interest_paise",
            "unpaid_principal_paise",
        ),
        # In a moratorium whose interest becomes principal, the principal due is below zero by the interest.
        CheckConstraint("principal_due_paise >= -interest_paise", name="demand_not_negative"),
        CheckConstraint("minimum_due_paise <= total_due_paise", name="minimum_within_total"),
        # A day-end finds what fell due since the one before. Bills are stored about in the order of their due dates.
        Index("ix_bills_due_on", "due_on", postgresql_using="brin"),
        Index("ix_bills_open", "customer_id", "loan_id", "cycle", postgresql_where=text("settled_on IS NULL")),
        # Only overdue bills are in it, so that issuing a bill does not write it.
        Index(
            "ix_bills_overdue",
            "customer_id",
            "loan_id",
            postgresql_where=text("closed_on IS NOT NULL AND settled_on IS NULL"),
        ),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cycle: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    from_on: Mapped[BusinessDate]
    billed_on: Mapped[BusinessDate]
    due_on: Mapped[BusinessDate]
    booked_on: Mapped[BusinessDate]
    opening_principal_paise: Mapped[Paise]
    interest_paise: Mapped[Paise]
    principal_due_paise: Mapped[Paise]
    past_due_paise: Mapped[Paise]
    total_due_paise: Mapped[Paise]
    minimum_due_paise: Mapped[Paise]
    schedule_version: Mapped[int] = mapped_column(Integer)
    # Charges that the bill demands: those since the last bill, and the penal charge of its cycle.
    charges_paise: Mapped[Paise] = mapped_column(default=0, server_default=text("0"))
    run_id: Mapped[Number | None]
    unpaid_charges_paise: Mapped[Paise]
    unpaid_interest_paise: Mapped[Paise]
    unpaid_principal_paise: Mapped[Paise]
    returned_paise: Mapped[Paise]
    closed_on: Mapped[BusinessDate | None]
    settled_on: Mapped[BusinessDate | None]


class BillingRun(Base):
    """One billing run for one business date. It is a row, so it continues after a worker has died."""

    __tablename__ = "billing_runs"
    __table_args__ = (
        one_of("status", "running", "paused", "cancelled", "finished"),
        Index(
            "uq_billing_runs_open",
            "business_date",
            unique=True,
            postgresql_where=text("status IN ('running', 'paused')"),
        ),
        LOCAL,
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    business_date: Mapped[BusinessDate]
    status: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    loans_due: Mapped[int] = mapped_column(BigInteger)
    accounts_due: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class BillingRange(Base):
    """A range of customers of a run, which one worker claims. After its lease expires, another worker may claim it."""

    __tablename__ = "billing_ranges"
    __table_args__ = (one_of("status", "waiting", "claimed", "done"), LOCAL)

    run_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("billing_runs.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    from_customer_id: Mapped[Number]
    to_customer_id: Mapped[Number]
    status: Mapped[str] = mapped_column(Text)
    claimed_by: Mapped[str | None] = mapped_column(Text)
    leased_until: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(Integer)
    loans: Mapped[int] = mapped_column(Integer)
    bills: Mapped[int] = mapped_column(Integer)
    demanded_paise: Mapped[Paise]
    parked: Mapped[int] = mapped_column(Integer)
    # Card accounts that were brought up to date, and their statements.
    accounts: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    statements: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    finished_at: Mapped[Instant | None]


class ParkedLoan(Base):
    """A loan that a run could not bill, with the reason. The run bills the others; one call retries this one."""

    __tablename__ = "parked_loans"
    __table_args__ = (of_loan(), Index("ix_parked_loans_run", "run_id", "loan_id"), BUSINESS)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    run_id: Mapped[Number]
    code: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    parked_at: Mapped[Instant]
