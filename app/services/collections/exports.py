"""All rows of a work list as a file, CSV or xlsx, read a part at a time. Each export is in the audit trail.

Each part has a transaction of its own, and the next one begins after the last row, so a large list takes no more
memory than a page and holds no connection while it is sent. A workbook is complete only at its end, so it is kept in a
temporary file until then.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, Final, TypeAlias

from app.db.repositories.collections.cases import CaseSummary
from app.documents.statement_csv import harmless
from app.documents.table_csv import csv_rows
from app.documents.table_xlsx import Paise, open_workbook
from app.domain.collections.work_list import CaseFilter, CaseSort, filter_document
from app.domain.money import paise_to_rupees
from app.domain.public_ids import format_card_account_id, format_loan_id, format_user_id
from app.domain.rulebook.kinds import ProductKind
from app.services.collections.work_list import WorkList, cursor_values, list_cases
from app.services.unit_of_work import INDIA, UnitOfWork

#: Cases that are read at a time.
PART: Final = 2_000
COLUMNS: Final = (
    "facility", "user_id", "name", "phone", "product", "days_past_due", "asset_class", "overdue", "overdue_now",
    "oldest_due_on", "in_list_since", "officer", "next_action", "next_action_on", "promise", "promised",
    "promised_for", "contacted_at",
)  # fmt: skip
#: Opens a unit of work for whoever asked. A stream opens one again and again.
Opener: TypeAlias = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


class CaseExportForm(StrEnum):
    """The form of a file."""

    CSV = "csv"
    XLSX = "xlsx"


async def export_cases(
    opener: Opener, wanted: CaseFilter, *, sort: CaseSort, form: CaseExportForm
) -> AsyncGenerator[bytes]:
    """The file, a part at a time. Raises Forbidden, FilterInvalid before the first part."""
    if form is CaseExportForm.CSV:
        heading: Sequence[Sequence[object]] = [COLUMNS]
        async for part in _parts(opener, wanted, sort=sort, form=form):
            # The heading goes with the first rows, so that what is refused is refused before anything is sent.
            yield csv_rows([*heading, *([_text(cell) for cell in row] for row in part)])
            heading = []
        return
    with open_workbook(COLUMNS, sheet="Work list") as book:
        async for part in _parts(opener, wanted, sort=sort, form=form):
            # Writing thousands of cells takes longer than others should wait for the event loop.
            await asyncio.to_thread(book.add, part)
        blocks = book.read()
        while block := await asyncio.to_thread(next, blocks, b""):
            yield block


async def _parts(
    opener: Opener, wanted: CaseFilter, *, sort: CaseSort, form: CaseExportForm
) -> AsyncGenerator[Sequence[Sequence[object]]]:
    after: tuple[Any, ...] | None = None
    rows = 0
    while True:
        async with opener() as uow:
            found = await list_cases(uow, wanted, sort=sort, after=after, limit=PART)
            rows += len(found.cases)
            is_last = len(found.cases) < PART
            if is_last:
                details = {"rows": rows, "format": form.value, "filter": filter_document(wanted)}
                await uow.record("exported", object_kind="listing", object_id="collection_cases", details=details)
        yield list(_rows(found))
        if is_last:
            return
        after = cursor_values(found.cases[-1], sort)


def _rows(found: WorkList) -> Iterator[Sequence[object]]:
    for case in found.cases:
        contacted = None if case.contacted_at is None else case.contacted_at.astimezone(INDIA)
        yield (
            facility_id(case),
            format_user_id(case.customer_id),
            case.customer_name,
            case.phone,
            case.product_code,
            found.days_past_due(case),
            case.asset_class.value,
            Paise(case.overdue_paise),
            Paise(case.overdue_now_paise),
            case.oldest_due_on,
            case.opened_on,
            found.officer(case),
            None if case.next_action is None else case.next_action.value,
            case.next_action_on,
            None if case.promise is None else case.promise.value,
            None if case.promised_paise is None else Paise(case.promised_paise),
            case.promised_for,
            contacted,
        )


def facility_id(case: CaseSummary) -> str:
    """The public id of a case's loan or card account."""
    if case.kind is ProductKind.CARD:
        return format_card_account_id(case.facility_id)
    assert case.loan_year is not None, "a case of a loan has its loan"
    return format_loan_id(year=case.loan_year, number=case.facility_id)


def _text(cell: object) -> object:
    """A cell of a CSV file: rupees with two decimals, days and instants in ISO form, text that is no formula."""
    if isinstance(cell, Paise):
        return paise_to_rupees(cell.paise)
    return harmless(cell) if isinstance(cell, str) else cell
