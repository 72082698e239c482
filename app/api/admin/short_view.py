"""A list that is short by its nature, read whole by a use case of its own: the schedule, the accounts of staff.

Such a list is not a listing of a table: it is searched and paged here, and neither sorted nor filtered.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette_admin.filters import FilterGroup

from app.api.admin.acting_view import ActingView
from app.api.admin.context import open_uow
from app.api.admin.listing_view import row_count
from app.services.unit_of_work import UnitOfWork


class ShortView(ActingView):
    """A view of rows that a use case gives. Subclasses say which, and what is searched in them."""

    listing = ""
    sortable_fields = searchable_fields = ()

    async def rows(self, uow: UnitOfWork) -> Sequence[Any]:
        """All of the rows."""
        raise NotImplementedError

    def text_of(self, row: Any) -> str:
        """What a search looks through."""
        return self.heading(row)

    async def find_all(
        self,
        request: Request,
        skip: int = 0,
        limit: int = 100,
        q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None,
        filters: FilterGroup | None = None,
    ) -> Sequence[Any]:
        """A page of the rows."""
        found = await self._found(request, q=q)
        return found[skip:] if limit < 0 else found[skip : skip + limit]

    async def count(self, request: Request, q: str | None = None, filters: FilterGroup | None = None) -> int:
        """How many rows there are."""
        found = len(await self._found(request, q=q))
        request.state.row_count = row_count(found, about=None)
        return found

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Any]:
        """The rows of these keys."""
        keys = {str(pk) for pk in pks}
        return [row for row in await self._found(request, q=None) if str(getattr(row, self.pk_attr)) in keys]

    async def _found(self, request: Request, *, q: str | None) -> Sequence[Any]:
        async with open_uow(request) as uow:
            rows = await self.rows(uow)
        return [row for row in rows if not q or q.lower() in self.text_of(row).lower()]
