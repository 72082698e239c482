"""Customers and their unique ids; the accounts that sign in (customers, staff, services), their credentials and refresh
tokens; and check values of the keys that the data depends on.

Keys are not stored, and a key cannot be computed from its check value.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy import Identity as IdentityColumn
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, IDENTITY, LOCAL, Base, one_of
from app.db.types import BusinessDate, Instant, Number, Paise

#: A phone number for comparison: its last ten digits, however it is written.
PHONE_KEY = r"right(regexp_replace(phone, '[^0-9]+', '', 'g'), 10)"
#: The words of a name, for a search. `simple`: names have no grammar.
NAME_WORDS = "to_tsvector('simple'::regconfig, COALESCE(name, ''::text))"
customer_numbers = Sequence("customer_numbers", metadata=Base.metadata)


class Customer(Base):
    """A person. A `prospect` has transactions but has not registered; registering changes its row to a customer."""

    __tablename__ = "customers"
    __table_args__ = (
        one_of("state", "prospect", "customer"),
        CheckConstraint("annual_income_paise >= 0", name="income_not_negative"),
        Index("ix_customers_email", "email", "customer_id", postgresql_where=text("email IS NOT NULL")),
        Index("ix_customers_phone", text(PHONE_KEY), "customer_id", postgresql_where=text("phone IS NOT NULL")),
        Index("ix_customers_words", text(NAME_WORDS), postgresql_using="gin"),
        # A file of transactions may bring a million prospects, one after the other: a list passes over them.
        Index("ix_customers_registered", "customer_id", postgresql_where=text("state = 'customer'")),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    age: Mapped[int | None] = mapped_column(SmallInteger)
    employment_type: Mapped[str | None] = mapped_column(Text)
    # Where the customer is, for the place of supply: the code of the state.
    gst_state: Mapped[str | None] = mapped_column(Text)
    annual_income_paise: Mapped[Paise | None]
    approved_limit_paise: Mapped[Paise | None]
    external_id: Mapped[str | None] = mapped_column(Text)
    aadhaar_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    aadhaar_key_version: Mapped[int | None] = mapped_column(Integer)
    aadhaar_last_four: Mapped[str | None] = mapped_column(Text)
    registered_on: Mapped[BusinessDate | None]
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class Identity(Base):
    """A value that belongs to one customer only: the keyed hash of an Aadhaar number, an id of another system, or the
    token of a card."""

    __tablename__ = "identities"
    __table_args__ = (one_of("kind", "aadhaar", "external", "card"), IDENTITY)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    customer_id: Mapped[Number] = mapped_column(index=True)


class PublicId(Base):
    """The customer of each public number: of loans, payments, applications, proposals, scores, card accounts and
    promises.

    `year` is that of the disbursal of one of our loans, and null for everything else.
    """

    __tablename__ = "public_ids"
    __table_args__ = (
        one_of("kind", "loan", "payment", "application", "proposal", "score", "card_account", "promise"),
        IDENTITY,
    )

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Mapped[Number]
    year: Mapped[int | None] = mapped_column(SmallInteger)


class UserAccount(Base):
    """An account that signs in and holds tokens. It is separate from customers, because staff and services are none."""

    __tablename__ = "user_accounts"
    __table_args__ = (one_of("role", "customer", "officer", "admin", "service"), LOCAL)

    id: Mapped[int] = mapped_column(BigInteger, IdentityColumn(), primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    customer_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    credentials_changed_at: Mapped[Instant]
    disabled_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]


class RefreshToken(Base):
    """One single-use refresh token, stored as a hash. If a token is used twice, its whole family is revoked."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_family", "family"),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
        LOCAL,
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family: Mapped[str] = mapped_column(Text)
    user_account_id: Mapped[Number] = mapped_column(ForeignKey("user_accounts.id"), index=True)
    issued_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]


class KeyCheck(Base):
    """The check value of one key. `retired_at` is set when no data depends on the key any more."""

    __tablename__ = "key_checks"
    __table_args__ = (one_of("key", "aadhaar_key", "aadhaar_index_key", "audit_key"), LOCAL)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    noted_at: Mapped[Instant]
    retired_at: Mapped[Instant | None]
