"""The journal, the transfers and the accounts as files that are made while they are sent.

Each day is read by a transaction of its own, and its rows leave before the next day is read: a month of a million
transfers takes no more memory than some thousand.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.db.repositories.accounting import journal as repository
from app.db.repositories.accounting.journal import BookedTransfer
from app.documents import tally
from app.documents.ledger_tables import JOURNAL_COLUMNS, TRANSFER_COLUMNS, journal_rows
from app.documents.table_columns import Column, Row
from app.documents.table_csv import csv_head, csv_rows
from app.documents.table_xlsx import TableWorkbook
from app.domain.accounting.chart import Book, Chart, LedgerAccount
from app.domain.accounting.journal import JournalDay
from app.domain.errors import Invalid
from app.domain.public_ids import format_card_account_id, format_loan_id
from app.services.accounting import reports
from app.services.accounting.chart import read_chart
from app.services.accounting.reports import OpenUnit


class ExportForm(StrEnum):
    """The form of a file."""

    CSV = "csv"
    XLSX = "xlsx"
    TALLY = "tally"


class ExportOf(StrEnum):
    """What a file holds."""

    JOURNAL = "journal"
    TRANSFERS = "transfers"
    ACCOUNTS = "accounts"


class ExportNotOffered(Invalid):
    """This is not offered in this form. Tally XML is for the journal and the accounts, and the accounts come only as
    Tally XML."""

    code = "export_not_offered"


OFFERED: Final = {
    (ExportOf.JOURNAL, ExportForm.CSV),
    (ExportOf.JOURNAL, ExportForm.XLSX),
    (ExportOf.JOURNAL, ExportForm.TALLY),
    (ExportOf.TRANSFERS, ExportForm.CSV),
    (ExportOf.TRANSFERS, ExportForm.XLSX),
    (ExportOf.ACCOUNTS, ExportForm.TALLY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is wanted: which days (both included), of what, in which form."""

    of: ExportOf
    form: ExportForm
    from_on: date
    to_on: date

    @property
    def file_name(self) -> str:
        """The name of the file."""
        ending = "xml" if self.form is ExportForm.TALLY else self.form.value
        days = "" if self.of is ExportOf.ACCOUNTS else f"-{self.from_on}-{self.to_on}"
        return f"{self.of}{days}.{ending}"


async def export(open_unit: OpenUnit, wanted: Export) -> AsyncGenerator[bytes]:
    """The file, part by part. The first part is empty and comes after the checks.

    Raises DaysInvalid, ExportNotOffered, and what opening a unit of work raises.
    """
    if (wanted.of, wanted.form) not in OFFERED:
        raise ExportNotOffered(f"{wanted.of} is not offered as {wanted.form}", field="format")
    async with open_unit() as uow:
        await reports.check_days(uow, wanted.from_on, wanted.to_on)
        chart = await read_chart(uow)
        details = {"of": wanted.of.value, "from": wanted.from_on.isoformat(), "to": wanted.to_on.isoformat()}
        await uow.record("books_exported", object_kind="books", object_id=wanted.form.value, details=details)
    if wanted.form is ExportForm.TALLY:
        parts = _tally(open_unit, wanted, chart)
    elif wanted.form is ExportForm.CSV:
        parts = _csv(open_unit, wanted, chart)
    else:
        parts = _workbook(open_unit, wanted, chart)
    # Nothing yet: the checks are made, so an answer can begin.
    yield b""
    async for part in parts:
        yield part


async def _tally(open_unit: OpenUnit, wanted: Export, chart: Chart) -> AsyncIterator[bytes]:
    if wanted.of is ExportOf.ACCOUNTS:
        yield "".join([tally.LEDGERS_HEAD, *tally.ledgers(chart), tally.TAIL]).encode()
        return
    yield tally.VOUCHERS_HEAD.encode()
    async for day in _journal(open_unit, wanted):
        yield tally.voucher(day, chart).encode()
    yield tally.TAIL.encode()


async def _csv(open_unit: OpenUnit, wanted: Export, chart: Chart) -> AsyncIterator[bytes]:
    columns = _columns(wanted)
    yield csv_head(columns)
    async for rows in _rows(open_unit, wanted, chart):
        yield csv_rows(columns, rows)


async def _workbook(open_unit: OpenUnit, wanted: Export, chart: Chart) -> AsyncIterator[bytes]:
    book = TableWorkbook(_columns(wanted), sheet=wanted.of.value.capitalize())
    async for rows in _rows(open_unit, wanted, chart):
        yield await asyncio.to_thread(book.add, rows)
    yield book.end()


def _columns(wanted: Export) -> Sequence[Column]:
    return JOURNAL_COLUMNS if wanted.of is ExportOf.JOURNAL else TRANSFER_COLUMNS


async def _rows(open_unit: OpenUnit, wanted: Export, chart: Chart) -> AsyncIterator[Sequence[Row]]:
    if wanted.of is ExportOf.JOURNAL:
        async for booked in _journal(open_unit, wanted):
            yield journal_rows(booked, chart)
        return
    for day in reports.days_of(wanted.from_on, wanted.to_on):
        async with open_unit() as uow:
            await uow.business_date()  # SQLAlchemy runs the first statement of a transaction.
            for book in Book:
                async for rows in repository.stream_day(uow.session, book, on=day):
                    yield [_row(each, chart) for each in rows]


async def _journal(open_unit: OpenUnit, wanted: Export) -> AsyncIterator[JournalDay]:
    for day in reports.days_of(wanted.from_on, wanted.to_on):
        async with open_unit() as uow:
            lines = await reports.read_day(uow, day)
        if lines:
            yield JournalDay(day, lines)


def _row(each: BookedTransfer, chart: Chart) -> Row:
    debit, credit = (chart[LedgerAccount(each.book, account)] for account in (each.debit, each.credit))
    return (
        each.booked_on, each.value_date, each.book.value, owner_id(each), each.place.number, each.product, each.kind,
        debit.code, debit.name, credit.code, credit.name, each.paise, each.paise,
    )  # fmt: skip


def owner_id(each: BookedTransfer) -> str:
    """The public id of the loan or card account of a transfer."""
    if each.book is Book.CARDS:
        return format_card_account_id(each.place.owner)
    if each.opened_on is None:
        return str(each.place.owner)
    return format_loan_id(year=each.opened_on.year, number=each.place.owner)
