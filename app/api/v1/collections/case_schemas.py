"""A case, and the filters of the work list, as they are sent and received."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from pydantic import Field

from app.api.id_schemas import CardAccountId, CardAccountIdOut, LoanId, LoanIdOut, PromiseIdOut, UserIdOut
from app.api.schemas import Answer, Between, Body, Day, Rupees, RupeesOut, Whole
from app.db.repositories.collections.cases import CaseSummary
from app.db.repositories.collections.promises import StoredPromise
from app.domain.collections.cases import NextAction
from app.domain.collections.promises import PromiseStatus
from app.domain.collections.work_list import CaseFilter, CaseSort
from app.domain.cursors import read_cursor, write_cursor
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey
from app.domain.public_ids import format_loan_id
from app.domain.rulebook.kinds import ProductKind
from app.services.collections.diary import Subject
from app.services.collections.work_list import cursor_values, days_past_due

#: The kinds in the order of their names, in which the list is ordered too: a cursor holds the place.
KINDS: Final = sorted(kind.value for kind in ProductKind)
DaysPastDue = Annotated[Whole, Between(1, 100_000)]
OfficerId = Annotated[Whole, Between(1, 2**63 - 1)]


class OfLoanOrCard(Body):
    """A body about a loan or a card account: exactly one of them."""

    loan_id: LoanId | None = None
    card_account_id: CardAccountId | None = None

    @property
    def named(self) -> dict[str, Any]:
        """The loan or the card account, as the services are asked for it."""
        return {"loan": self.loan_id, "account_id": self.card_account_id}

    @property
    def subject(self) -> Subject:
        """The loan or the card account."""
        return Subject(loan=self.loan_id, account_id=self.card_account_id)


class CaseAnswer(Answer):
    """A loan or a card account that is past due.

    `overdue`, `asset_class` and `days_past_due` are those of the latest day-end, by which the list is filtered and
    sorted. `overdue_now` is what is overdue at this moment. `in_list_since` is the day-end that
    found it past due, and `closed_on` the one that found it current again. `promise` is the status of the promise that
    counts most: the open one that ends first, or else the latest.
    """

    loan_id: LoanIdOut | None
    card_account_id: CardAccountIdOut | None
    user_id: UserIdOut
    name: str | None
    phone: str | None
    product: str | None
    days_past_due: int
    asset_class: AssetClass
    overdue: RupeesOut
    overdue_now: RupeesOut
    oldest_due_on: date
    in_list_since: date
    closed_on: date | None
    officer_id: int | None
    officer: str | None
    next_action: NextAction | None
    next_action_on: date | None
    promise: PromiseStatus | None
    promised: RupeesOut | None
    promised_for: date | None
    contacted_at: datetime | None


class PromiseAnswer(Answer):
    """A promise to pay. `paid` is what has come towards it by its day; `kept_on` is the day on which that was enough.
    The daily run says whether it is kept."""

    promise_id: PromiseIdOut
    loan_id: LoanIdOut | None
    card_account_id: CardAccountIdOut | None
    user_id: UserIdOut
    amount: RupeesOut
    pay_by: date
    made_on: date
    made_at: datetime
    made_by: str = Field(examples=["officer:5"])
    status: PromiseStatus
    paid: RupeesOut
    kept_on: date | None


class CaseFilters(Body):
    """Filters of the work list. All of them apply together; ranges include both ends."""

    kind: ProductKind | None = None
    asset_class: AssetClass | None = None
    officer_id: OfficerId | None = None
    unassigned: bool = False
    days_from: DaysPastDue | None = None
    days_to: DaysPastDue | None = None
    overdue_from: Rupees | None = None
    overdue_to: Rupees | None = None
    promise: PromiseStatus | None = None
    action_to: Day | None = None

    @property
    def wanted(self) -> CaseFilter:
        """The filter of the list."""
        return CaseFilter(
            kind=self.kind,
            asset_class=self.asset_class,
            officer_id=self.officer_id,
            is_unassigned=self.unassigned,
            days_from=self.days_from,
            days_to=self.days_to,
            overdue_from_paise=self.overdue_from,
            overdue_to_paise=self.overdue_to,
            promise=self.promise,
            action_to=self.action_to,
        )


class SavedFiltersAnswer(Answer):
    """The filters of a view. What is not filtered by is null."""

    kind: ProductKind | None
    asset_class: AssetClass | None
    officer_id: int | None
    unassigned: bool
    days_from: int | None
    days_to: int | None
    overdue_from: RupeesOut | None
    overdue_to: RupeesOut | None
    promise: PromiseStatus | None
    action_to: date | None


async def asked_filter(
    kind: Annotated[ProductKind | None, Query(description="Only loans, or only card accounts")] = None,
    asset_class: Annotated[AssetClass | None, Query(description="Only cases of this class")] = None,
    officer_id: Annotated[OfficerId | None, Query(description="Only cases in the charge of this officer")] = None,
    unassigned: Annotated[bool, Query(description="Only cases that nobody is in charge of")] = False,
    days_from: Annotated[DaysPastDue | None, Query(description="At least so many days past due")] = None,
    days_to: Annotated[DaysPastDue | None, Query(description="At most so many days past due")] = None,
    overdue_from: Annotated[Rupees | None, Query(description="At least so much overdue")] = None,
    overdue_to: Annotated[Rupees | None, Query(description="At most so much overdue")] = None,
    promise: Annotated[PromiseStatus | None, Query(description="Only cases with such a promise")] = None,
    action_to: Annotated[Day | None, Query(description="Only cases whose next action is due by this day")] = None,
) -> CaseFilter:
    """The filter that the query asks for."""
    return CaseFilter(
        kind=kind,
        asset_class=asset_class,
        officer_id=officer_id,
        is_unassigned=unassigned,
        days_from=days_from,
        days_to=days_to,
        overdue_from_paise=overdue_from,
        overdue_to_paise=overdue_to,
        promise=promise,
        action_to=action_to,
    )


AskedFilter = Annotated[CaseFilter, Depends(asked_filter)]
Sorted = Annotated[CaseSort, Query(description="`next_action_on` lists cases with a next action only")]


def filters_of(wanted: CaseFilter) -> SavedFiltersAnswer:
    """A filter as it is sent."""
    return SavedFiltersAnswer(
        kind=wanted.kind,
        asset_class=wanted.asset_class,
        officer_id=wanted.officer_id,
        unassigned=wanted.is_unassigned,
        days_from=wanted.days_from,
        days_to=wanted.days_to,
        overdue_from=wanted.overdue_from_paise,
        overdue_to=wanted.overdue_to_paise,
        promise=wanted.promise,
        action_to=wanted.action_to,
    )


def present_case(case: CaseSummary, *, judged: date, officer: str | None) -> CaseAnswer:
    """A case as it is sent."""
    return CaseAnswer(
        **facility_ids(case.key, loan_year=case.loan_year),
        user_id=case.customer_id,
        name=case.customer_name,
        phone=case.phone,
        product=case.product_code,
        days_past_due=0 if case.closed_on is not None else days_past_due(case, judged=judged),
        asset_class=case.asset_class,
        overdue=case.overdue_paise,
        overdue_now=case.overdue_now_paise,
        oldest_due_on=case.oldest_due_on,
        in_list_since=case.opened_on,
        closed_on=case.closed_on,
        officer_id=case.officer_id,
        officer=officer,
        next_action=case.next_action,
        next_action_on=case.next_action_on,
        promise=case.promise,
        promised=case.promised_paise,
        promised_for=case.promised_for,
        contacted_at=case.contacted_at,
    )


def present_promise(stored: StoredPromise) -> PromiseAnswer:
    """A promise as it is sent."""
    promise, verdict = stored.promise, stored.verdict
    return PromiseAnswer(
        promise_id=promise.id,
        **facility_ids(stored.facility, loan_year=stored.loan_year),
        user_id=stored.customer_id,
        amount=promise.amount_paise,
        pay_by=promise.pay_by,
        made_on=promise.made_on,
        made_at=promise.made_at,
        made_by=stored.actor,
        status=verdict.status,
        paid=verdict.paid_paise,
        kept_on=verdict.kept_on,
    )


def facility_ids(key: FacilityKey | None, *, loan_year: int | None) -> dict[str, Any]:
    """The public id of a loan, or the number of a card account, which an answer writes as its id."""
    is_loan = key is not None and key.kind is ProductKind.LOAN and loan_year is not None
    return {
        "loan_id": format_loan_id(year=loan_year or 0, number=key.number) if key is not None and is_loan else None,
        "card_account_id": key.number if key is not None and key.kind is ProductKind.CARD else None,
    }


def write_case_cursor(case: CaseSummary, sort: CaseSort) -> str:
    """The cursor after a case."""
    value, customer_id, kind, number = cursor_values(case, sort)
    return write_cursor(value, customer_id, KINDS.index(kind), number)


def read_case_cursor(text: str | None, sort: CaseSort) -> tuple[Any, ...] | None:
    """The values of a cursor. Raises CursorUnknown."""
    first: type[int] | type[date] = int if sort is CaseSort.AMOUNT else date
    values = read_cursor(text, first, int, int, int)
    if values is None:
        return None
    value, customer_id, kind, number = values
    return value, customer_id, KINDS[min(kind, len(KINDS) - 1)], number
