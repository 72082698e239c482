"""Saved views of the work list: everybody has their own, and sees those that others share."""

from dataclasses import dataclass

from app.db.repositories.collections import saved_views as repository
from app.db.repositories.collections.saved_views import StoredView, ViewNotFound
from app.domain.collections.work_list import (
    CaseSort,
    SavedView,
    check_filter,
    check_view_name,
    filter_document,
    filter_of,
)
from app.services.collections.facilities import check_staff
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOfStaff:
    """A view, and whether it is the caller's own."""

    id: int
    view: SavedView
    is_mine: bool


async def list_views(uow: UnitOfWork) -> list[ViewOfStaff]:
    """The caller's views and those that others share, by name. Raises Forbidden."""
    owner_id = _owner(uow)
    return [_view(stored, owner_id) for stored in await repository.list_views(uow.session, owner_id)]


async def find_view(uow: UnitOfWork, number: int) -> ViewOfStaff:
    """A view that the caller may use. Raises Forbidden, ViewNotFound."""
    owner_id = _owner(uow)
    stored = await repository.find_view(uow.session, number, owner_id=owner_id)
    if stored is None:
        raise ViewNotFound("there is no such view", field="view_id")
    return _view(stored, owner_id)


async def save_view(uow: UnitOfWork, view: SavedView) -> ViewOfStaff:
    """Saves a view under its name; the caller's view of that name is replaced. Raises Forbidden, ViewInvalid,
    FilterInvalid."""
    owner_id = _owner(uow)
    values = {
        "owner_id": owner_id,
        "name": check_view_name(view.name),
        "is_shared": view.is_shared,
        "sort": view.sort.value,
        "filters": filter_document(check_filter(view.wanted)),
    }
    return _view(await repository.put_view(uow.session, values, now=uow.now), owner_id)


async def remove_view(uow: UnitOfWork, number: int) -> None:
    """Removes one of the caller's own views. Raises Forbidden, ViewNotFound."""
    await repository.remove_view(uow.session, number, owner_id=_owner(uow))


def _owner(uow: UnitOfWork) -> int:
    check_staff(uow)
    assert uow.actor.user_account_id is not None, "staff have signed in"
    return uow.actor.user_account_id


def _view(stored: StoredView, owner_id: int) -> ViewOfStaff:
    view = SavedView(
        name=stored.name, wanted=filter_of(stored.filters), sort=CaseSort(stored.sort), is_shared=stored.is_shared
    )
    return ViewOfStaff(id=stored.id, view=view, is_mine=stored.owner_id == owner_id)
