"""The work list: overdue loans and card accounts, page by page or as a file, and one of them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import Path, Query
from fastapi.responses import StreamingResponse

from app.api.deps import OFFICERS, KistRouter, ReadingDep, RequestId, UnitOfWorkFactoryDep
from app.api.id_schemas import CardAccountId, LoanId
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer, CursorText, Page, PageLimit
from app.api.v1.collections.case_schemas import (
    AskedFilter,
    CaseAnswer,
    PromiseAnswer,
    Sorted,
    present_case,
    present_promise,
    read_case_cursor,
    write_case_cursor,
)
from app.domain.collections.work_list import CaseSort
from app.services.collections import exports, facilities, work_list
from app.services.collections.exports import CaseExportForm
from app.services.collections.work_list import CaseView
from app.services.people.access import open_uow

router = KistRouter(prefix="/collections", tags=["Collections"])

MEDIA_TYPES: Final = {
    CaseExportForm.CSV: "text/csv",
    CaseExportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class WorkListFile(StreamingResponse):
    """A file that is read while it is sent."""

    media_type = MEDIA_TYPES[CaseExportForm.CSV]


class OfficerAnswer(Answer):
    """A member of staff who may be in charge of cases."""

    officer_id: int
    name: str
    role: str


class CollectionsAnswer(Answer):
    """A loan or a card account as those who collect see it: its case (null: it never was past due), and its promises,
    the newest first."""

    case: CaseAnswer | None
    promises: list[PromiseAnswer]


def _present(view: CaseView) -> CollectionsAnswer:
    case = view.case
    return CollectionsAnswer(
        case=None if case is None else present_case(case, judged=view.judged, officer=view.officer),
        promises=[present_promise(promise) for promise in view.promises],
    )


@router.get("/cases", dependencies=[OFFICERS], summary="List the work list")
async def list_cases(
    uow: ReadingDep,
    wanted: AskedFilter,
    sort: Sorted = CaseSort.DAYS,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[CaseAnswer]:
    """Lists the loans and card accounts that are past due, the most days past due first, or by amount or next action.
    All filters apply together. Send `next_cursor` as `cursor`, with the same filters and sort, to get the next page."""
    found = await work_list.list_cases(uow, wanted, sort=sort, after=read_case_cursor(cursor, sort), limit=limit)
    last = write_case_cursor(found.cases[-1], sort) if len(found.cases) == limit else None
    items = [present_case(case, judged=found.judged, officer=found.officer(case)) for case in found.cases]
    return Page(items=items, next_cursor=last)


@router.get(
    "/cases/export",
    dependencies=[OFFICERS],
    response_class=WorkListFile,
    responses={200: {"content": {MEDIA_TYPES[CaseExportForm.XLSX]: {}}}},
    summary="Fetch the work list as a file",
)
async def export_cases(
    wanted: AskedFilter,
    uow_factory: UnitOfWorkFactoryDep,
    claims: ClaimsDep,
    request_id: RequestId,
    form: Annotated[CaseExportForm, Query(alias="format", description="The form of the file")] = CaseExportForm.CSV,
    sort: Sorted = CaseSort.DAYS,
) -> WorkListFile:
    """Sends all rows of the list, not a page of them, as CSV or as a workbook. The export is in the audit trail."""
    assert claims is not None, "the permission requires a token"
    parts = exports.export_cases(
        lambda: open_uow(uow_factory, claims, request_id=request_id), wanted, sort=sort, form=form
    )
    # The first part is read before the answer starts: what is refused is an error and no file.
    first = await anext(parts)
    headers = {"Content-Disposition": f'attachment; filename="work-list.{form.value}"'}
    return WorkListFile(from_first(first, parts), headers=headers, media_type=MEDIA_TYPES[form])


async def from_first(first: bytes, parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """A file whose first part was read already."""
    async with aclosing(parts):
        yield first
        async for part in parts:
            yield part


@router.get("/loans/{loan_id}", dependencies=[OFFICERS], summary="Read a loan's case and promises")
async def get_loan_case(
    loan_id: Annotated[LoanId, Path(description="`LN-2025-0456`, or its number")], uow: ReadingDep
) -> CollectionsAnswer:
    """Gives the loan's case, if it is or was past due, and every promise to pay on it."""
    return _present(await work_list.view_case(uow, loan=loan_id))


@router.get("/card-accounts/{account_id}", dependencies=[OFFICERS], summary="Read a card account's case and promises")
async def get_card_account_case(
    account_id: Annotated[CardAccountId, Path(description="`CA-000078`, or its number")], uow: ReadingDep
) -> CollectionsAnswer:
    """Gives the card account's case, if it is or was past due, and every promise to pay on it."""
    return _present(await work_list.view_case(uow, account_id=account_id))


@router.get("/officers", dependencies=[OFFICERS], summary="List the staff who may be in charge of cases")
async def list_officers(uow: ReadingDep) -> list[OfficerAnswer]:
    """Lists the accounts of staff that are not disabled, by name."""
    return [
        OfficerAnswer(officer_id=officer.id, name=officer.name, role=officer.role)
        for officer in await facilities.list_officers(uow)
    ]
