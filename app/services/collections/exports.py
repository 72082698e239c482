"""All rows of a work list as a file, CSV or xlsx, read a part at a time. Each export is in the audit trail.

Each part has a transaction of its own, and the next one begins after the last row, so a large list takes no more
memory than a page and holds no connection while it is sent.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, Final, TypeAlias

from app.db.repositories.collections.cases import CaseSummary
from app.documents.table_columns import Column, Kind, Row
from app.documents.table_csv import csv_head, csv_rows
from app.documents.table_xlsx import TableWorkbook
from app.domain.collections.work_list import CaseFilter, CaseSort, filter_document
from app.domain.public_ids import format_card_account_id, format_loan_id, format_user_id
from app.domain.rulebook.kinds import ProductKind
from app.services.collections.work_list import WorkList, cursor_values, list_cases
from app.services.unit_of_work import INDIA, UnitOfWork

#: Cases that are read at a time.
PART: Final = 2_000
COLUMNS: Final = (
    Column("facility"), Column("user_id"), Column("name"), Column("phone"), Column("product"),
    Column("days_past_due", Kind.NUMBER), Column("asset_class"), Column("overdue", Kind.PAISE),
    Column("overdue_now", Kind.PAISE), Column("oldest_due_on", Kind.DAY), Column("in_list_since", Kind.DAY),
    Column("officer"), Column("next_action"), Column("next_action_on", Kind.DAY), Column("promise"),
    Column("promised", Kind.PAISE), Column("promised_for", Kind.DAY), Column("contacted_at", Kind.INSTANT),
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
        heading = csv_head(COLUMNS)
        async for part in _parts(opener, wanted, sort=sort, form=form):
            # The heading goes with the first rows, so that what is refused is refused before anything is sent.
            yield heading + csv_rows(COLUMNS, part)
            heading = b""
        return
    book = TableWorkbook(COLUMNS, sheet="Work list")
    async for part in _parts(opener, wanted, sort=sort, form=form):
        # Writing thousands of cells takes longer than others should wait for the event loop.
        yield await asyncio.to_thread(book.add, part)
    yield book.end()


async def _parts(
    opener: Opener, wanted: CaseFilter, *, sort: CaseSort, form: CaseExportForm
) -> AsyncGenerator[Sequence[Row]]:
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


def _rows(found: WorkList) -> Iterator[Row]:
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
            case.overdue_paise,
            case.overdue_now_paise,
            case.oldest_due_on,
            case.opened_on,
            found.officer(case),
            None if case.next_action is None else case.next_action.value,
            case.next_action_on,
            None if case.promise is None else case.promise.value,
            case.promised_paise,
            case.promised_for,
            contacted,
        )


def facility_id(case: CaseSummary) -> str:
    """The public id of a case's loan or card account."""
    if case.kind is ProductKind.CARD:
        return format_card_account_id(case.facility_id)
    assert case.loan_year is not None, "a case of a loan has its loan"
    return format_loan_id(year=case.loan_year, number=case.facility_id)
