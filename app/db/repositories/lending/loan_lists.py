"""Lists of loans across customers, a page at a time.

Every order has an index that gives its rows in that order, so a page costs the same at the beginning and at the end of
a million loans. What never changes about a loan is indexed in `loan_origins`; the next event of an active loan and its
overdue bills have indexes that the billing needs anyway, or hardly ever writes.

The next event of a loan is the day by which something falls due, except where a bill in its days of grace is charged
before. Such loans have an index of their own, so what is due is asked for twice, and one page is made of both.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, tuple_
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
    """A loan in a list. `due_on` is the next day on which something is due; `due_event_on` orders the list by it: that
    day, or the day after, on which a run sees to it."""

    customer_id: int
    loan_id: int
    product_code: str
    status: str
    disbursed_on: date
    disbursed_paise: int
    annual_rate_percent: Decimal
    principal_paise: int
    next_billing_on: date | None
    due_event_on: date | None
    due_on: date | None
    is_overdue: bool

    def place(self, sort: LoanSort) -> tuple[Any, ...]:
        """The values of an order in this row. The page after it begins there."""
        key = (self.customer_id, self.loan_id)
        if sort is LoanSort.LOAN:
            return key
        return (self.due_event_on if sort is LoanSort.DUE_ON else self.disbursed_on, *key)


_OVERDUE: Final = and_(Bill.closed_on.is_not(None), Bill.settled_on.is_(None))
_OF_LOANS: Final[tuple[Any, ...]] = (
    Loan.customer_id,
    Loan.id.label("loan_id"),
    Loan.product_code,
    Loan.status,
    Loan.disbursed_on,
    Loan.disbursed_paise,
    Loan.annual_rate_percent,
    Loan.principal_paise,
    Loan.next_billing_on,
)
# The event of what is due. What a version before 0036 left in the column is not after the next event. PostgreSQL
# expects an inequality of this to hold for nearly all loans, which is right, and so it stops at the end of a page.
_DUE_EVENT: Final = func.greatest(Loan.next_event_on, Loan.due_event_on)
_ORIGIN: Final = and_(LoanOrigin.customer_id == Loan.customer_id, LoanOrigin.loan_id == Loan.id)


async def list_loans(
    session: AsyncSession, wanted: LoanFilter, *, sort: LoanSort, after: tuple[Any, ...] | None, limit: int
) -> list[LoanSummary]:
    """A page of the loans of all customers in this order, after the row with these values of the order."""
    found: list[LoanSummary] = []
    for statement in _statements(wanted, sort=sort, after=after, limit=limit):
        found += [LoanSummary(**row) for row in (await session.execute(statement)).mappings()]
    return _page(found, sort=sort, limit=limit)


async def list_loans_of(
    session: AsyncSession, wanted: LoanFilter, *, sort: LoanSort, after: tuple[Any, ...] | None, limit: int
) -> list[LoanSummary]:
    """The same of the customer whom the filter names. With several servers, one of them is asked."""
    assert wanted.customer_id is not None, "the filter names a customer"
    found: list[LoanSummary] = []
    for statement in _statements(wanted, sort=sort, after=after, limit=limit):
        found += [LoanSummary(**row) for row in (await session.execute(statement)).mappings()]
    return _page(found, sort=sort, limit=limit)


def _statements(
    wanted: LoanFilter, *, sort: LoanSort, after: tuple[Any, ...] | None, limit: int
) -> list[Select[tuple[Any, ...]]]:
    return [
        loans_statement(wanted, sort=sort, after=after, limit=limit, in_grace=in_grace)
        for in_grace in ((False, True) if sort is LoanSort.DUE_ON else (False,))
    ]


def _page(found: list[LoanSummary], *, sort: LoanSort, limit: int) -> list[LoanSummary]:
    """The first of what one statement has found, or both."""
    return sorted(found, key=lambda row: row.place(sort))[:limit] if sort is LoanSort.DUE_ON else found


def loans_statement(
    wanted: LoanFilter,
    *,
    sort: LoanSort,
    after: tuple[Any, ...] | None,
    limit: int,
    in_grace: bool = False,
) -> Select[tuple[Any, ...]]:
    """The statement of both lists. A test looks at its plans. By what is due, there is one for the loans whose next
    event is a late charge before something is due (`in_grace`), and one for the others."""
    event_on = Loan.due_event_on if in_grace else Loan.next_event_on
    columns = (
        *_OF_LOANS,
        event_on.label("due_event_on"),
        _due_on(wanted).label("due_on"),
        _is_overdue(wanted).label("is_overdue"),
    )
    statement = select(*columns).where(*_conditions(wanted, sort=sort))
    by_origin = wanted.product_code or wanted.disbursed_from or wanted.disbursed_to or "disbursed" in sort
    keys: list[Any] = [Loan.customer_id, Loan.id]
    if by_origin:
        statement = statement.join(LoanOrigin, _ORIGIN).where(*_origin_conditions(wanted))
        keys = [LoanOrigin.customer_id, LoanOrigin.loan_id]
    if sort is LoanSort.DUE_ON:
        # Only active loans have a next event, and the indexes know no others.
        statement = statement.where(Loan.status == ACTIVE, *_due(wanted, in_grace=in_grace))
        keys = [event_on, Loan.customer_id, Loan.id]
    elif sort is not LoanSort.LOAN:
        keys = [LoanOrigin.disbursed_on, *keys]
    elif wanted.overdue:
        late = _late_loans(wanted, after)
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


def _late_loans(wanted: LoanFilter, after: tuple[Any, ...] | None) -> Subquery:
    """The loans with an overdue bill in the order of their keys, each once."""
    columns = (Bill.customer_id, Bill.loan_id)
    late = select(*columns).where(_OVERDUE).distinct().order_by(*columns)
    if wanted.customer_id is not None:
        late = late.where(Bill.customer_id == wanted.customer_id)
    return (late if after is None else late.where(tuple_(*columns) > tuple_(*after))).subquery("late")


def _of_bills(measure: ColumnElement[Any], *conditions: ColumnElement[bool], wanted: LoanFilter) -> Any:
    """A measure of the bills of each loan. With several servers, a customer who is named goes to one of them only if
    each part of a statement names the customer."""
    found = select(measure).where(Bill.customer_id == Loan.customer_id, Bill.loan_id == Loan.id, *conditions)
    if wanted.customer_id is not None:
        found = found.where(Bill.customer_id == wanted.customer_id)
    return found.correlate(Loan).scalar_subquery()


def _due_on(wanted: LoanFilter) -> ColumnElement[Any]:
    """The due date of the oldest open bill that is not overdue; without one, the day of the next bill."""
    open_due = _of_bills(func.min(Bill.due_on), Bill.settled_on.is_(None), Bill.closed_on.is_(None), wanted=wanted)
    return func.least(open_due, Loan.next_billing_on)


def _is_overdue(wanted: LoanFilter) -> ColumnElement[bool]:
    """Whether a loan has an overdue bill. An EXISTS would make PostgreSQL hash all overdue bills for a page of fifty
    loans."""
    found: ColumnElement[bool] = _of_bills(func.count(), _OVERDUE, wanted=wanted) > 0
    return found


def _conditions(wanted: LoanFilter, *, sort: LoanSort) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.customer_id is not None:
        found.append(Loan.customer_id == wanted.customer_id)
    if wanted.status is not None:
        found.append(Loan.status == wanted.status)
    if wanted.overdue is not None:
        found.append(_is_overdue(wanted) if wanted.overdue else ~_is_overdue(wanted))
    if sort is not LoanSort.DUE_ON and (wanted.due_from is not None or wanted.due_to is not None):
        either = (and_(*_due(wanted, in_grace=in_grace)) for in_grace in (False, True))
        found += [Loan.status == ACTIVE, or_(*either)]
    return found


def _due(wanted: LoanFilter, *, in_grace: bool) -> list[ColumnElement[bool]]:
    """The days between which something is due. A bill is closed on the day after its due date, so the event is on the
    due date or one day later. Its bills are read only where that matters."""
    event_on = Loan.due_event_on if in_grace else Loan.next_event_on
    waits = Loan.due_event_on > Loan.next_event_on
    found = [Loan.next_event_on != _DUE_EVENT if in_grace else waits.is_not(True)]
    if wanted.due_from is not None:
        found += [
            event_on >= wanted.due_from,
            or_(_DUE_EVENT.is_distinct_from(wanted.due_from), _due_on(wanted) >= wanted.due_from),
        ]
    if wanted.due_to is not None:
        day_after = wanted.due_to + timedelta(days=1)
        found += [event_on <= day_after, or_(_DUE_EVENT.is_distinct_from(day_after), _due_on(wanted) <= wanted.due_to)]
    if wanted.due_from is None and wanted.due_to is None:
        found.append(event_on.is_not(None))
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
