"""The work list: overdue loans and card accounts with filters, saved views, and files of all rows.

A filter is the query of the page's address, with the names of the API: whoever sends the address sends the list.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette_admin.flash import flash
from starlette_admin.routing import route

from app.api.admin.acts.collections import OF_LINE
from app.api.admin.context import ADMIN_PATH, context_of, open_uow
from app.api.admin.drawing.page import Page
from app.api.v1.collections.case_schemas import CaseFilters, read_case_cursor, write_case_cursor
from app.api.v1.collections.cases import MEDIA_TYPES, from_first
from app.domain.collections.promises import PromiseStatus
from app.domain.collections.work_list import CaseFilter, CaseSort, FilterInvalid, SavedView, check_filter
from app.domain.delinquency.classes import AssetClass
from app.domain.errors import DomainError
from app.services.collections import exports, facilities, saved_views, work_list
from app.services.collections.exports import CaseExportForm
from app.services.unit_of_work import UnitOfWork

ADDRESS: Final = f"{ADMIN_PATH}/collections"
ROWS: Final = 50
#: The filters that people type, by the name in the address.
NAMES: Final = tuple(CaseFilters.model_fields)
SORTS: Final = (
    (CaseSort.DAYS, "most days past due"), (CaseSort.AMOUNT, "largest amount"), (CaseSort.ACTION, "next action"),
)  # fmt: skip


class WorkPage(Page):
    """The work list."""

    def __init__(self) -> None:
        super().__init__(menu_label="Work list", icon="fa-solid fa-list-check", path="/collections", route_name="work")

    @route("")
    async def index(self, request: Request) -> Response:
        """The page."""
        asked = asked_of(request.query_params)
        wanted, faults = read_filters(asked)
        sort = sort_of(request.query_params)
        cursor = request.query_params.get("cursor") or None
        async with open_uow(request) as uow:
            after = read_case_cursor(cursor, sort)
            found = await work_list.list_cases(uow, wanted, sort=sort, after=after, limit=ROWS)
            context = await _choices(uow)
        query = asked | {"sort": sort.value}
        last = write_case_cursor(found.cases[-1], sort) if len(found.cases) == ROWS else None
        return self.show(
            request, "kist/pages/work.html", title="Work list", found=found, asked=asked, sort=sort, sorts=SORTS,
            faults=faults, query=urlencode(query), is_first=cursor is None,
            me=context_of(request).actor.user_account_id,
            next_page=None if last is None else urlencode(query | {"cursor": last}), facility=exports.facility_id,
            acts=OF_LINE, status_code=422 if faults else 200, **context,
        )  # fmt: skip

    @route("/export")
    async def export(self, request: Request) -> Response:
        """All rows of the list as a file."""
        wanted, _ = read_filters(asked_of(request.query_params))
        form = CaseExportForm.XLSX if request.query_params.get("format") == "xlsx" else CaseExportForm.CSV
        parts = exports.export_cases(lambda: open_uow(request), wanted, sort=sort_of(request.query_params), form=form)
        headers = {"Content-Disposition": f'attachment; filename="work-list.{form.value}"'}
        first = await anext(parts)
        return StreamingResponse(from_first(first, parts), headers=headers, media_type=MEDIA_TYPES[form])

    @route("/views", methods=["POST"])
    async def save(self, request: Request) -> Response:
        """Saves the filters of the page under a name, or removes a view."""
        form = await request.form()
        asked = asked_of({name: str(value) for name, value in form.items()})
        try:
            async with open_uow(request) as uow:
                if remove := str(form.get("remove", "")):
                    await saved_views.remove_view(uow, int(remove) if remove.isdecimal() else 0)
                    flash(request, "The view is removed.", "success")
                else:
                    wanted, _ = read_filters(asked)
                    sort, is_shared = sort_of({"sort": str(form.get("sort", ""))}), form.get("shared") == "on"
                    view = SavedView(name=str(form.get("name", "")), wanted=wanted, sort=sort, is_shared=is_shared)
                    await saved_views.save_view(uow, view)
                    flash(request, "The view is saved.", "success")
        except DomainError as refusal:
            flash(request, f"{refusal.message}.", "error")
        query = urlencode(asked | {"sort": str(form.get("sort", ""))})
        return RedirectResponse(f"{ADDRESS}?{query}", status_code=303)


def asked_of(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that an address names, as they were typed."""
    return {name: given[name].strip()[:40] for name in NAMES if given.get(name, "").strip()}


def read_filters(asked: Mapping[str, str]) -> tuple[CaseFilter, dict[str, str]]:
    """The filter, read as the API reads it; with faults, the filter without what is wrong."""
    typed = {name: text.replace(",", "").replace("₹", "") for name, text in asked.items()}
    faults: dict[str, str] = {}
    while True:
        try:
            return check_filter(CaseFilters.model_validate(typed).wanted), faults
        except FilterInvalid as error:
            faults[error.field or ""] = error.message
            typed.pop(error.field or "", None)
        except ValidationError as error:
            for entry in error.errors(include_url=False, include_input=False):
                name = str(entry["loc"][0])
                faults[name] = entry["msg"]
                typed.pop(name, None)


def sort_of(given: Mapping[str, str]) -> CaseSort:
    """The order that an address names; by days past due without one."""
    return next((sort for sort, _ in SORTS if sort.value == given.get("sort")), CaseSort.DAYS)


def address_of_view(view: SavedView) -> str:
    """The address of the list with a view's filters and order."""
    shown = {
        "unassigned": "true" if view.wanted.is_unassigned else None,
        "overdue_from": _rupees(view.wanted.overdue_from_paise),
        "overdue_to": _rupees(view.wanted.overdue_to_paise),
    }
    given = {name: shown.get(name, getattr(view.wanted, name, None)) for name in NAMES}
    return f"{ADDRESS}?{urlencode({name: value for name, value in given.items() if value} | {'sort': view.sort.value})}"


def _rupees(paise: int | None) -> str | None:
    return None if paise is None else f"{paise // 100}.{paise % 100:02d}"


async def _choices(uow: UnitOfWork) -> dict[str, Any]:
    """What the filters offer."""
    views = await saved_views.list_views(uow)
    return {
        "officers": await facilities.list_officers(uow),
        "classes": [each for each in AssetClass if each is not AssetClass.STANDARD],
        "statuses": [each for each in PromiseStatus if each is not PromiseStatus.WITHDRAWN],
        "saved": [(each, address_of_view(each.view)) for each in views],
    }
