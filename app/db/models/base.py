"""What every table shares, and the four kinds of table.

The kind says where a table would be stored in a sharded PostgreSQL. A house test checks its keys:

- `business`: stored with its customer; `customer_id` leads the primary key and is in every unique and foreign key;
- `reference`: small and read everywhere (products, scorecards, calendars);
- `identity`: its key is a value that is unique over all customers, and the row says which customer owns it;
- `local`: belongs to the service itself (runs, imports, outbox, user accounts) and not to one customer's books.
"""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, MetaData
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BUSINESS: dict[str, Any] = {"info": {"kind": "business"}}
REFERENCE: dict[str, Any] = {"info": {"kind": "reference"}}
IDENTITY: dict[str, Any] = {"info": {"kind": "identity"}}
LOCAL: dict[str, Any] = {"info": {"kind": "local"}}


class Base(DeclarativeBase):
    """The declarative base of every model."""

    metadata = MetaData(naming_convention=NAMING)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A CHECK that `column` holds one of `values`. It is easier to change than an enumerated type."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def not_negative(*columns: str) -> CheckConstraint:
    """A CHECK that none of `columns` is below zero."""
    return CheckConstraint(" AND ".join(f"{column} >= 0" for column in columns), name="not_negative")


def booked_index(name: str) -> Index:
    """The index that finds the transfers of a day. Days are booked in order, so a block of the table has few days: the
    index keeps the first and the last day of some blocks, and a transfer costs it nothing."""
    options = {"pages_per_range": 32, "autosummarize": "on"}
    return Index(name, "booked_on", postgresql_using="brin", postgresql_with=options)


def of_loan() -> ForeignKeyConstraint:
    """The foreign key from a row to its loan."""
    return ForeignKeyConstraint(["customer_id", "loan_id"], ["loans.customer_id", "loans.id"])


def of_account() -> ForeignKeyConstraint:
    """The foreign key from a row to its card account."""
    return ForeignKeyConstraint(["customer_id", "account_id"], ["card_accounts.customer_id", "card_accounts.id"])
