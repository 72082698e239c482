"""Puts officers in charge of cases, one by hand or many by a filter, and plans what is done next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.db.repositories.collections import assigning as repository
from app.db.repositories.collections import cases as case_repository
from app.db.repositories.collections import entries as entry_repository
from app.db.repositories.collections.cases import CaseNotFound, CaseSummary
from app.db.repositories.collections.entries import EntryKind, NewEntry
from app.domain.collections.cases import NextAction, check_action
from app.domain.collections.work_list import CaseFilter, CaseSort, check_filter, deal
from app.domain.public_ids import LoanReference
from app.services.collections.diary import add_entry, written
from app.services.collections.facilities import FoundFacility, check_officers, check_staff, find_facility
from app.services.collections.work_list import judged_through
from app.services.unit_of_work import UnitOfWork

#: Cases in one transaction. Whoever has more asks again.
MOST_ASSIGNED: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """How many cases a filter found, up to the limit, and how many of them changed hands."""

    found: int
    changed: int


async def assign(
    uow: UnitOfWork,
    *,
    officer_id: int | None,
    loan: LoanReference | None = None,
    account_id: int | None = None,
) -> CaseSummary:
    """Puts an officer in charge of a case (None: nobody).

    Raises Forbidden, OfficerUnknown, FacilityAmbiguous, LoanNotFound, CardAccountNotFound, CaseNotFound.
    """
    check_staff(uow)
    if officer_id is not None:
        await check_officers(uow, [officer_id])
    found = await find_facility(uow, loan=loan, account_id=account_id)
    await _get_open(uow, found)
    if await repository.assign(uow.session, {found.key: officer_id}, now=uow.now):
        await add_entry(uow, found.key, EntryKind.ASSIGNED, officer=officer_id)
        await uow.record(
            "case_assigned",
            object_kind="collection_case",
            object_id=f"{found.key.facility.kind}:{found.key.facility.number}",
            customer_id=found.key.customer_id,
            details={"officer": officer_id},
        )
    return await _get_open(uow, found)


async def assign_many(
    uow: UnitOfWork, wanted: CaseFilter, *, officer_ids: Sequence[int], sort: CaseSort, limit: int
) -> Assigned:
    """Deals the first cases of a list to officers, in turn. Raises Forbidden, OfficerUnknown, FilterInvalid."""
    check_staff(uow)
    check_filter(wanted)
    await check_officers(uow, list(officer_ids))
    keys = await repository.list_keys(
        uow.session, wanted, sort=sort, judged=await judged_through(uow), limit=min(limit, MOST_ASSIGNED)
    )
    dealt = deal(keys, officer_ids)
    changed = await repository.assign(uow.session, dict(dealt), now=uow.now)
    entries = [
        NewEntry(
            customer_id=key.customer_id,
            facility=key.facility,
            kind=EntryKind.ASSIGNED,
            details={"officer": dealt[key], "in_bulk": True},
        )
        for key in changed
    ]
    await entry_repository.add_entries(uow.session, entries, await written(uow))
    await uow.record(
        "cases_assigned",
        object_kind="collection_cases",
        object_id="work_list",
        details={"officers": list(officer_ids), "found": len(keys), "changed": len(changed)},
    )
    return Assigned(found=len(keys), changed=len(changed))


async def plan_action(
    uow: UnitOfWork,
    *,
    action: NextAction | None,
    on: date | None,
    loan: LoanReference | None = None,
    account_id: int | None = None,
) -> CaseSummary:
    """Plans what is done next on a case, and when (None: nothing).

    Raises Forbidden, ActionDateInvalid, FacilityAmbiguous, LoanNotFound, CardAccountNotFound, CaseNotFound.
    """
    check_staff(uow)
    assert (action is None) == (on is None), "an action has its day"
    if on is not None:
        check_action(action_on=on, today=await uow.business_date())
    found = await find_facility(uow, loan=loan, account_id=account_id)
    key = found.key
    await case_repository.plan_action(uow.session, key.customer_id, key.facility, action=action, on=on)
    await add_entry(
        uow, key, EntryKind.PLANNED, action=None if action is None else action.value, on=on and on.isoformat()
    )
    return await _get_open(uow, found)


async def _get_open(uow: UnitOfWork, found: FoundFacility) -> CaseSummary:
    key = found.key
    case = await case_repository.find_case(uow.session, key.customer_id, key.facility, today=await uow.business_date())
    if case is None or case.closed_on is not None:
        raise CaseNotFound("this loan or card is not in the work list", field="loan_id")
    return case
