"""Puts officers in charge: of one loan, or of the first cases that a filter of the work list finds."""

from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.flash import flash
from starlette_admin.routing import route

from app.api.admin.acts.subjects import loan_address
from app.api.admin.context import open_uow
from app.api.admin.drawing.page import Page
from app.api.admin.pages.work_view import ADDRESS, asked_of, read_filters, sort_of
from app.domain.errors import DomainError
from app.domain.public_ids import parse_loan_id
from app.services.collections import assigning, facilities, work_list
from app.services.collections.assigning import MOST_ASSIGNED
from app.services.unit_of_work import UnitOfWork

NOBODY: Final = "nobody"
#: How many cases a filter deals, unless another number is typed.
USUAL: Final = 500


class AssignPage(Page):
    """The form that puts officers in charge."""

    def __init__(self) -> None:
        super().__init__(menu_label="Assign", path="/collections/assign", route_name="work-assign", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        """The form: for the loan that the address names, or for its filters."""
        query = request.query_params
        asked, sort = asked_of(query), sort_of(query)
        wanted, _ = read_filters(asked)
        loan = parse_loan_id(query["loan"].upper()) if query.get("loan") else None
        async with open_uow(request) as uow:
            officers = await facilities.list_officers(uow)
            view = None if loan is None else await work_list.view_case(uow, loan=loan)
            first = [] if loan else (await work_list.list_cases(uow, wanted, sort=sort, limit=5)).cases
        return self.show(
            request, "kist/pages/work_assign.html", title="Assign", officers=officers, view=view, first=first,
            loan=query.get("loan", ""), asked=asked, sort=sort, usual=USUAL, most=MOST_ASSIGNED,
            back=loan_address(query["loan"]) + "?tab=notes" if loan else f"{ADDRESS}?{urlencode(asked)}",
        )  # fmt: skip

    @route("", methods=["POST"])
    async def assign(self, request: Request) -> Response:
        """Assigns, and goes back to the list or to the loan."""
        form = await request.form()
        given = {name: str(value) for name, value in form.items()}
        chosen = [int(text) for value in form.getlist("officer") if (text := str(value)).isdecimal() and len(text) < 19]
        try:
            async with open_uow(request) as uow:
                done = await _assign(uow, given, chosen)
            flash(request, done, "success")
        except DomainError as refusal:
            flash(request, f"{refusal.message}.", "error")
        if loan := given.get("loan"):
            return RedirectResponse(f"{loan_address(quote(loan, safe=''))}?tab=notes", 303)
        return RedirectResponse(f"{ADDRESS}?{urlencode(asked_of(given) | {'sort': given.get('sort', '')})}", 303)


async def _assign(uow: UnitOfWork, given: dict[str, Any], chosen: list[int]) -> str:
    """Does it, and says what was done. Raises what the services raise."""
    if given.get("loan"):
        officer_id = chosen[0] if chosen else None
        case = await assigning.assign(uow, officer_id=officer_id, loan=parse_loan_id(given["loan"].upper()))
        names = await facilities.officer_names(uow)
        return f"{given['loan']} is in the charge of {names.get(case.officer_id or 0, NOBODY)}."
    wanted, _ = read_filters(asked_of(given))
    text = given.get("limit", "")
    limit = int(text) if text.isdecimal() and len(text) < 6 else USUAL
    done = await assigning.assign_many(
        uow, wanted, officer_ids=chosen, sort=sort_of(given), limit=max(1, min(limit, MOST_ASSIGNED))
    )
    return f"{done.changed} of {done.found} cases changed hands."
