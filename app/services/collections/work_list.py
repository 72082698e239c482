"""The work list: open cases by days past due, amount or next action, and one loan or card with its promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.db.repositories.collections import cases as repository
from app.db.repositories.collections import promises as promise_repository
from app.db.repositories.collections.cases import CaseSummary
from app.db.repositories.collections.promises import StoredPromise
from app.db.repositories.delinquency import day_ends as day_end_repository
from app.domain.collections.work_list import CaseFilter, CaseSort, check_filter
from app.domain.public_ids import LoanReference
from app.services.collections.facilities import check_staff, find_customer, find_facility, officer_names
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """A page of cases. Days past due are those at the day-end `judged`; `officers` has the names of staff."""

    judged: date
    cases: Sequence[CaseSummary]
    officers: Mapping[int, str]

    def days_past_due(self, case: CaseSummary) -> int:
        """The days past due of an open case at the latest day-end; 0 of a closed one."""
        return 0 if case.closed_on is not None else days_past_due(case, judged=self.judged)

    def officer(self, case: CaseSummary) -> str | None:
        """The name of the officer in charge."""
        return None if case.officer_id is None else self.officers.get(case.officer_id)


def days_past_due(case: CaseSummary, *, judged: date) -> int:
    """The days past due at a day-end, the due date counted as the first."""
    return max(0, judged.toordinal() - case.oldest_due_on.toordinal() + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A loan or a card account with its case (None: it never was past due) and its promises, the newest first."""

    judged: date
    case: CaseSummary | None
    promises: Sequence[StoredPromise]
    officer: str | None


async def judged_through(uow: UnitOfWork) -> date:
    """The day-end that days past due are counted at: the latest that is judged; before the first, yesterday's."""
    found = await day_end_repository.find_judged_through(uow.session)
    return found or await uow.business_date() - timedelta(days=1)


async def list_cases(
    uow: UnitOfWork,
    wanted: CaseFilter,
    *,
    sort: CaseSort = CaseSort.DAYS,
    after: tuple[Any, ...] | None = None,
    limit: int,
) -> WorkList:
    """A page of the work list. Raises Forbidden, FilterInvalid."""
    check_staff(uow)
    check_filter(wanted)
    judged, today = await judged_through(uow), await uow.business_date()
    cases = await repository.list_cases(
        uow.session, wanted, sort=sort, judged=judged, today=today, after=after, limit=limit
    )
    return WorkList(judged=judged, cases=cases, officers=await officer_names(uow))


async def list_cases_of_customer(uow: UnitOfWork, customer_id: int) -> WorkList:
    """All cases of a customer, open and closed. Raises Forbidden, CustomerNotFound."""
    check_staff(uow)
    today = await uow.business_date()
    cases = await repository.list_cases_of_customer(uow.session, await find_customer(uow, customer_id), today=today)
    return WorkList(judged=await judged_through(uow), cases=cases, officers=await officer_names(uow))


async def view_case(uow: UnitOfWork, *, loan: LoanReference | None = None, account_id: int | None = None) -> CaseView:
    """A loan or a card account as those who collect see it.

    Raises Forbidden, FacilityAmbiguous, LoanNotFound, CardAccountNotFound.
    """
    check_staff(uow)
    key = (await find_facility(uow, loan=loan, account_id=account_id)).key
    today = await uow.business_date()
    case = await repository.find_case(uow.session, key.customer_id, key.facility, today=today)
    names = {} if case is None or case.officer_id is None else await officer_names(uow)
    return CaseView(
        judged=await judged_through(uow),
        case=case,
        promises=await promise_repository.list_of_facility(uow.session, key),
        officer=None if case is None or case.officer_id is None else names.get(case.officer_id),
    )


def cursor_values(case: CaseSummary, sort: CaseSort) -> tuple[Any, ...]:
    """The values of the order in a row: where the next page begins."""
    value: Any = {
        CaseSort.DAYS: case.oldest_due_on,
        CaseSort.AMOUNT: case.overdue_paise,
        CaseSort.ACTION: case.next_action_on,
    }[sort]
    return value, case.customer_id, case.kind.value, case.facility_id
