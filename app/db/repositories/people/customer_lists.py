"""Lists of customers, found by what belongs to them."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Customer
from app.db.models.people import PHONE_KEY
from app.db.repositories.people.customers import CUSTOMER


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers a list holds: all that agree with every value that is given. `phone_key` is a phone number as
    `phone_key` in the domain writes it."""

    customer_id: int | None = None
    phone_key: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSummary:
    """A customer in a list."""

    customer_id: int
    name: str
    email: str | None
    phone: str | None
    external_id: str | None
    approved_limit_paise: int | None
    registered_on: date | None


_COLUMNS: Final = [getattr(Customer, name) for name in CustomerSummary.__dataclass_fields__]


async def list_customers(
    session: AsyncSession, wanted: CustomerFilter, *, after: int, limit: int
) -> list[CustomerSummary]:
    """A page of registered customers in the order of their numbers, after this one."""
    rows = await session.execute(customers_statement(wanted, after=after, limit=limit))
    return [CustomerSummary(**row) for row in rows.mappings()]


def customers_statement(wanted: CustomerFilter, *, after: int, limit: int) -> Select[tuple[Any, ...]]:
    """The statement of `list_customers`. A test looks at its plans."""
    statement = select(*_COLUMNS).where(Customer.state == CUSTOMER, Customer.customer_id > after)
    if wanted.customer_id is not None:
        statement = statement.where(Customer.customer_id == wanted.customer_id)
    if wanted.email is not None:
        statement = statement.where(Customer.email == wanted.email)
    if wanted.phone_key is not None:
        # The expression of the index, and its condition.
        statement = statement.where(Customer.phone.is_not(None), literal_column(PHONE_KEY) == wanted.phone_key)
    return statement.order_by(Customer.customer_id).limit(limit)
