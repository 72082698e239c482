"""Virtual cards, and the accounts that they draw on.

A card has no card number: a token identifies it. It belongs to a loan or to an account. The postings of an account
decide, and its state is a cache of what follows.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, booked_index, not_negative, of_account, of_loan, one_of
from app.db.types import BusinessDate, Document, Instant, Number, Paise

card_account_numbers = Sequence("card_account_numbers", metadata=Base.metadata)


class CardAccount(Base):
    """One revolving line. `used_paise` and what follows are what an authorisation needs to read of it. `kept` and
    `untouched` are its state (see `repositories/cards/states.py`)."""

    __tablename__ = "card_accounts"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        ForeignKeyConstraint(["product_code", "product_version"], ["products.code", "products.version"]),
        one_of("status", "open", "closed", "charged_off"),
        CheckConstraint("statement_day BETWEEN 1 AND 28 OR statement_day = 31", name="statement_day"),
        not_negative("limit_paise", "held_paise", "cash_held_paise"),
        CheckConstraint("(blocked_on IS NULL) = (blocked_by IS NULL)", name="blocked_has_its_day"),
        Index("ix_card_accounts_due", "next_event_on", "customer_id", postgresql_where=text("status = 'open'")),
        Index("ix_card_accounts_opened", "opened_on", "id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    product_code: Mapped[str] = mapped_column(Text)
    product_version: Mapped[int] = mapped_column(Integer)
    application_id: Mapped[Number | None]
    status: Mapped[str] = mapped_column(Text)
    opened_on: Mapped[BusinessDate]
    ended_on: Mapped[BusinessDate | None]
    opening_limit_paise: Mapped[Paise]
    opening_statement_day: Mapped[int] = mapped_column(SmallInteger)
    limit_paise: Mapped[Paise]
    statement_day: Mapped[int] = mapped_column(SmallInteger)
    next_statement_on: Mapped[BusinessDate]
    next_event_on: Mapped[BusinessDate | None]
    blocked_on: Mapped[BusinessDate | None]
    blocked_by: Mapped[str | None] = mapped_column(Text)
    over_limit_consent_on: Mapped[BusinessDate | None]
    used_paise: Mapped[Paise]
    cash_used_paise: Mapped[Paise]
    held_paise: Mapped[Paise]
    cash_held_paise: Mapped[Paise]
    last_posting: Mapped[int] = mapped_column(Integer)
    last_statement: Mapped[int] = mapped_column(Integer)
    last_transfer: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    #: What a version before 0034 wrote, until the account is written again; then it is empty.
    state: Mapped[Document]
    kept: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    untouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class Card(Base):
    """A card of a loan or of an account. `expires_on` is the last day of its last month. `blocked_by` is the actor's
    label."""

    __tablename__ = "cards"
    __table_args__ = (
        of_loan(),
        of_account(),
        one_of("status", "active", "blocked", "replaced"),
        CheckConstraint("last_four ~ '^[0-9]{4}$'", name="last_four_digits"),
        CheckConstraint("(status = 'active') = (blocked_on IS NULL)", name="blocked_has_its_day"),
        CheckConstraint("(loan_id IS NULL) <> (account_id IS NULL)", name="of_loan_or_account"),
        Index("uq_cards_loan", "customer_id", "loan_id", unique=True),
        Index("ix_cards_account", "customer_id", "account_id"),
        # Staff look a card up by its token alone. The token is so long that no two cards share one.
        Index("ix_cards_token", "token"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(Text, primary_key=True)
    loan_id: Mapped[int | None] = mapped_column(BigInteger)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str | None] = mapped_column(Text)
    is_add_on: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    controls: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    last_four: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[BusinessDate]
    expires_on: Mapped[BusinessDate]
    blocked_on: Mapped[BusinessDate | None]
    blocked_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


OF_POSTING = ("customer_id", "account_id", "reference")
PAID = "kind IN ('payment', 'returned_payment')"
A_PAYMENT = "kind = 'payment' AND reference IS NOT NULL"


class CardPosting(Base):
    """What happened to an account, and what followed from it, in the order of its numbers. Only `undone_paise` is ever
    updated: how much of a payment was returned, or of a purchase reversed."""

    __tablename__ = "card_postings"
    __table_args__ = (
        of_account(),
        # The network's reference is the idempotency key for ever.
        Index("uq_card_postings_reference", *OF_POSTING, unique=True, postgresql_where=text("reference IS NOT NULL")),
        # What was paid, and what bounced, on a day. Purchases are not in it.
        Index("ix_card_postings_paid", "posted_on", "customer_id", "account_id", "number", postgresql_where=text(PAID)),
        Index("ix_card_postings_payments", "reference", "posted_on", postgresql_where=text(A_PAYMENT)),
        CheckConstraint("undone_paise BETWEEN 0 AND amount_paise", name="undone_within_amount"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    is_fact: Mapped[bool] = mapped_column(Boolean)
    amount_paise: Mapped[Paise]
    owed_paise: Mapped[Paise]
    undone_paise: Mapped[Paise]
    value_on: Mapped[BusinessDate]
    posted_on: Mapped[BusinessDate]
    of_number: Mapped[int | None] = mapped_column(Integer)
    of_posted_on: Mapped[BusinessDate | None]
    fee: Mapped[str | None] = mapped_column(Text)
    annual_rate_percent: Mapped[Decimal | None] = mapped_column(Numeric(12, 8))
    instalments: Mapped[int | None] = mapped_column(SmallInteger)
    day: Mapped[int | None] = mapped_column(SmallInteger)
    limit_paise: Mapped[int | None] = mapped_column(BigInteger)
    product_version: Mapped[int | None] = mapped_column(Integer)
    reference: Mapped[str | None] = mapped_column(Text)
    token: Mapped[str | None] = mapped_column(Text)
    merchant: Mapped[str | None] = mapped_column(Text)
    posted_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class CardStatement(Base):
    """The statement of one cycle. It never changes after it is issued."""

    __tablename__ = "card_statements"
    __table_args__ = (
        of_account(),
        CheckConstraint("minimum_due_paise <= total_due_paise", name="minimum_within_total"),
        Index("ix_card_statements_due_on", "due_on", postgresql_using="brin"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    from_on: Mapped[BusinessDate]
    issued_on: Mapped[BusinessDate]
    due_on: Mapped[BusinessDate]
    booked_on: Mapped[BusinessDate]
    opening_paise: Mapped[Paise]
    closing_paise: Mapped[Paise]
    total_due_paise: Mapped[Paise]
    minimum_due_paise: Mapped[Paise]
    asked: Mapped[list[Any]] = mapped_column(JSONB)
    balances: Mapped[Document]
    interest: Mapped[list[Any]] = mapped_column(JSONB)
    plan_paise: Mapped[Paise]
    disputed_paise: Mapped[Paise]
    interest_free: Mapped[bool] = mapped_column(Boolean)
    first_posting: Mapped[int] = mapped_column(Integer)
    last_posting: Mapped[int] = mapped_column(Integer)
    run_id: Mapped[Number | None]


class CardCharge(Base):
    """A change of what was charged for a cause; the sums of these rows are the charges. `found_by` is the posting that
    made the account live again, 0 where none did."""

    __tablename__ = "card_charges"
    __table_args__ = (
        of_account(),
        one_of("cause", "interest", "cash_interest", "plan_interest", "late_fee", "fee"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cause: Mapped[str] = mapped_column(Text, primary_key=True)
    cause_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cause_of: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    posting: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    found_by: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    posted_on: Mapped[BusinessDate]
    is_found: Mapped[bool] = mapped_column(Boolean)
    paise: Mapped[Paise]
    tax_paise: Mapped[Paise]


class CardTransfer(Base):
    """A transfer of money in the books of card accounts. It is never updated or deleted."""

    __tablename__ = "card_transfers"
    __table_args__ = (
        of_account(),
        CheckConstraint("amount_paise > 0", name="amount_positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        booked_index("ix_card_transfers_booked"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    posting: Mapped[int] = mapped_column(Integer)
    debit: Mapped[str] = mapped_column(Text)
    credit: Mapped[str] = mapped_column(Text)
    amount_paise: Mapped[Paise]
    value_on: Mapped[BusinessDate]
    booked_on: Mapped[BusinessDate]
    is_laying: Mapped[bool] = mapped_column(Boolean)


class CardHold(Base):
    """An authorisation: approved (a hold) or declined. The network's reference is its key for ever."""

    __tablename__ = "card_holds"
    __table_args__ = (
        of_account(),
        one_of("status", "declined", "open", "captured", "reversed", "expired"),
        one_of("kind", "purchase", "cash"),
        CheckConstraint("amount_paise > 0 AND captured_paise >= 0", name="amounts"),
        CheckConstraint("(status = 'declined') = (decline_code IS NOT NULL)", name="declined_has_its_code"),
        Index("ix_card_holds_expiring", "expires_at", postgresql_where=text("status = 'open'")),
        Index("ix_card_holds_card", "customer_id", "token", "approved_on"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    amount_paise: Mapped[Paise]
    captured_paise: Mapped[Paise]
    status: Mapped[str] = mapped_column(Text)
    decline_code: Mapped[str | None] = mapped_column(Text)
    merchant: Mapped[str] = mapped_column(Text)
    category_code: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    is_online: Mapped[bool] = mapped_column(Boolean)
    transacted_at: Mapped[Instant]
    approved_on: Mapped[BusinessDate]
    expires_at: Mapped[Instant]
    available_paise: Mapped[Paise]
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class ParkedCardAccount(Base):
    """An account that a run could not bring up to date, with the reason. The next run tries it again."""

    __tablename__ = "parked_card_accounts"
    __table_args__ = (of_account(), BUSINESS)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    run_id: Mapped[Number]
    code: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    parked_at: Mapped[Instant]
