"""The library's admin, with pages of our own for rows that have one.

A row of a list leads to its page: a loan to the page of the loan, a customer to the page of the customer. Every other
row has the library's page, a list of its columns, with what staff can do above it.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin import BaseAdmin
from starlette_admin.routing import route

from app.api.admin.acts.every import offered
from app.api.admin.acts.subjects import find_subject
from app.api.admin.context import open_uow
from app.api.admin.listing_view import ListingView


class DeskAdmin(BaseAdmin):
    """The admin application."""

    @route("/{key}/detail", name="detail")
    async def _render_detail(self, request: Request) -> Response:
        """The page of a row: our own, or the library's."""
        view = self._find_view_by_key(request.path_params.get("key"))
        if isinstance(view, ListingView) and view.is_accessible(request):
            row = await view.find_by_pk(request, request.query_params.get("pk", ""))
            address = None if row is None else view.page_of(row)
            if address is not None:
                return RedirectResponse(address, status_code=303)
            if row is not None and view.acts_about is not None:
                async with open_uow(request) as uow:
                    subject = await find_subject(uow, view.acts_about, view.subject_of(row))
                request.state.acts, request.state.subject_id = offered(request, subject), subject.id
        shown: Response = await super()._render_detail(request)
        return shown
