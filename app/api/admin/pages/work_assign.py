"""Puts officers in charge: of one loan or card account, or of the first cases that a filter of the work list finds."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.flash import flash
from starlette_admin.routing import route

from app.api.admin.acts.subjects import card_account_address, loan_address
from app.api.admin.context import open_uow
from app.api.admin.drawing.page import Page
from app.api.admin.pages.work_view import ADDRESS, asked_of, read_filters, sort_of
from app.domain.errors import DomainError
from app.domain.public_ids import parse_card_account_id, parse_loan_id
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
        """The form: for the loan or the card account that the address names, or for its filters."""
        query = request.query_params
        asked, sort = asked_of(query), sort_of(query)
        wanted, _ = read_filters(asked)
        one = _one_of(query)
        async with open_uow(request) as uow:
            officers = await facilities.list_officers(uow)
            view = await work_list.view_case(uow, **one.named) if one else None
            first = [] if one else (await work_list.list_cases(uow, wanted, sort=sort, limit=5)).cases
        return self.show(
            request, "kist/pages/work_assign.html", title="Assign", officers=officers, view=view, first=first,
            name=one.name if one else "", is_card=one is not None and "account_id" in one.named, asked=asked, sort=sort,
            usual=USUAL, most=MOST_ASSIGNED, back=one.notes if one else f"{ADDRESS}?{urlencode(asked)}",
        )  # fmt: skip

    @route("", methods=["POST"])
    async def assign(self, request: Request) -> Response:
        """Assigns, and goes back to the list or to the page of the loan or the card account."""
        form = await request.form()
        given = {name: str(value) for name, value in form.items()}
        chosen = [int(text) for value in form.getlist("officer") if (text := str(value)).isdecimal() and len(text) < 19]
        one = _one_of(given)
        try:
            async with open_uow(request) as uow:
                done = await (_assign_one(uow, one, chosen) if one else _assign_many(uow, given, chosen))
            flash(request, done, "success")
        except DomainError as refusal:
            flash(request, f"{refusal.message}.", "error")
        if one:
            return RedirectResponse(one.notes, 303)
        return RedirectResponse(f"{ADDRESS}?{urlencode(asked_of(given) | {'sort': given.get('sort', '')})}", 303)


class _One(NamedTuple):
    """One loan or card account: its id, how the services name it, and the notes of its page."""

    name: str
    named: dict[str, Any]
    notes: str


def _one_of(given: Mapping[str, str]) -> _One | None:
    """The loan or the card account that is named; None: the cases of a filter. Raises IdInvalid."""
    if loan := given.get("loan", "").upper():
        named: dict[str, Any] = {"loan": parse_loan_id(loan)}
        return _One(loan, named, f"{loan_address(loan)}?tab=notes")
    if account := given.get("account", "").upper():
        named = {"account_id": parse_card_account_id(account)}
        return _One(account, named, f"{card_account_address(account)}?tab=notes")
    return None


async def _assign_one(uow: UnitOfWork, one: _One, chosen: list[int]) -> str:
    """Does it, and says what was done. Raises what the service raises."""
    case = await assigning.assign(uow, officer_id=chosen[0] if chosen else None, **one.named)
    names = await facilities.officer_names(uow)
    return f"{one.name} is in the charge of {names.get(case.officer_id or 0, NOBODY)}."


async def _assign_many(uow: UnitOfWork, given: dict[str, str], chosen: list[int]) -> str:
    """Deals the cases of a filter, and says what was done. Raises what the service raises."""
    wanted, _ = read_filters(asked_of(given))
    text = given.get("limit", "")
    limit = int(text) if text.isdecimal() and len(text) < 6 else USUAL
    done = await assigning.assign_many(
        uow, wanted, officer_ids=chosen, sort=sort_of(given), limit=max(1, min(limit, MOST_ASSIGNED))
    )
    return f"{done.changed} of {done.found} cases changed hands."
