"""Loans, their plans and their ledger; and loans of other lenders, which are facts about a customer.

The ledger (`transfers`) decides. The balances on a loan's row are a cache of it, so that a payment or a billing run
needs to read only one row; reconciliation computes them again. External loans are not in our ledger.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, booked_index, not_negative, of_loan, one_of
from app.db.types import BusinessDate, Dates, Instant, Number, NumberList, Paise, PaiseList, Rate

loan_numbers = Sequence("loan_numbers", metadata=Base.metadata)


class Loan(Base):
    """One loan: its contract, its current cycle, and the cached balances of its ledger."""

    __tablename__ = "loans"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        ForeignKeyConstraint(["product_code", "product_version"], ["products.code", "products.version"]),
        one_of("status", "active", "closed", "written_off"),
        not_negative("principal_paise", "charges_paise", "advance_paise"),
        CheckConstraint("disbursed_paise > 0", name="disbursed_positive"),
        # A billing run finds due loans by date, and claims them by customer.
        Index("ix_loans_due", "next_event_on", "customer_id", postgresql_where=text("status = 'active'")),
        # Lists of loans that have ended. A run never writes it, because it bills active loans only.
        Index("ix_loans_ended", "status", "customer_id", "id", postgresql_where=text("status <> 'active'")),
        # Lists of what is due: the few loans with a bill in its days of grace, by the next day that something is due.
        Index(
            "ix_loans_in_grace",
            "due_event_on",
            "customer_id",
            postgresql_where=text("status = 'active' AND due_event_on IS NOT NULL"),
        ),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    product_code: Mapped[str] = mapped_column(Text)
    product_version: Mapped[int] = mapped_column(Integer)
    application_id: Mapped[Number | None]
    purpose: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    disbursed_paise: Mapped[Paise]
    annual_rate_percent: Mapped[Rate]
    instalments: Mapped[int] = mapped_column(SmallInteger)
    disbursed_on: Mapped[BusinessDate]
    closed_on: Mapped[BusinessDate | None]
    # The plan in force.
    schedule_version: Mapped[int] = mapped_column(Integer)
    # The current cycle.
    next_cycle: Mapped[int] = mapped_column(SmallInteger)
    cycle_began_on: Mapped[BusinessDate]
    next_billing_on: Mapped[BusinessDate | None]
    next_event_on: Mapped[BusinessDate | None]
    # The event after it by which something falls due, where the next one is a late charge.
    due_event_on: Mapped[BusinessDate | None]
    last_event_on: Mapped[BusinessDate]
    # The cache of the ledger.
    principal_paise: Mapped[Paise]
    interest_paise: Mapped[Paise]
    charges_paise: Mapped[Paise]
    advance_paise: Mapped[Paise]
    unbilled_interest_paise: Mapped[Paise]
    advance_payment_ids: Mapped[NumberList]
    advance_part_paise: Mapped[PaiseList]
    movement_dates: Mapped[Dates]
    movement_paise: Mapped[PaiseList]
    # What the loan has beside the terms of its product: agreed when it was made, and altered since.
    agreement: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    alterations: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    last_transfer: Mapped[int] = mapped_column(Integer)
    # Charges that no bill has demanded yet, and what is overdue by its days.
    unbilled_charges_paise: Mapped[Paise] = mapped_column(default=0, server_default=text("0"))
    late_counted_on: Mapped[BusinessDate | None]
    late_principal_days: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    late_amount_days: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class LoanOrigin(Base):
    """What never changes about a loan and lists are ordered by. It has these indexes because every billing would write
    an index of `loans` again, although the value is the same."""

    __tablename__ = "loan_origins"
    __table_args__ = (
        of_loan(),
        Index("ix_loan_origins_product", "product_code", "customer_id", "loan_id"),
        Index("ix_loan_origins_disbursed", "disbursed_on", "customer_id", "loan_id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    product_code: Mapped[str] = mapped_column(Text)
    disbursed_on: Mapped[BusinessDate]


class Schedule(Base):
    """One version of a loan's plan. It never changes. Element k of each array, from 0, belongs to instalment k + 1."""

    __tablename__ = "schedules"
    __table_args__ = (
        of_loan(),
        CheckConstraint(
            "cardinality(due_on) = cardinality(principal_paise) AND cardinality(due_on) = cardinality(interest_paise)",
            name="same_length",
        ),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    made_on: Mapped[BusinessDate]
    reason: Mapped[str] = mapped_column(Text)
    first_planned: Mapped[int] = mapped_column(SmallInteger)
    after_payment_id: Mapped[Number | None]
    emi_paise: Mapped[Paise]
    due_on: Mapped[Dates]
    principal_paise: Mapped[PaiseList]
    interest_paise: Mapped[PaiseList]


class Transfer(Base):
    """A transfer of money: it debits one account and credits another. It is never updated or deleted.

    Transfers that belong together have the same `group_number`: the number of the first of them.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        of_loan(),
        ForeignKeyConstraint(
            ["customer_id", "loan_id", "reverses"],
            ["transfers.customer_id", "transfers.loan_id", "transfers.number"],
        ),
        CheckConstraint("amount_paise > 0", name="amount_positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        # The transfers of tax, by which tax documents are made.
        Index(
            "ix_transfers_tax",
            "booked_on",
            "customer_id",
            "loan_id",
            "number",
            postgresql_where=text("debit = 'gst_payable' OR credit = 'gst_payable'"),
        ),
        Index(
            "uq_transfers_reverses",
            "customer_id",
            "loan_id",
            "reverses",
            unique=True,
            postgresql_where=text("reverses IS NOT NULL"),
        ),
        booked_index("ix_transfers_booked"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    group_number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    debit: Mapped[str] = mapped_column(Text)
    credit: Mapped[str] = mapped_column(Text)
    amount_paise: Mapped[Paise]
    component: Mapped[str] = mapped_column(Text)
    value_date: Mapped[BusinessDate]
    booked_on: Mapped[BusinessDate]
    cycle: Mapped[int | None] = mapped_column(SmallInteger)
    payment_id: Mapped[Number | None]
    reverses: Mapped[int | None] = mapped_column(Integer)


class LoanCharge(Base):
    """A charge of a loan that was booked: a fee of its disbursal, or a charge for an event. It is never changed, except
    that a charge for an event may be taken back.

    Its number comes from the sequence of payments. `payment_id` is the payment that caused it.
    """

    __tablename__ = "loan_charges"
    __table_args__ = (
        of_loan(),
        one_of("kind", "fee", "bounce", "service"),
        not_negative("amount_paise", "tax_paise"),
        CheckConstraint("tax_paise = 0 OR sac IS NOT NULL", name="taxed_has_its_code"),
        Index("ix_loan_charges_loan", "customer_id", "loan_id"),
        Index("ix_loan_charges_booked", "booked_on", "id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    paid: Mapped[str | None] = mapped_column(Text)
    booked_on: Mapped[BusinessDate]
    amount_paise: Mapped[Paise]
    tax_paise: Mapped[Paise]
    sac: Mapped[str | None] = mapped_column(Text)
    for_third_party: Mapped[bool] = mapped_column(Boolean)
    payment_id: Mapped[int | None] = mapped_column(BigInteger)
    taken_back_on: Mapped[BusinessDate | None]
    taken_back_reason: Mapped[str | None] = mapped_column(Text)
    booked_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class ExternalLoan(Base):
    """One imported loan of another lender, as its file describes it. It has no ledger and is never billed.

    Its number comes from the same sequence as those of our loans, so that a number means one loan. The id in the file
    is unique only within a customer, because real files give the same id to loans of two people.
    """

    __tablename__ = "external_loans"
    __table_args__ = (
        not_negative("annual_rate_percent", "paid_on_time"),
        CheckConstraint("amount_paise > 0 AND instalment_paise > 0 AND tenure > 0", name="figures_positive"),
        CheckConstraint("ends_on >= approved_on", name="ends_after_approval"),
        Index("uq_external_loans_external_id", "customer_id", "external_id", unique=True),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    external_id: Mapped[str] = mapped_column(Text)
    amount_paise: Mapped[Paise]
    tenure: Mapped[int] = mapped_column(SmallInteger)
    annual_rate_percent: Mapped[Rate]
    instalment_paise: Mapped[Paise]
    paid_on_time: Mapped[int] = mapped_column(SmallInteger)
    approved_on: Mapped[BusinessDate]
    ends_on: Mapped[BusinessDate]
    import_id: Mapped[Number]
    row_number: Mapped[int] = mapped_column(Integer)
