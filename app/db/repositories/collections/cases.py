"""The work list: open cases across customers, a page at a time, and one case by its key.

Every order has an index of open cases that gives the rows in that order, alone and behind an officer or a class. What a
day-end wrote is filtered and sorted by; what is overdue now is read for the rows of a page only.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, Select, and_, case, cast, func, select, text, tuple_, update
from sqlalchemy import column as named
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Bill, CardAccount, CollectionCase, Customer, Loan
from app.db.repositories.cards.states import open_statements
from app.db.statements import Statement
from app.domain.collections.cases import Case, Figures, NextAction
from app.domain.collections.promises import Promise, PromiseStatus
from app.domain.collections.work_list import CaseFilter, CaseSort
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.errors import NotFound
from app.domain.rulebook.kinds import ProductKind


class CaseNotFound(NotFound):
    """The loan or card is not in the work list, because no day-end has found it past due. It comes in with the day-end
    that does."""

    code = "collection_case_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """A case in a list, with the borrower. `overdue_now_paise` is what is overdue at this moment; `overdue_paise` is
    what a day-end wrote."""

    customer_id: int
    kind: ProductKind
    facility_id: int
    loan_year: int | None
    product_code: str | None
    customer_name: str | None
    phone: str | None
    opened_on: date
    closed_on: date | None
    oldest_due_on: date
    asset_class: AssetClass
    overdue_paise: int
    overdue_now_paise: int
    officer_id: int | None
    next_action: NextAction | None
    next_action_on: date | None
    promise: PromiseStatus | None
    promised_paise: int | None
    promised_for: date | None
    contacted_at: datetime | None

    @property
    def key(self) -> FacilityKey:
        return FacilityKey(self.kind, self.facility_id)


_OF_LOAN: Final = and_(
    CollectionCase.kind == ProductKind.LOAN.value,
    Loan.customer_id == CollectionCase.customer_id,
    Loan.id == CollectionCase.facility_id,
)
_OF_CARD: Final = and_(
    CollectionCase.kind == ProductKind.CARD.value,
    CardAccount.customer_id == CollectionCase.customer_id,
    CardAccount.id == CollectionCase.facility_id,
)
_STORED: Final = (
    "customer_id", "kind", "facility_id", "opened_on", "closed_on", "oldest_due_on", "asset_class", "overdue_paise",
    "officer_id", "next_action", "next_action_on", "promise", "promised_paise", "promised_for", "contacted_at",
)  # fmt: skip
_KEY: Final[tuple[Any, ...]] = (CollectionCase.customer_id, CollectionCase.kind, CollectionCase.facility_id)
_ORDER: Final[dict[CaseSort, Any]] = {
    CaseSort.DAYS: CollectionCase.oldest_due_on,
    CaseSort.AMOUNT: CollectionCase.overdue_paise,
    CaseSort.ACTION: CollectionCase.next_action_on,
}


async def list_cases(
    session: AsyncSession,
    wanted: CaseFilter,
    *,
    sort: CaseSort,
    judged: date,
    today: date,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[CaseSummary]:
    """A page of open cases in this order, after the row with these values of the order. `judged` is the day-end that
    days past due are counted at."""
    statement = cases_statement(wanted, sort=sort, judged=judged, today=today, after=after, limit=limit)
    return [_summary(row) for row in (await session.execute(statement)).mappings()]


def cases_statement(
    wanted: CaseFilter, *, sort: CaseSort, judged: date, today: date, after: tuple[Any, ...] | None, limit: int
) -> Select[tuple[Any, ...]]:
    """The statement of `list_cases`. A test looks at its plans."""
    statement = _with_borrower(today).where(*conditions(wanted, sort=sort, judged=judged))
    return statement.where(*_after(sort, after)).order_by(*order(wanted, sort)).limit(limit)


def keys_statement(wanted: CaseFilter, *, sort: CaseSort, judged: date, limit: int) -> Select[tuple[Any, ...]]:
    """The keys of the first cases of a list."""
    statement = select(*_KEY).where(*conditions(wanted, sort=sort, judged=judged))
    return statement.order_by(*order(wanted, sort)).limit(limit)


async def list_cases_of_customer(session: AsyncSession, customer_id: int, *, today: date) -> list[CaseSummary]:
    """All cases of a customer, open and closed, the open ones first."""
    statement = _with_borrower(today, customer_id=customer_id).where(CollectionCase.customer_id == customer_id)
    statement = statement.order_by(CollectionCase.closed_on.desc().nulls_first(), CollectionCase.facility_id)
    return [_summary(row) for row in (await session.execute(statement)).mappings()]


async def find_case(session: AsyncSession, customer_id: int, key: FacilityKey, *, today: date) -> CaseSummary | None:
    """A case, open or closed."""
    statement = _with_borrower(today, customer_id=customer_id).where(*_is(customer_id, key))
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else _summary(row)


async def plan_action(
    session: AsyncSession, customer_id: int, key: FacilityKey, *, action: NextAction | None, on: date | None
) -> None:
    """Writes what is to be done next on an open case. Raises CaseNotFound."""
    values = {"next_action": None if action is None else action.value, "next_action_on": on}
    await _write(session, customer_id, key, values)


async def put_contact(session: AsyncSession, customer_id: int, key: FacilityKey, *, at: datetime) -> None:
    """Writes the time of the latest contact. Does nothing if there is no case."""
    statement = update(CollectionCase).where(*_is(customer_id, key))
    await session.execute(
        statement.values(contacted_at=func.greatest(func.coalesce(CollectionCase.contacted_at, at), at))
    )


_PUT_PROMISES = Statement(
    """
UPDATE collection_cases AS c
SET promise = n.status, promised_paise = n.promised, promised_for = n.promised_day
FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:kinds AS text[]), CAST(:facility_ids AS bigint[]),
            CAST(:statuses AS text[]), CAST(:amounts AS bigint[]), CAST(:days AS date[]))
     AS n(of_customer, of_kind, of_id, status, promised, promised_day)
WHERE c.customer_id = n.of_customer AND c.kind = n.of_kind AND c.facility_id = n.of_id
  AND c.customer_id = ANY(CAST(:customer_ids AS bigint[]))
"""
)


async def put_promises(session: AsyncSession, prevailing: dict[tuple[int, FacilityKey], Promise | None]) -> None:
    """Writes the promise that lists show of each case. Facilities without a case are left out."""
    if not prevailing:
        return
    rows = [(customer_id, key, promise) for (customer_id, key), promise in prevailing.items()]
    await _PUT_PROMISES.list(
        session,
        customer_ids=[customer_id for customer_id, _, _ in rows],
        kinds=[key.kind.value for _, key, _ in rows],
        facility_ids=[key.number for _, key, _ in rows],
        statuses=[None if promise is None else promise.status.value for _, _, promise in rows],
        amounts=[None if promise is None else promise.amount_paise for _, _, promise in rows],
        days=[None if promise is None else promise.pay_by for _, _, promise in rows],
    )


async def _write(session: AsyncSession, customer_id: int, key: FacilityKey, values: dict[str, Any]) -> None:
    statement = update(CollectionCase).where(*_is(customer_id, key), CollectionCase.closed_on.is_(None))
    found = await session.execute(statement.values(values).returning(CollectionCase.facility_id))
    if found.one_or_none() is None:
        raise CaseNotFound("this loan or card is not in the work list", field="facility")


def _is(customer_id: int, key: FacilityKey) -> tuple[Any, ...]:
    return (
        CollectionCase.customer_id == customer_id,
        CollectionCase.kind == key.kind.value,
        CollectionCase.facility_id == key.number,
    )


def _with_borrower(today: date, *, customer_id: int | None = None) -> Select[tuple[Any, ...]]:
    """The columns of a summary. With several servers, a customer who is named goes to one of them only if each part of
    the statement names the customer."""
    of_loan, of_card, of_person = _OF_LOAN, _OF_CARD, Customer.customer_id == CollectionCase.customer_id
    if customer_id is not None:
        of_loan = and_(of_loan, Loan.customer_id == customer_id)
        of_card = and_(of_card, CardAccount.customer_id == customer_id)
        of_person = and_(of_person, Customer.customer_id == customer_id)
    columns = [getattr(CollectionCase, name) for name in _STORED]
    return (
        select(
            *columns,
            cast(func.date_part("year", Loan.disbursed_on), Integer).label("loan_year"),
            func.coalesce(Loan.product_code, CardAccount.product_code).label("product_code"),
            Customer.name.label("customer_name"),
            Customer.phone,
            _overdue_now(today, customer_id).label("overdue_now_paise"),
        )
        .join(Customer, of_person)
        .outerjoin(Loan, of_loan)
        .outerjoin(CardAccount, of_card)
    )


def _overdue_now(today: date, customer_id: int | None) -> Any:
    """What is overdue at this moment. A bill or a minimum that is due today is not."""
    is_card = CollectionCase.kind == ProductKind.CARD.value
    return case((is_card, _minimum_overdue(today)), else_=_bills_overdue(today, customer_id))


def _minimum_overdue(today: date) -> Any:
    """What is unpaid of minimum dues. A later statement asks for what an earlier one left, so the largest counts."""
    open_ = text(open_statements("card_accounts")).columns(
        named("number", Integer), named("due", Integer), named("unpaid_paise", BigInteger)
    )
    found = open_.subquery("u").lateral()
    unpaid = select(func.max(found.c.unpaid_paise)).where(CardAccount.status == "open", found.c.due < today.toordinal())
    return func.coalesce(unpaid.correlate(CardAccount).scalar_subquery(), cast(0, BigInteger))


def _bills_overdue(today: date, customer_id: int | None) -> Any:
    unpaid = Bill.unpaid_charges_paise + Bill.unpaid_interest_paise + Bill.unpaid_principal_paise
    found = select(cast(func.coalesce(func.sum(unpaid), 0), BigInteger)).where(
        Bill.customer_id == Loan.customer_id, Bill.loan_id == Loan.id, Bill.settled_on.is_(None), Bill.due_on < today
    )
    if customer_id is not None:
        found = found.where(Bill.customer_id == customer_id)
    return found.correlate(Loan).scalar_subquery()


def conditions(wanted: CaseFilter, *, sort: CaseSort, judged: date) -> list[Any]:
    """The conditions of a filter on open cases."""
    first, last = wanted.oldest_due(judged=judged)
    found: list[Any] = [CollectionCase.closed_on.is_(None)]
    if wanted.is_unassigned:
        found.append(CollectionCase.officer_id.is_(None))
    equals: list[tuple[Any, Any]] = [
        (CollectionCase.kind, wanted.kind),
        (CollectionCase.asset_class, wanted.asset_class),
        (CollectionCase.officer_id, wanted.officer_id),
        (CollectionCase.promise, wanted.promise),
    ]
    found += [column == value for column, value in equals if value is not None]
    ranges: list[tuple[Any, Any, Any]] = [
        (CollectionCase.oldest_due_on, first, last),
        (CollectionCase.overdue_paise, wanted.overdue_from_paise, wanted.overdue_to_paise),
        (CollectionCase.next_action_on, None, wanted.action_to),
    ]
    for column, least, most in ranges:
        found += [] if least is None else [column >= least]
        found += [] if most is None else [column <= most]
    if sort is CaseSort.ACTION:
        found.append(CollectionCase.next_action_on.is_not(None))
    return found


def order(wanted: CaseFilter, sort: CaseSort) -> list[Any]:
    """The order of a list. Without an officer, the column is named so that the index behind officers gives the
    order."""
    columns = [_ORDER[sort], *_KEY]
    if wanted.is_unassigned:
        columns = [CollectionCase.officer_id, *columns]
    return [column.desc() if sort is CaseSort.AMOUNT else column for column in columns]


def _after(sort: CaseSort, after: tuple[Any, ...] | None) -> list[Any]:
    if after is None:
        return []
    columns = tuple_(_ORDER[sort], *_KEY)
    return [columns < tuple_(*after) if sort is CaseSort.AMOUNT else columns > tuple_(*after)]


def _summary(row: Any) -> CaseSummary:
    return CaseSummary(
        **{
            **row,
            "kind": ProductKind(row["kind"]),
            "asset_class": AssetClass(row["asset_class"]),
            "next_action": None if row["next_action"] is None else NextAction(row["next_action"]),
            "promise": None if row["promise"] is None else PromiseStatus(row["promise"]),
        }
    )


def case_of(row: Any) -> Case:
    """What a day-end knows of a stored case."""
    figures = Figures(row.oldest_due_on, AssetClass(row.asset_class), row.overdue_paise)
    return Case(figures=figures, opened_on=row.opened_on, closed_on=row.closed_on)
