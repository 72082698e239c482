"""Lists of loans across customers, a page at a time.

Every order has an index that gives its rows in that order, so a page costs the same at the beginning and at the end of
a million loans. What never changes about a loan is indexed in `loan_origins`; the next event of an active loan and its
overdue bills have indexes that the billing needs anyway, or hardly ever writes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, false, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Bill, Loan, LoanOrigin

ACTIVE: Final = "active"


class LoanSort(StrEnum):
    """The order of a list of loans: by customer and number, by the day of disbursal, or by what falls due next."""

    LOAN = "loan"
    DISBURSED_ON = "disbursed_on"
    DISBURSED_ON_DESCENDING = "-disbursed_on"
    DUE_ON = "due_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanFilter:
    """Which loans a list holds: all that agree with every value that is given. Days are included on both sides."""

    customer_id: int | None = None
    status: str | None = None
    product_code: str | None = None
    overdue: bool | None = None
    disbursed_from: date | None = None
    disbursed_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanSummary:
    """A loan in a list. `due_on` is the next day on which something is due; `next_event_on` orders the list by it."""

    customer_id: int
    loan_id: int
    product_code: str
    status: str
    disbursed_on: date
    disbursed_paise: int
    annual_rate_percent: Decimal
    principal_paise: int
    next_billing_on: date | None
    next_event_on: date | None
    due_on: date | None
    is_overdue: bool


_OF_LOAN: Final = and_(Bill.customer_id == Loan.customer_id, Bill.loan_id == Loan.id)
_OVERDUE: Final = and_(Bill.closed_on.is_not(None), Bill.settled_on.is_(None))
#: The due date of the oldest open bill that is not overdue.
_OPEN_DUE: Final = (
    select(func.min(Bill.due_on))
    .where(_OF_LOAN, Bill.settled_on.is_(None), Bill.closed_on.is_(None))
    .correlate(Loan)
    .scalar_subquery()
)
_DUE_ON: Final = func.least(_OPEN_DUE, Loan.next_billing_on)
#: An EXISTS would make PostgreSQL hash all overdue bills for a page of fifty loans.
_IS_OVERDUE: Final = func.coalesce(
    select(true()).where(_OF_LOAN, _OVERDUE).correlate(Loan).limit(1).scalar_subquery(), false()
)
_COLUMNS: Final[tuple[Any, ...]] = (
    Loan.customer_id,
    Loan.id.label("loan_id"),
    Loan.product_code,
    Loan.status,
    Loan.disbursed_on,
    Loan.disbursed_paise,
    Loan.annual_rate_percent,
    Loan.principal_paise,
    Loan.next_billing_on,
    Loan.next_event_on,
    _DUE_ON.label("due_on"),
    _IS_OVERDUE.label("is_overdue"),
)
_ORIGIN: Final = and_(LoanOrigin.customer_id == Loan.customer_id, LoanOrigin.loan_id == Loan.id)


async def list_loans(
    session: AsyncSession, wanted: LoanFilter, *, sort: LoanSort, after: tuple[Any, ...] | None, limit: int
) -> list[LoanSummary]:
    """A page of loans in this order, after the row with these values of the order."""
    rows = await session.execute(loans_statement(wanted, sort=sort, after=after, limit=limit))
    return [LoanSummary(**row) for row in rows.mappings()]


def loans_statement(
    wanted: LoanFilter, *, sort: LoanSort, after: tuple[Any, ...] | None, limit: int
) -> Select[tuple[Any, ...]]:
    """The statement of `list_loans`. A test looks at its plans."""
    statement = select(*_COLUMNS).where(*_conditions(wanted))
    by_origin = wanted.product_code or wanted.disbursed_from or wanted.disbursed_to or "disbursed" in sort
    keys: list[Any] = [Loan.customer_id, Loan.id]
    if by_origin:
        statement = statement.join(LoanOrigin, _ORIGIN).where(*_origin_conditions(wanted))
        keys = [LoanOrigin.customer_id, LoanOrigin.loan_id]
    if sort is LoanSort.DUE_ON:
        # Only active loans have a next event, and the index knows no others.
        statement = statement.where(Loan.status == ACTIVE, Loan.next_event_on.is_not(None))
        keys = [Loan.next_event_on, Loan.customer_id, Loan.id]
    elif sort is not LoanSort.LOAN:
        keys = [LoanOrigin.disbursed_on, *keys]
    elif wanted.overdue:
        late = _late_loans(after)
        statement = statement.join(late, and_(late.c.customer_id == Loan.customer_id, late.c.loan_id == Loan.id))
        keys = [late.c.customer_id, late.c.loan_id]
    descends = sort is LoanSort.DISBURSED_ON_DESCENDING
    if after is not None:
        key = tuple_(*keys)
        statement = statement.where(key < tuple_(*after) if descends else key > tuple_(*after))
        if sort is LoanSort.LOAN:
            # PostgreSQL does not infer it for the joined table, and would read that one from its beginning.
            statement = statement.where(tuple_(Loan.customer_id, Loan.id) > tuple_(*after))
    return statement.order_by(*(key.desc() if descends else key for key in keys)).limit(limit)


def _late_loans(after: tuple[Any, ...] | None) -> Subquery:
    """The loans with an overdue bill in the order of their keys, each once."""
    columns = (Bill.customer_id, Bill.loan_id)
    late = select(*columns).where(_OVERDUE).distinct().order_by(*columns)
    return (late if after is None else late.where(tuple_(*columns) > tuple_(*after))).subquery("late")


def _conditions(wanted: LoanFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.customer_id is not None:
        found.append(Loan.customer_id == wanted.customer_id)
    if wanted.status is not None:
        found.append(Loan.status == wanted.status)
    if wanted.overdue is not None:
        found.append(_IS_OVERDUE if wanted.overdue else ~_IS_OVERDUE)
    if wanted.due_from is not None or wanted.due_to is not None:
        found.append(Loan.status == ACTIVE)
    # A bill is closed on the day after its due date, so the event is on the due date or one day later.
    if wanted.due_from is not None:
        found += [Loan.next_event_on >= wanted.due_from, wanted.due_from <= _DUE_ON]
    if wanted.due_to is not None:
        found += [Loan.next_event_on <= wanted.due_to + timedelta(days=1), wanted.due_to >= _DUE_ON]
    return found


def _origin_conditions(wanted: LoanFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.product_code is not None:
        found.append(LoanOrigin.product_code == wanted.product_code)
    if wanted.disbursed_from is not None:
        found.append(LoanOrigin.disbursed_on >= wanted.disbursed_from)
    if wanted.disbursed_to is not None:
        found.append(LoanOrigin.disbursed_on <= wanted.disbursed_to)
    if wanted.customer_id is not None:
        found.append(LoanOrigin.customer_id == wanted.customer_id)
    return found
