"""Saved views of the work list."""

from typing import Annotated

from fastapi import Path, Response

from app.api.deps import OFFICERS, KistRouter, ReadingDep, UnitOfWorkDep
from app.api.schemas import Answer, Between, Body, Line, Whole, example
from app.api.v1.collections.case_schemas import CaseFilters, SavedFiltersAnswer, filters_of
from app.domain.collections.work_list import CaseSort, SavedView
from app.services.collections import saved_views
from app.services.collections.saved_views import ViewOfStaff

router = KistRouter(prefix="/collections/views", tags=["Collections"])


class ViewBody(Body):
    """A view. One of the same name is replaced."""

    model_config = example(
        {"name": "SMA-1 without an officer", "filters": {"asset_class": "sma_1", "unassigned": True}, "shared": True}
    )

    name: Line
    filters: CaseFilters
    sort: CaseSort = CaseSort.DAYS
    shared: bool = False


class ViewAnswer(Answer):
    """A view of the work list. `mine` says whether the caller may replace and remove it."""

    view_id: int
    name: str
    filters: SavedFiltersAnswer
    sort: CaseSort
    shared: bool
    mine: bool


def _present(found: ViewOfStaff) -> ViewAnswer:
    return ViewAnswer(
        view_id=found.id,
        name=found.view.name,
        filters=filters_of(found.view.wanted),
        sort=found.view.sort,
        shared=found.view.is_shared,
        mine=found.is_mine,
    )


@router.get("", dependencies=[OFFICERS], summary="List saved views of the work list")
async def list_views(uow: ReadingDep) -> list[ViewAnswer]:
    """Lists the caller's own views and those that others share, by name."""
    return [_present(view) for view in await saved_views.list_views(uow)]


@router.put("", dependencies=[OFFICERS], summary="Save a view of the work list")
async def save_view(body: ViewBody, uow: UnitOfWorkDep) -> ViewAnswer:
    """Saves filters and an order under a name. The caller's view of that name is replaced."""
    view = SavedView(name=body.name, wanted=body.filters.wanted, sort=body.sort, is_shared=body.shared)
    return _present(await saved_views.save_view(uow, view))


@router.delete("/{view_id}", status_code=204, dependencies=[OFFICERS], summary="Remove a saved view")
async def remove_view(
    view_id: Annotated[Annotated[Whole, Between(1, 2**63 - 1)], Path(description="The number of the view")],
    uow: UnitOfWorkDep,
) -> Response:
    """Removes one of the caller's own views."""
    await saved_views.remove_view(uow, view_id)
    return Response(status_code=204)
