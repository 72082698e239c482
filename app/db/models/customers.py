"""Customers and what is unique about them over all customers."""

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary, Sequence, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, IDENTITY, Base, one_of
from app.db.types import BusinessDate, Instant, Number, Paise

customer_numbers = Sequence("customer_numbers", metadata=Base.metadata)


class Customer(Base):
    """A person. A `prospect` has transactions but has not registered; registering makes it a customer in place."""

    __tablename__ = "customers"
    __table_args__ = (
        one_of("state", "prospect", "customer"),
        CheckConstraint("annual_income_paise >= 0", name="income_not_negative"),
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
    """A value that belongs to one customer only: the keyed index of an Aadhaar, or an id of another system."""

    __tablename__ = "identities"
    __table_args__ = (one_of("kind", "aadhaar", "external"), IDENTITY)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    customer_id: Mapped[Number] = mapped_column(index=True)


class PublicId(Base):
    """Finds the customer that a number shown outside belongs to: loans, payments, applications, proposals."""

    __tablename__ = "public_ids"
    __table_args__ = (one_of("kind", "loan", "payment", "application", "proposal"), IDENTITY)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Mapped[Number]
