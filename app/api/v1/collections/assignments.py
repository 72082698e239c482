"""Who is in charge of a case, one or many by a filter, and what is done next."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import Field, model_validator

from app.api.deps import OFFICERS, KistRouter, OnceDep, UnitOfWorkDep
from app.api.schemas import Answer, Between, Body, Day, Whole, example
from app.api.v1.collections.case_schemas import CaseAnswer, CaseFilters, OfficerId, OfLoanOrCard, present_case
from app.db.repositories.collections.cases import CaseSummary
from app.domain.collections.cases import NextAction
from app.domain.collections.work_list import CaseSort
from app.services.collections import assigning, work_list
from app.services.collections.assigning import MOST_ASSIGNED
from app.services.collections.facilities import officer_names
from app.services.unit_of_work import UnitOfWork

router = KistRouter(prefix="/collections", tags=["Collections"])


class AssignmentBody(OfLoanOrCard):
    """The officer who is in charge of a case; null: nobody."""

    model_config = example({"loan_id": "LN-2026-0001", "officer_id": 1})

    officer_id: OfficerId | None


class BulkAssignmentBody(Body):
    """The officers to whom the first cases of a list are dealt, in turn."""

    model_config = example({"officer_ids": [1], "filters": {"unassigned": True, "days_from": 1}, "limit": 500})

    officer_ids: Annotated[list[OfficerId], Field(min_length=1, max_length=100)]
    filters: CaseFilters
    sort: CaseSort = CaseSort.DAYS
    limit: Annotated[Whole, Between(1, MOST_ASSIGNED)] = 500


class BulkAssignmentAnswer(Answer):
    """How many cases the filter found, up to the limit, and how many of them changed hands."""

    found: int
    changed: int


class ActionBody(OfLoanOrCard):
    """What is done next on a case, and when. Without both, nothing is planned."""

    model_config = example({"loan_id": "LN-2026-0001", "action": "call", "on": "2026-12-29"})

    action: NextAction | None = None
    on: Day | None = None

    @model_validator(mode="before")
    @classmethod
    def _both_or_none(cls, given: Any) -> Any:
        if isinstance(given, dict) and (given.get("action") is None) != (given.get("on") is None):
            raise ValueError("an action has its day, and a day its action")
        return given


async def _present(uow: UnitOfWork, case: CaseSummary) -> CaseAnswer:
    names = await officer_names(uow)
    officer = None if case.officer_id is None else names.get(case.officer_id)
    return present_case(case, judged=await work_list.judged_through(uow), officer=officer)


@router.post(
    "/assignments", response_model=CaseAnswer, dependencies=[OFFICERS], summary="Put an officer in charge of a case"
)
async def assign_case(body: AssignmentBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Puts a member of staff in charge of a case of the work list, or nobody."""
    if first := await once.first_answer():
        return first
    return await once.keep(await _present(uow, await assigning.assign(uow, officer_id=body.officer_id, **body.named)))


@router.post(
    "/assignments/bulk",
    response_model=BulkAssignmentAnswer,
    dependencies=[OFFICERS],
    summary="Deal cases of a filter to officers",
)
async def assign_cases(body: BulkAssignmentBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Deals the first cases that the filters find to the officers, in turn, in the order of the list: each gets as many
    of the worst as the others. Cases that are an officer's already are counted and stay."""
    if first := await once.first_answer():
        return first
    done = await assigning.assign_many(
        uow, body.filters.wanted, officer_ids=body.officer_ids, sort=body.sort, limit=body.limit
    )
    return await once.keep(BulkAssignmentAnswer(found=done.found, changed=done.changed))


@router.post("/actions", response_model=CaseAnswer, dependencies=[OFFICERS], summary="Plan what is done next on a case")
async def plan_action(body: ActionBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Plans the next action on a case of the work list, in place of the one that was planned before."""
    if first := await once.first_answer():
        return first
    case = await assigning.plan_action(uow, action=body.action, on=body.on, **body.named)
    return await once.keep(await _present(uow, case))
