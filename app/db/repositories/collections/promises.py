"""Promises to pay, and the payments that they are judged by."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Integer, Select, and_, any_, cast, func, insert, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CollectionCase, CollectionPromise, Customer, Loan
from app.db.models.collections import promise_numbers
from app.db.repositories import public_ids
from app.db.repositories.collections.assigning import CaseKey
from app.db.statements import Statement
from app.domain.collections.promises import Promise, PromiseStatus, Receipt, Verdict
from app.domain.delinquency.facilities import FacilityKey
from app.domain.errors import NotFound
from app.domain.rulebook.kinds import ProductKind


class PromiseNotFound(NotFound):
    """There is no such promise. Check the id."""

    code = "promise_not_found"


class StoredPromise(NamedTuple):
    """A promise with its verdict, its loan or card, and the year of a loan's disbursal."""

    customer_id: int
    facility: FacilityKey
    promise: Promise
    verdict: Verdict
    loan_year: int | None
    status_on: date
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFilter:
    """Which promises a list holds. Days are included on both sides. `officer_id` is in charge of the case."""

    customer_id: int | None = None
    status: PromiseStatus | None = None
    officer_id: int | None = None
    pay_from: date | None = None
    pay_to: date | None = None


class PromiseLine(NamedTuple):
    """A promise in a list, with the borrower and the officer in charge."""

    stored: StoredPromise
    customer_name: str | None
    phone: str | None
    officer_id: int | None


_P: Final = CollectionPromise
_COLUMNS: Final[tuple[Any, ...]] = (
    _P.customer_id, _P.id, _P.kind, _P.facility_id, _P.amount_paise, _P.pay_by, _P.made_on, _P.made_at, _P.status,
    _P.paid_paise, _P.kept_on, _P.status_on, _P.actor,
    cast(func.date_part("year", Loan.disbursed_on), Integer).label("loan_year"),
)  # fmt: skip


def _of_loan(customer_id: int | None = None) -> Any:
    """The loan of a promise. With several servers, a customer who is named goes to one of them only if each part of a
    statement names the customer."""
    on = and_(_P.kind == ProductKind.LOAN.value, Loan.customer_id == _P.customer_id, Loan.id == _P.facility_id)
    return on if customer_id is None else and_(on, Loan.customer_id == customer_id)


async def add_promise(
    session: AsyncSession, key: CaseKey, promise: Promise, *, loan_year: int | None, actor: str
) -> StoredPromise:
    """Writes a new promise and its public number."""
    await public_ids.add_number(session, "promise", promise.id, customer_id=key.customer_id)
    await session.execute(
        insert(_P).values(
            customer_id=key.customer_id,
            id=promise.id,
            kind=key.facility.kind.value,
            facility_id=key.facility.number,
            amount_paise=promise.amount_paise,
            pay_by=promise.pay_by,
            made_on=promise.made_on,
            made_at=promise.made_at,
            status=promise.status.value,
            paid_paise=0,
            kept_on=None,
            status_on=promise.made_on,
            actor=actor,
        )
    )
    verdict = Verdict(promise.id, promise.status, 0, None)
    return StoredPromise(key.customer_id, key.facility, promise, verdict, loan_year, promise.made_on, actor)


async def next_promise_number(session: AsyncSession) -> int:
    """A new number, read before the insert."""
    return int((await session.execute(select(promise_numbers.next_value()))).scalar_one())


async def get_promise(session: AsyncSession, number: int) -> StoredPromise:
    """A promise by its number. Raises PromiseNotFound."""
    owner = await public_ids.find_owner(session, "promise", number)
    row = None
    if owner is not None:
        of_customer = (_P.customer_id == owner.customer_id, _P.id == number)
        statement = select(*_COLUMNS).outerjoin(Loan, _of_loan(owner.customer_id)).where(*of_customer)
        row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise PromiseNotFound("there is no such promise", field="promise_id")
    return _stored(row)


async def list_of_facility(session: AsyncSession, key: CaseKey) -> list[StoredPromise]:
    """All promises on a loan or card, the newest first."""
    statement = select(*_COLUMNS).outerjoin(Loan, _of_loan(key.customer_id))
    statement = statement.where(
        _P.customer_id == key.customer_id, _P.kind == key.facility.kind.value, _P.facility_id == key.facility.number
    )
    return [_stored(row) for row in await session.execute(statement.order_by(_P.id.desc()))]


async def list_of_customers(session: AsyncSession, customer_ids: Sequence[int]) -> list[StoredPromise]:
    """All promises of customers that were not withdrawn."""
    customers = literal(list(customer_ids), ARRAY(BigInteger))
    statement = select(*_COLUMNS).outerjoin(Loan, and_(_of_loan(), Loan.customer_id == any_(customers)))
    statement = statement.where(_P.customer_id == any_(customers), _P.status != PromiseStatus.WITHDRAWN.value)
    return [_stored(row) for row in await session.execute(statement)]


async def list_promises(
    session: AsyncSession, wanted: PromiseFilter, *, after: tuple[Any, ...] | None, limit: int
) -> list[PromiseLine]:
    """A page of promises by their day, after the row with this day, customer and number."""
    rows = await session.execute(promises_statement(wanted, after=after, limit=limit))
    return [PromiseLine(_stored(row), row.customer_name, row.phone, row.officer_id) for row in rows]


def promises_statement(wanted: PromiseFilter, *, after: tuple[Any, ...] | None, limit: int) -> Select[tuple[Any, ...]]:
    """The statement of `list_promises`. A test looks at its plans."""
    of_case = and_(
        CollectionCase.customer_id == _P.customer_id,
        CollectionCase.kind == _P.kind,
        CollectionCase.facility_id == _P.facility_id,
    )
    statement = (
        select(*_COLUMNS, Customer.name.label("customer_name"), Customer.phone, CollectionCase.officer_id)
        .join(Customer, Customer.customer_id == _P.customer_id)
        .outerjoin(Loan, _of_loan())
        .outerjoin(CollectionCase, of_case)
    )
    keys = (_P.pay_by, _P.customer_id, _P.id)
    if wanted.customer_id is not None:
        statement = statement.where(_P.customer_id == wanted.customer_id)
    if wanted.status is not None:
        statement = statement.where(_P.status == wanted.status.value)
    if wanted.officer_id is not None:
        statement = statement.where(CollectionCase.officer_id == wanted.officer_id)
    if wanted.pay_from is not None:
        statement = statement.where(_P.pay_by >= wanted.pay_from)
    if wanted.pay_to is not None:
        statement = statement.where(_P.pay_by <= wanted.pay_to)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return statement.order_by(*keys).limit(limit)


_PUT = Statement(
    """
UPDATE collection_promises AS p
SET status = n.now_status, paid_paise = n.paid, kept_on = n.kept, status_on = CAST(:status_on AS date)
FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:ids AS bigint[]), CAST(:statuses AS text[]),
            CAST(:paid AS bigint[]), CAST(:kept AS date[])) AS n(of_customer, of_id, now_status, paid, kept)
WHERE p.customer_id = n.of_customer AND p.id = n.of_id AND p.status <> 'withdrawn'
  AND p.customer_id = ANY(CAST(:customer_ids AS bigint[]))
RETURNING p.customer_id, p.id
"""
)


async def put_verdicts(
    session: AsyncSession, verdicts: Iterable[tuple[int, Verdict]], *, on: date
) -> set[tuple[int, int]]:
    """Writes how promises stand: (customer, verdict). Returns the keys of those that were not withdrawn meanwhile."""
    rows = list(verdicts)
    if not rows:
        return set()
    written = await _PUT.list(
        session,
        status_on=on,
        customer_ids=[customer_id for customer_id, _ in rows],
        ids=[verdict.promise_id for _, verdict in rows],
        statuses=[verdict.status.value for _, verdict in rows],
        paid=[verdict.paid_paise for _, verdict in rows],
        kept=[verdict.kept_on for _, verdict in rows],
    )
    return {(row.customer_id, row.id) for row in written}


# --- what they are judged by -----------------------------------------------------------------------------------------

_PAYMENTS = Statement(
    """
SELECT customer_id, loan_id AS facility_id, id AS number, amount_paise, value_date AS value_on,
       received_at AS entered_at
FROM payments
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND loan_id = ANY(CAST(:facility_ids AS bigint[]))
  AND reversed_on IS NULL AND received_at >= CAST(:since AS timestamptz)
"""
)
_CARD_PAYMENTS = Statement(
    """
SELECT customer_id, account_id AS facility_id, number, amount_paise - undone_paise AS amount_paise, value_on,
       posted_at AS entered_at
FROM card_postings
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND account_id = ANY(CAST(:facility_ids AS bigint[]))
  AND kind = 'payment' AND amount_paise > undone_paise AND posted_at >= CAST(:since AS timestamptz)
"""
)


async def list_receipts(
    session: AsyncSession, keys: Iterable[CaseKey], *, since: datetime
) -> dict[CaseKey, list[Receipt]]:
    """The payments that stand of loans and cards and were entered at an instant or later."""
    found: dict[CaseKey, list[Receipt]] = defaultdict(list)
    wanted = set(keys)
    for kind, statement in ((ProductKind.LOAN, _PAYMENTS), (ProductKind.CARD, _CARD_PAYMENTS)):
        of_kind = [key for key in wanted if key.facility.kind is kind]
        if not of_kind:
            continue
        rows = await statement.list(
            session,
            customer_ids=sorted({key.customer_id for key in of_kind}),
            facility_ids=sorted({key.facility.number for key in of_kind}),
            since=since,
        )
        for row in rows:
            key = CaseKey(row.customer_id, FacilityKey(kind, row.facility_id))
            found[key].append(Receipt(row.number, row.amount_paise, row.value_on, row.entered_at))
    return found


def _stored(row: Any) -> StoredPromise:
    promise = Promise(
        id=row.id,
        amount_paise=row.amount_paise,
        pay_by=row.pay_by,
        made_on=row.made_on,
        made_at=row.made_at,
        status=PromiseStatus(row.status),
    )
    return StoredPromise(
        row.customer_id,
        FacilityKey(ProductKind(row.kind), row.facility_id),
        promise,
        Verdict(row.id, promise.status, row.paid_paise, row.kept_on),
        row.loan_year,
        row.status_on,
        row.actor,
    )
